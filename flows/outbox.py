"""What is told about a document: the JSON of ``doctally extract --json`` with its identity."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from db.deliveries import Message
from doctally.results import Result, State
from flows.batch import Batch, Item

TOLD = frozenset({State.ACCEPTED, State.CONFIRMED})
"""The states that other systems hear of."""


def prepare(batch: Batch, *, now: datetime) -> None:
    """Give each document that ended well its message; storing puts both into one transaction."""
    for item in batch.alive:
        item.message = message_of(item, now=now)


def message_of(item: Item, *, now: datetime) -> Message | None:
    """Return the message about a document that has just ended well, None for any other."""
    if item.outcome not in TOLD or item.extraction is None:
        return None
    metadata = item.reading.metadata if item.reading is not None else {}
    result = Result(item.job.name, item.extraction, item.findings, item.outcome, metadata)
    job = item.job
    return told(result, document_id=job.document_id, sha256=job.sha256, tags=job.tags, now=now)


def told(
    result: Result, *, document_id: int, sha256: str | None, tags: Sequence[str], now: datetime
) -> Message:
    """Return the message about a document's outcome."""
    event = f"document.{result.outcome}"
    body = {
        "type": event,
        "timestamp": now.astimezone(UTC).isoformat(timespec="milliseconds"),
        "data": {
            "document_id": document_id,
            "sha256": sha256,
            "tags": list(tags),
            **result.as_json(),
        },
    }
    return Message(event, json.dumps(body, ensure_ascii=False, separators=(",", ":")))

"""Carrier events: lines of text with their canonical status, as examples and as questions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doctally.errors import ConfigurationError
from doctally.pages import Reading
from doctally.schemas import ShipmentState
from doctally.values import infer_locale
from extractors.plain import pages_of_text
from models.documents import held_out
from models.examples import Example
from models.windows import encode_reading


@dataclass(frozen=True, slots=True)
class Event:
    """What a carrier said, and the canonical status where it is known."""

    text: str
    carrier: str
    status: str | None


def events(path: Path) -> list[Event]:
    """Return the events of a JSONL file.

    Raises ConfigurationError naming the line that has no text or no canonical status.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row: Mapping[str, Any] = json.loads(line)
            status = ShipmentState(row["status"])
            found.append(Event(str(row["text"]), str(row.get("carrier") or ""), str(status)))
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"{path}, line {number}: {error!r}") from error
    return found


def event_files(folders: Sequence[Path]) -> list[Path]:
    """Return the files of carrier events in the folders or one level below them."""
    return [
        path
        for folder in folders
        for path in sorted(folder.glob("events.jsonl")) or sorted(folder.glob("*/events.jsonl"))
    ]


def split_carriers(found: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Return (training, held-out) events; the held-out carriers stand in models/splits."""
    apart = held_out("status")
    return (
        [e for e in found if e.carrier not in apart],
        [e for e in found if e.carrier in apart],
    )


def as_reading(text: str) -> Reading:
    """Return a text as the reading of a one-page document."""
    pages, _ = pages_of_text(text or " ", max_pages=1)
    return Reading("text/plain", tuple(pages))


def as_example(event: Event, tokenizer: Any) -> Example:
    """Return an event as a training example of the task ``status``."""
    reading = as_reading(event.text)
    encoded = tuple(encode_reading(reading, tokenizer, infer_locale(event.text)))
    return Example(encoded, (), "status", None, status=event.status)

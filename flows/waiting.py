"""The review queue as Prefect sees it: links to it, and a notice when it has grown too long."""

from __future__ import annotations

from collections.abc import Sequence

from prefect.events import emit_event

from db import documents
from db.database import Database
from doctally.results import State
from doctally.settings import Settings
from flows.artifacts import plain
from flows.batch import Row
from flows.notices import Notice

EVENT = "doctally.review-queue.long"
NAME = "doctally: the review queue is long"
RESOURCE = "doctally.review-queue"
MOST_LINKS = 20


def links(rows: Sequence[Row], address: str) -> str:
    """Return Markdown that leads from a run to its documents on the review page."""
    waiting = [row for row in rows if row.state == State.REVIEW and row.document_id is not None]
    if not waiting or not address:
        return ""
    shown = [
        f"- [{plain(row.file)}]({address}/documents/{row.document_id})"
        for row in waiting[:MOST_LINKS]
    ]
    rest = len(waiting) - len(shown)
    more = [f"- [{rest} more]({address}/)"] if rest > 0 else []
    return "\n\nTo be reviewed:\n\n" + "\n".join((*shown, *more))


def tell_if_long(database: Database, settings: Settings, *, added: int) -> bool:
    """Return whether the queue has just passed its limit, after telling Prefect's events.

    ``added`` is how many documents the last batch put into it: told is the passing only, so that
    nobody is notified again with each document.
    """
    limit = settings.review_limit
    if not limit or not added:
        return False
    waiting = documents.counts(database).get(State.REVIEW, 0)
    if not waiting - added <= limit < waiting:
        return False
    emit_event(
        event=EVENT,
        resource={"prefect.resource.id": RESOURCE, "prefect.resource.name": "review queue"},
        payload={"waiting": waiting, "limit": limit, "page": settings.review_address},
    )
    return True


def notice(settings: Settings) -> Notice:
    """Return what is told of a long queue."""
    return Notice(
        NAME,
        EVENT,
        RESOURCE,
        subject=f"More than {settings.review_limit} documents wait for a person",
        body="{{ event.payload.waiting }} documents wait: {{ event.payload.page }}",
        wanted=bool(settings.review_limit),
    )

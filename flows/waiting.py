"""The review queue as Prefect sees it: links to it, and a notice when it has grown too long."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from prefect.client.orchestration import PrefectClient
from prefect.events import emit_event
from prefect.events.actions import DoNothing, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectNotFound

from db import documents
from db.database import Database
from doctally.results import State
from doctally.settings import Settings
from flows.artifacts import plain
from flows.batch import Row

EVENT = "doctally.review-queue.long"
NAME = "doctally: the review queue is long"
RESOURCE = "doctally.review-queue"
MOST_LINKS = 20

log = logging.getLogger("doctally.up")


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


async def ensure_notice(client: PrefectClient, settings: Settings) -> None:
    """Make the automation that notifies, or make it anew if it was made for other settings.

    With ``notify_block`` it sends through that notification block ("slack-webhook/office"),
    without one, or if the server has none of that name, the event is only seen among the
    server's events.
    """
    action: DoNothing | SendNotification = DoNothing()
    told = f"More than {settings.review_limit} documents wait for a person"
    if settings.notify_block:
        kind, _, name = settings.notify_block.partition("/")
        body = "{{ event.payload.waiting }} documents wait: {{ event.payload.page }}"
        try:
            block = await client.read_block_document_by_name(name, kind)
            action = SendNotification(block_document_id=block.id, subject=told, body=body)
        except ObjectNotFound:
            log.warning("Prefect has no block %s; make it, then start again", settings.notify_block)
    wanted = AutomationCore(
        name=NAME,
        description=f"{told}: {settings.notify_block or 'nobody is told'}, {action.type}",
        trigger=EventTrigger(
            expect={EVENT},
            match={"prefect.resource.id": RESOURCE},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[action],
    )
    for known in await client.read_automations_by_name(NAME):
        if known.description == wanted.description:
            return
        await client.delete_automation(known.id)
    if settings.review_limit:
        await client.create_automation(wanted)

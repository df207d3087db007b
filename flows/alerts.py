"""Shipments in trouble as Prefect sees them: a table, and one event each time the list changes.

Whoever wants e-mail, chat or a webhook makes an automation on the event ``doctally.shipments``
(docs/shipments.md); with the setting ``notify_block`` doctally makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.events import emit_event
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectNotFound

from db import alerts as stored
from db.database import Database
from doctally.settings import Settings
from doctally.shipments import Shipment
from flows.artifacts import plain

EVENT = "doctally.shipments.alert"
RESOURCE = "doctally.shipments"
NAME = "doctally: shipments overdue or in trouble"
MOST_TOLD = 20

Alerts = Sequence[tuple[Shipment, tuple[str, ...]]]


def alert_rows(found: Alerts) -> list[dict[str, str]]:
    """Return the cells of the table of alerts, outsiders' text made harmless."""
    return [
        {
            "shipment": plain(one.number),
            "carrier": plain(one.carrier),
            "why": ", ".join(alerts),
            "state": plain(" ".join(filter(None, (str(one.state or ""), one.reason)))),
            "expected": one.expected.isoformat() if one.expected else "",
            "last heard of": one.since.strftime("%Y-%m-%d %H:%M") if one.since else "",
            "where": plain(one.place),
            "orders": plain(", ".join(one.orders)),
            "invoices": ", ".join(map(str, one.invoices)),
        }
        for one, alerts in found
    ]


def tell_alerts(found: Alerts, database: Database, *, now: datetime) -> bool:
    """Return whether there are alerts not told before, after telling Prefect.

    What was told is kept in the database, after it was told: a crash between tells it once more,
    a restart does not.
    """
    holding = frozenset((one.number, alert) for one, alerts in found for alert in alerts)
    before = stored.told(database)
    if new := holding - before:
        lines = [f"{number}: {alert}" for number, alert in sorted(new)[:MOST_TOLD]]
        emit_event(
            event=EVENT,
            resource={"prefect.resource.id": RESOURCE, "prefect.resource.name": "shipments"},
            payload={"count": len(new), "alerts": "; ".join(lines)},
        )
    if holding != before:
        stored.keep(database, before, holding, at=now)
    return bool(new)


def automation(block_id: UUID) -> AutomationCore:
    """Return the automation that sends the alerts through a notification block."""
    body = "{{ event.payload.count }} new: {{ event.payload.alerts }}"
    return AutomationCore(
        name=NAME,
        description="Shipments that are overdue, silent, in trouble or contradictory",
        trigger=EventTrigger(
            expect={EVENT},
            match={"prefect.resource.id": RESOURCE},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[SendNotification(block_document_id=block_id, subject=NAME, body=body)],
    )


async def ensure_alerts(client: PrefectClient, settings: Settings) -> bool:
    """Return whether the automation was made; without a ``notify_block`` there is none."""
    kind, _, name = settings.notify_block.partition("/")
    for known in await client.read_automations_by_name(NAME):
        await client.delete_automation(known.id)
    if not name:
        return False
    try:
        block = await client.read_block_document_by_name(name, kind)
    except ObjectNotFound:
        return False
    await client.create_automation(automation(block.id))
    return True

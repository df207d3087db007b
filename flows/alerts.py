"""Shipments in trouble as Prefect sees them: a table, and one event each time the list changes.

Whoever wants e-mail, chat or a webhook makes an automation on this event (docs/shipments.md); with
the setting ``notify_block`` doctally makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from prefect.events import emit_event

from db import alerts as stored
from db.database import Database
from doctally.shipments import Shipment
from flows.artifacts import linked, plain
from flows.notices import Notice

EVENT = "doctally.shipments.alert"
RESOURCE = "doctally.shipments"
NAME = "doctally: shipments overdue or in trouble"
MOST_TOLD = 20
NOTICE = Notice(
    NAME,
    EVENT,
    RESOURCE,
    subject=NAME,
    body="{{ event.payload.count }} new: {{ event.payload.alerts }}",
)

Alerts = Sequence[tuple[Shipment, tuple[str, ...]]]


def alert_rows(found: Alerts, page: str = "") -> list[dict[str, str]]:
    """Return the cells of the table of alerts, outsiders' text made harmless.

    ``page`` is the review page's address, to which the invoices lead.
    """
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
            "invoices": ", ".join(linked(number, page) for number in one.invoices),
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
        lines = [f"{plain(number)}: {alert}" for number, alert in sorted(new)[:MOST_TOLD]]
        emit_event(
            event=EVENT,
            resource={"prefect.resource.id": RESOURCE, "prefect.resource.name": "shipments"},
            payload={"count": len(new), "alerts": "; ".join(lines)},
        )
    if holding != before:
        stored.keep(database, before, holding, at=now)
    return bool(new)

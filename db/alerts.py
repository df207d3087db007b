"""Which alerts about shipments were told before."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from sqlalchemy import delete, insert, select, tuple_

from db.database import Database
from db.tables import AlertRow

Alert = tuple[str, str]
"""A shipment's number and what is the matter with it."""


def told(database: Database) -> frozenset[Alert]:
    """Return the alerts that were told and not taken back since."""
    with database.read() as session:
        rows = session.execute(select(AlertRow.shipment, AlertRow.alert))
        return frozenset((row.shipment, row.alert) for row in rows)


def keep(database: Database, before: Set[Alert], now: Set[Alert], *, at: datetime) -> None:
    """Remember what holds now instead of what held before."""
    over, new = sorted(before - now), sorted(now - before)
    with database.write() as session:
        for first in range(0, len(over), 200):
            place = tuple_(AlertRow.shipment, AlertRow.alert)
            session.execute(delete(AlertRow).where(place.in_(over[first : first + 200])))
        if new:
            rows = [{"shipment": one, "alert": alert, "told_at": at} for one, alert in new]
            session.execute(insert(AlertRow), rows)

"""The documents that people have confirmed, for learning."""

from __future__ import annotations

from sqlalchemy import select

from db.database import Database
from db.tables import DocumentRow
from doctally.results import State


def confirmed(database: Database, *, limit: int) -> list[int]:
    """Return the ids of the latest confirmed documents, oldest first, at most ``limit``."""
    found = select(DocumentRow.id).where(DocumentRow.state == State.CONFIRMED)
    latest = found.order_by(DocumentRow.updated_at.desc(), DocumentRow.id.desc()).limit(limit)
    with database.read() as session:
        return sorted(session.scalars(latest))

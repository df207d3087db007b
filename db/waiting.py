"""What waits for people, in two figures, and what read the latest document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from db.database import Database
from db.tables import DocumentRow
from doctally.results import State


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many documents are in review, and when the one that waits longest came there."""

    length: int
    oldest: datetime | None


def waiting(database: Database) -> Waiting:
    """Return the length and age of the queue."""
    counted = select(func.count(DocumentRow.id), func.min(DocumentRow.updated_at))
    with database.read() as session:
        row = session.execute(counted.where(DocumentRow.state == State.REVIEW)).one()
        return Waiting(row[0], row[1])


def model_version(database: Database) -> str:
    """Return the bank version that read the latest document, empty before the first."""
    latest = (
        select(DocumentRow.model_version)
        .where(DocumentRow.model_version != "")
        .order_by(DocumentRow.updated_at.desc())
    )
    with database.read() as session:
        return session.scalar(latest.limit(1)) or ""

"""What may be forgotten after a while: failures, twins and delivered messages, never values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from db.database import Database
from db.deliveries import delivered_before, forget_delivered
from db.tables import ArrivalRow, DocumentRow
from doctally.results import State


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed document; ``location`` is relative to the home folder."""

    document_id: int
    name: str
    location: str


@dataclass(frozen=True, slots=True)
class Old:
    """What is from before a day and may go.

    ``arrivals`` counts notes of further files, ``messages`` what was delivered.
    """

    failures: tuple[Failure, ...]
    arrivals: int
    messages: int

    @property
    def nothing(self) -> bool:
        """Tell whether there is nothing to remove."""
        return not (self.failures or self.arrivals or self.messages)


def older(database: Database, *, before: datetime) -> Old:
    """Return what ``purge_older`` would remove."""
    chosen = select(DocumentRow.id, DocumentRow.name, DocumentRow.location)
    failed = chosen.where(DocumentRow.state == State.FAILED, DocumentRow.updated_at < before)
    arrived = select(func.count()).where(ArrivalRow.arrived_at < before)
    with database.read() as session:
        rows = session.execute(failed.order_by(DocumentRow.id))
        failures = tuple(Failure(*row) for row in rows)
        messages = delivered_before(session, before=before)
        return Old(failures, session.scalar(arrived) or 0, messages)


def purge_older(database: Database, *, before: datetime) -> int:
    """Return how many failed documents, arrivals and messages from before then were removed."""
    failed = (DocumentRow.state == State.FAILED, DocumentRow.updated_at < before)
    with database.write() as session:
        old = delete(ArrivalRow).where(ArrivalRow.arrived_at < before).returning(ArrivalRow.id)
        arrivals = session.scalars(old).all()
        gone = session.scalars(delete(DocumentRow).where(*failed).returning(DocumentRow.id)).all()
        return len(arrivals) + len(gone) + forget_delivered(session, before=before)

"""Which ended documents have been kept as long as the policy wants, and letting them go.

The policy says how many days after its end a document of a type is kept; a type it does not name is
kept for ever, and so is what waits for a person. Papers that belong together, an order with its
deliveries and bills, go together: none before the time of all of them is over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, false, or_, select, text
from sqlalchemy.orm import Session

from db.audit import write
from db.cases import linked
from db.database import Database
from db.tables import DeliveryRow, DeliveryState, DocumentRow, MatchLinkRow
from doctally.results import State

UNPACKED = "unpacked"
"""What the policy calls a file that only held others, which has no type."""


@dataclass(frozen=True, slots=True)
class Expired:
    """A document whose time is over; ``location`` is relative to the home folder."""

    document_id: int
    name: str
    document_type: str
    location: str


def expired(
    database: Database,
    policy: Mapping[str, int],
    *,
    now: datetime,
    after: int = 0,
    limit: int = 1000,
) -> list[Expired]:
    """Return documents that the policy no longer keeps, the oldest first, ``after`` a number."""
    over = _over(policy, now)
    waiting = select(DeliveryRow.document_id).where(DeliveryRow.state == DeliveryState.WAITING)
    chosen = select(
        DocumentRow.id, DocumentRow.name, DocumentRow.document_type, DocumentRow.location
    ).where(over, DocumentRow.id.not_in(waiting))
    found: list[Expired] = []
    last = after
    with database.read() as session:
        while len(found) < limit:
            page = chosen.where(DocumentRow.id > last).order_by(DocumentRow.id).limit(limit)
            rows = session.execute(page).all()
            if not rows:
                break
            last = rows[-1].id
            held = _held(session, [row.id for row in rows], over)
            found += [
                Expired(row.id, row.name, str(row.document_type or UNPACKED), row.location)
                for row in rows
                if row.id not in held
            ]
    return found[:limit]


def forget(database: Database, gone: Collection[Expired], *, now: datetime) -> int:
    """Remove the documents with all that was read in them; return how many.

    What people did to them stays in the audit trail, and that they were removed.
    """
    numbers = [one.document_id for one in gone]
    with database.write() as session:
        if database.dialect == "sqlite":
            session.execute(text("PRAGMA secure_delete = ON"))  # overwrites what it frees
        removed = delete(DocumentRow).where(DocumentRow.id.in_(numbers)).returning(DocumentRow.id)
        done = set(session.scalars(removed))
        for one in gone:
            if one.document_id in done:
                kept = f"{one.document_type}, kept as long as the policy wants"
                write(session, who="doctally", action="purged", document_id=one.document_id,
                      new=kept, now=now)  # fmt: skip
    return len(done)


def _over(policy: Mapping[str, int], now: datetime) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    for kind, days in policy.items():
        ended = DocumentRow.finished_at < now - timedelta(days=days)
        if kind == UNPACKED:
            parts.append(and_(DocumentRow.state == State.UNPACKED, ended))
        else:
            closed = DocumentRow.state.in_((State.ACCEPTED, State.CONFIRMED))
            parts.append(and_(closed, DocumentRow.document_type == kind, ended))
    return or_(*parts) if parts else false()


def _held(session: Session, numbers: list[int], over: ColumnElement[bool]) -> set[int]:
    """Return those that belong to papers whose time is not over."""
    links = select(MatchLinkRow.document_id, MatchLinkRow.order_id).where(
        MatchLinkRow.document_id.in_(numbers) | MatchLinkRow.order_id.in_(numbers)
    )
    related = {number for row in session.execute(links) for number in row} & set(numbers)
    held: set[int] = set()
    for number in related:
        together = linked(session, {number})
        free = session.scalars(select(DocumentRow.id).where(DocumentRow.id.in_(together), over))
        if together - set(free):
            held.add(number)
    return held

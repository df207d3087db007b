"""How long a worker holds a document, and who takes it over from a dead one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from db.columns import tags_of
from db.database import Database
from db.history import note, taken
from db.life import WORKING
from db.tables import DocumentRow
from doctally.results import State


@dataclass(frozen=True, slots=True)
class Pending:
    """A document to work on again; ``location`` is relative to the home folder."""

    document_id: int
    public_id: str
    sha256: str | None
    name: str
    tags: tuple[str, ...]
    location: str
    attempts: int
    parent_id: int | None = None
    pages: tuple[int, int] | None = None


def pending(row: DocumentRow) -> Pending:
    """Return what the worker needs to know of a document."""
    return Pending(
        document_id=row.id,
        public_id=row.public_id,
        sha256=row.sha256,
        name=row.name,
        tags=tags_of(row.tags),
        location=row.location,
        attempts=row.attempts,
        parent_id=row.parent_id,
        pages=pages_in_parent(row),
    )


def pages_in_parent(row: DocumentRow) -> tuple[int, int] | None:
    """Return the first and last page the document had in its parent, if it was pages of it."""
    if row.first_page is None or row.last_page is None:
        return None
    return row.first_page, row.last_page


def take_over(row: DocumentRow, *, owner: str, now: datetime, until: datetime) -> dict[str, Any]:
    """Make the owner start the document over; return the step for its history."""
    step = taken(row.id, row.state, State.CLAIMED, at=now, owner=owner, reason_code="resumed")
    row.state, row.reason_code, row.reason, row.finished_at = State.CLAIMED, "", "", None
    row.owner, row.lease_until, row.updated_at = owner, until, now
    row.attempts += 1
    return step


def unfinished(
    database: Database,
    *,
    owner: str,
    now: datetime,
    lease_s: float,
    mine: bool = False,
    left: Collection[str] = (),
    limit: int = 1000,
) -> list[Pending]:
    """Return the documents in work whose lease is over, now claimed by ``owner``, oldest first.

    ``mine`` adds those that ``owner`` itself holds: for a worker that starts again; ``left`` are
    further owners that surely do not run.
    """
    over = or_(DocumentRow.lease_until.is_(None), DocumentRow.lease_until <= now)
    whose = or_(over, DocumentRow.owner.in_([owner, *left])) if mine else over
    found = select(DocumentRow).where(DocumentRow.state.in_(WORKING), whose)
    until = now + timedelta(seconds=lease_s)
    with database.write() as session:
        ordered = found.order_by(DocumentRow.id).limit(limit).with_for_update(skip_locked=True)
        rows = list(session.scalars(ordered))
        note(session, [take_over(row, owner=owner, now=now, until=until) for row in rows])
        return [pending(row) for row in rows]


def renew(
    database: Database, document_ids: Iterable[int], *, owner: str, now: datetime, lease_s: float
) -> frozenset[int]:
    """Return the documents that ``owner`` still holds, for ``lease_s`` seconds from now."""
    held = select(DocumentRow).where(
        DocumentRow.id.in_(list(document_ids)),
        DocumentRow.owner == owner,
        DocumentRow.state.in_(WORKING),
    )
    with database.write() as session:
        rows = list(session.scalars(held.order_by(DocumentRow.id).with_for_update()))
        for row in rows:
            row.lease_until = now + timedelta(seconds=lease_s)
        return frozenset(row.id for row in rows)

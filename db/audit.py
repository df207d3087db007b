"""The trail of what people changed: written with the change, never altered (triggers see to it)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import Database
from db.tables import AuditRow


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: who did what when; ``old`` and ``new`` are None where there was no value."""

    entry_id: int
    at: datetime
    who: str
    action: str
    document_id: int | None
    field: str | None
    old: str | None
    new: str | None


def write(
    session: Session,
    *,
    who: str,
    action: str,
    document_id: int | None = None,
    field: str | None = None,
    old: str | None = None,
    new: str | None = None,
    now: datetime,
) -> None:
    """Add one change to the trail, in the caller's transaction."""
    session.add(
        AuditRow(
            at=now, who=who, action=action, document_id=document_id, field=field, old=old, new=new
        )
    )


def trail(
    database: Database,
    document_id: int | None = None,
    *,
    limit: int = 500,
    before: int | None = None,
) -> list[Entry]:
    """Return the latest changes of a document, or of all, newest first.

    ``before`` is the ``entry_id`` of the last one seen: what follows it.
    """
    found = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if document_id is not None:
        found = found.where(AuditRow.document_id == document_id)
    if before is not None:
        found = found.where(AuditRow.id < before)
    with database.read() as session:
        return [
            Entry(r.id, r.at, r.who, r.action, r.document_id, r.field, r.old, r.new)
            for r in session.scalars(found)
        ]

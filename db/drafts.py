"""What people have typed and not yet confirmed, kept from one key to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db import holds
from db.database import Database
from db.tables import DraftRow


@dataclass(frozen=True, slots=True)
class Draft:
    """Unconfirmed edits of one document, as JSON; whose and when."""

    who: str
    body: Mapping[str, Any]
    saved_at: datetime


def save(
    database: Database,
    document_id: int,
    body: Mapping[str, Any],
    *,
    who: str,
    holder: str | None,
    now: datetime,
) -> None:
    """Keep the draft in place of an earlier one; raises HeldByAnother."""
    with database.write() as session:
        holds.check(session, document_id, holder=holder, now=now)
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        given = {"who": who, "body": dict(body), "saved_at": now}
        wanted = dialect.insert(DraftRow).values(document_id=document_id, **given)
        session.execute(wanted.on_conflict_do_update(index_elements=["document_id"], set_=given))


def draft(database: Database, document_id: int) -> Draft | None:
    """Return what was typed and not confirmed, None if nothing was."""
    with database.read() as session:
        row = session.get(DraftRow, document_id)
        return Draft(row.who, row.body, row.saved_at) if row else None


def forget(session: Session, document_id: int) -> None:
    """Remove the draft, in the caller's transaction."""
    session.execute(delete(DraftRow).where(DraftRow.document_id == document_id))

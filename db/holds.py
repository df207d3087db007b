"""Who has which document open: a hold that ends by itself when its browser falls silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.database import Database
from db.tables import HoldRow
from doctally.errors import DoctallyError


@dataclass(frozen=True, slots=True)
class Hold:
    """A document is ``who``'s to edit until then; ``mine`` says whether the asker is the holder."""

    document_id: int
    who: str
    until: datetime
    mine: bool


class HeldByAnother(DoctallyError):
    """Somebody else has the document open."""

    code = "held"


def take(
    database: Database, document_id: int, *, holder: str, who: str, now: datetime, lease_s: float
) -> Hold:
    """Return the hold on a document, the asker's own for ``lease_s`` seconds if it was free.

    ``holder`` (64 characters at most) is one browser's session; taking again renews. One
    statement decides, so that of two who ask at once exactly one gets it.
    """
    until = now + timedelta(seconds=lease_s)
    given = {"document_id": document_id, "holder": holder, "who": who, "until": until}
    with database.write() as session:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        wanted = dialect.insert(HoldRow).values(given)
        free = (HoldRow.holder == holder) | (HoldRow.until <= now)
        session.execute(
            wanted.on_conflict_do_update(
                index_elements=["document_id"],
                set_={"holder": holder, "who": who, "until": until},
                where=free,
            )
        )
        row = session.get_one(HoldRow, document_id)
        return Hold(document_id, row.who, row.until, row.holder == holder)


def give_up(database: Database, document_id: int, *, holder: str) -> bool:
    """Return whether the holder's hold was there and is gone now."""
    mine = (HoldRow.document_id == document_id, HoldRow.holder == holder)
    with database.write() as session:
        gone = session.scalar(delete(HoldRow).where(*mine).returning(HoldRow.document_id))
        return gone is not None


def free(database: Database, document_id: int, *, holder: str, now: datetime) -> bool:
    """Tell whether nobody but the holder has the document open."""
    try:
        with database.read() as session:
            check(session, document_id, holder=holder, now=now)
    except HeldByAnother:
        return False
    return True


def check(session: Session, document_id: int, *, holder: str | None, now: datetime) -> None:
    """Raise HeldByAnother if anybody but ``holder`` has the document open."""
    row = session.scalar(select(HoldRow).where(HoldRow.document_id == document_id))
    if row is not None and row.until > now and row.holder != holder:
        until = f"{row.until:%H:%M} UTC"
        raise HeldByAnother(f"{row.who} has this document open until {until}", code="held")

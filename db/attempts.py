"""Attempts to log in, counted so that nobody can try passwords one after the other.

An attempt is noted before its password is looked at, so that many at once count as well, and
struck out when it was right.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, text

from db import audit
from db.database import Database
from db.tables import AttemptRow, UserRow
from doctally.errors import AccessDenied

WINDOW = timedelta(minutes=15)
SAME_PLACE = 5
"""Failed attempts for one name from one address: somebody who mistypes, or guesses."""
SAME_ADDRESS = 20
"""Failed attempts from one address: somebody who tries many names."""
SAME_NAME = 100
"""Failed attempts for one name from anywhere: more would be a guess of many machines."""
LONGEST = 64


class TooManyAttempts(AccessDenied):
    """Wait before the next attempt; ``wait_s`` says how long."""

    code = "too_many_attempts"

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many attempts to log in; try again in {-(-wait_s // 60)} minutes")
        self.wait_s = wait_s


def begin(database: Database, name: str, *, address: str, now: datetime) -> int:
    """Return the number of an attempt that may be made; raises TooManyAttempts."""
    name, address = name[:LONGEST], address[:LONGEST]
    by_name, by_address = AttemptRow.name == name, AttemptRow.address == address
    with database.write() as session:
        if database.dialect == "postgresql":  # one after the other, as SQLite's writers are
            session.execute(text("LOCK TABLE attempts IN EXCLUSIVE MODE"))
        session.execute(delete(AttemptRow).where(AttemptRow.at <= now - WINDOW))
        limits: tuple[tuple[ColumnElement[bool], int], ...] = (
            (by_name & by_address, SAME_PLACE),
            (by_address, SAME_ADDRESS),
            (by_name, SAME_NAME),
        )
        for which, most in limits:
            latest = select(AttemptRow.at).where(which).order_by(AttemptRow.at.desc())
            oldest = session.scalar(latest.offset(most - 1).limit(1))
            if oldest is not None:
                raise TooManyAttempts(max(1, int((oldest + WINDOW - now).total_seconds())))
        row = AttemptRow(name=name, address=address, at=now)
        session.add(row)
        session.flush()
        return row.id


def failed(database: Database, name: str, *, address: str, now: datetime) -> None:
    """Note in the audit trail that a known user's log-in failed; other names are not kept.

    What stands in the field of an unknown name may be a password typed in the wrong place.
    """
    with database.write() as session:
        known = session.scalar(select(UserRow.name).where(UserRow.name == name))
        audit.write(
            session,
            who=known or "unknown",
            action="log_in_failed",
            field="address",
            new=address[:LONGEST],
            now=now,
        )


def succeeded(database: Database, name: str, *, address: str) -> None:
    """Strike out the attempts for this name from this address: it was its owner."""
    mine = (AttemptRow.name == name[:LONGEST], AttemptRow.address == address[:LONGEST])
    with database.write() as session:
        session.execute(delete(AttemptRow).where(*mine))

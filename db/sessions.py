"""Browsers that have logged in: who they are until when. The cookie's secret is never stored."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from db import audit
from db.database import Database
from db.secrets import digest, fresh
from db.tables import SessionRow, UserRow
from db.users import named
from doctally.people import Identity

LONGEST = timedelta(hours=12)
"""A session ends then, however busy it is: a working day."""
IDLE = timedelta(hours=2)
"""A session of which nothing is heard for so long has ended."""
NOTED = timedelta(minutes=1)
"""How exactly the last sign of life is kept: not each request is a write."""


def begin(database: Database, name: str, *, address: str, now: datetime) -> str:
    """Return the secret for the cookie of a user who has just shown the right password.

    Sessions that have ended are forgotten on the way. Raises ConfigurationError (no_such_user).
    """
    secret = fresh()
    with database.write() as session:
        session.execute(
            delete(SessionRow).where(
                (SessionRow.expires_at <= now) | (SessionRow.seen_at <= now - IDLE)
            )
        )
        row = SessionRow(
            digest=digest(secret),
            user_id=named(session, name).id,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
        )
        session.add(row)
        audit.write(session, who=name, action="log_in", field="address", new=address, now=now)
    return secret


def identity(database: Database, secret: str, *, now: datetime) -> Identity | None:
    """Return who holds the secret, with today's role; None once it has ended."""
    key = digest(secret)
    found = (
        select(UserRow.name, UserRow.role, SessionRow.seen_at)
        .join(SessionRow, SessionRow.user_id == UserRow.id)
        .where(SessionRow.digest == key, UserRow.disabled_at.is_(None))
        .where(SessionRow.expires_at > now, SessionRow.seen_at > now - IDLE)
    )
    with database.read() as session:
        row = session.execute(found).first()
    if row is None:
        return None
    if now - row.seen_at > NOTED:
        with database.write() as session:
            alive = update(SessionRow).where(SessionRow.digest == key)
            session.execute(alive.values(seen_at=now))
    return Identity(row.name, row.role, "session")


def end(database: Database, secret: str, *, now: datetime) -> None:
    """Forget the session; a secret of none is no error."""
    gone = delete(SessionRow).where(SessionRow.digest == digest(secret))
    with database.write() as session:
        user_id = session.scalar(gone.returning(SessionRow.user_id))
        name = session.scalar(select(UserRow.name).where(UserRow.id == user_id))
        if name is not None:
            audit.write(session, who=name, action="log_out", now=now)

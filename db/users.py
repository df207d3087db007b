"""Users and their roles; every change is in the audit trail (``db.audit``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import audit
from db.database import Database
from db.tables import SessionRow, TokenRow, UserRow
from doctally.errors import ConfigurationError
from doctally.people import Role


@dataclass(frozen=True, slots=True)
class User:
    """A user; ``has_password`` is false for one that only uses tokens."""

    user_id: int
    name: str
    role: Role
    active: bool
    has_password: bool
    created_at: datetime
    seen_at: datetime | None = None


def add(
    database: Database,
    name: str,
    *,
    role: Role,
    password_hash: str | None,
    who: str,
    now: datetime,
) -> User:
    """Return the new user; the first one has to be an administrator who can log in.

    Raises ConfigurationError: user_exists, first_user.
    """
    row = UserRow(
        name=name,
        role=role,
        password_hash=password_hash,
        created_at=now,
        password_at=now if password_hash else None,
    )
    try:
        with database.write() as session:
            session.add(row)
            session.flush()
            if not _admins(session):
                message = "the first user has to be an administrator with a password"
                raise ConfigurationError(message, code="first_user")
            audit.write(session, who=who, action="user_added", field=name, new=str(role), now=now)
    except IntegrityError as error:
        message = f"there is a user {name} already"
        raise ConfigurationError(message, code="user_exists") from error
    return _user(row)


def users(database: Database) -> list[User]:
    """Return all users by name, disabled ones too, with when they were last seen."""
    seen = (
        select(SessionRow.user_id, func.max(SessionRow.seen_at).label("at"))
        .group_by(SessionRow.user_id)
        .subquery()
    )
    found = (
        select(UserRow, seen.c.at)
        .outerjoin(seen, seen.c.user_id == UserRow.id)
        .order_by(UserRow.name)
    )
    with database.read() as session:
        return [_user(row, at) for row, at in session.execute(found)]


def user(database: Database, name: str) -> User:
    """Return a user; ConfigurationError (no_such_user) if there is none."""
    with database.read() as session:
        return _user(named(session, name))


def password_hash(database: Database, name: str) -> str | None:
    """Return the hash of an active user's password, None if there is nobody or none."""
    kept = select(UserRow.password_hash)
    with database.read() as session:
        return session.scalar(kept.where(UserRow.name == name, UserRow.disabled_at.is_(None)))


def log_in_needed(database: Database) -> bool:
    """Tell whether there is an administrator who can log in, so that everybody has to."""
    with database.read() as session:
        return _admins(session) > 0


def set_role(database: Database, name: str, role: Role, *, who: str, now: datetime) -> None:
    """Give a user another role; refuses to take the last administrator's."""
    with database.write() as session:
        row = named(session, name)
        if row.role is role:
            return
        audit.write(
            session,
            who=who,
            action="role_changed",
            field=name,
            old=str(row.role),
            new=str(role),
            now=now,
        )
        was_admin, row.role = row.role is Role.ADMIN, role
        _keep_an_admin(session, was_admin=was_admin)


def set_password(
    database: Database, name: str, password_hash: str, *, who: str, now: datetime
) -> None:
    """Keep a new password's hash and end all sessions of the user."""
    with database.write() as session:
        row = named(session, name)
        row.password_hash, row.password_at = password_hash, now
        session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
        audit.write(session, who=who, action="password_set", field=name, now=now)


def renew_hash(database: Database, name: str, old: str, new: str) -> None:
    """Keep the same password's hash with today's parameters, if it is still that password."""
    with database.write() as session:
        same = (UserRow.name == name, UserRow.password_hash == old)
        session.execute(update(UserRow).where(*same).values(password_hash=new))


def set_active(database: Database, name: str, *, active: bool, who: str, now: datetime) -> None:
    """Disable a user, which ends sessions and tokens at once, or enable the user again.

    Tokens stay revoked when the user comes back. Refuses to disable the last administrator.
    """
    with database.write() as session:
        row = named(session, name)
        if (row.disabled_at is None) is active:
            return
        row.disabled_at = None if active else now
        if not active:
            session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
            alive = (TokenRow.user_id == row.id, TokenRow.revoked_at.is_(None))
            session.execute(update(TokenRow).where(*alive).values(revoked_at=now))
        action = "user_enabled" if active else "user_disabled"
        audit.write(session, who=who, action=action, field=name, now=now)
        _keep_an_admin(session, was_admin=row.role is Role.ADMIN and not active)


def named(session: Session, name: str) -> UserRow:
    """Return the row of a user; ConfigurationError (no_such_user) if there is none."""
    row = session.scalar(select(UserRow).where(UserRow.name == name).with_for_update())
    if row is None:
        raise ConfigurationError(f"there is no user {name}", code="no_such_user")
    return row


def _admins(session: Session) -> int:
    """Return how many administrators can log in."""
    able = select(func.count(UserRow.id)).where(
        UserRow.role == Role.ADMIN,
        UserRow.disabled_at.is_(None),
        UserRow.password_hash.is_not(None),
    )
    return session.scalar(able) or 0


def _keep_an_admin(session: Session, *, was_admin: bool) -> None:
    """Refuse a change after which nobody could administer, while there are other users."""
    if not was_admin:
        return
    session.flush()
    others = session.scalar(select(func.count(UserRow.id)).where(UserRow.disabled_at.is_(None)))
    if others and not _admins(session):
        message = "this is the last administrator; first make another: doctally users add NAME"
        raise ConfigurationError(message, code="last_admin")


def _user(row: UserRow, seen_at: datetime | None = None) -> User:
    return User(
        user_id=row.id,
        name=row.name,
        role=row.role,
        active=row.disabled_at is None,
        has_password=row.password_hash is not None,
        created_at=row.created_at,
        seen_at=seen_at,
    )

"""Keys of programs to the API: shown once, kept as a hash, with a role of their own, revocable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from db import audit
from db.database import Database
from db.secrets import digest, fresh
from db.tables import TokenRow, UserRow
from db.users import named
from doctally.errors import ConfigurationError
from doctally.people import Identity, Role

PREFIX = "doctally_"
"""Lets scanners of repositories and logs know a token when they see one."""
NOTED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret."""

    token_id: int
    user: str
    label: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


def make(
    database: Database,
    name: str,
    *,
    label: str,
    role: Role,
    expires_at: datetime | None,
    who: str,
    now: datetime,
) -> tuple[Token, str]:
    """Return a new token of the user and its secret, which cannot be read again.

    Raises ConfigurationError: no_such_user, token_role (more rights than the user has).
    """
    secret = fresh(PREFIX)
    with database.write() as session:
        owner = named(session, name)
        if owner.disabled_at is not None or not owner.role.may(role):
            message = f"{name} is {owner.role} and cannot give a token the rights of {role}"
            if owner.disabled_at is not None:
                message = f"{name} is disabled"
            raise ConfigurationError(message, code="token_role")
        row = TokenRow(
            user_id=owner.id,
            label=label,
            digest=digest(secret),
            role=role,
            created_at=now,
            expires_at=expires_at,
        )
        session.add(row)
        session.flush()
        new = f"{row.id} ({role}): {label}"
        audit.write(session, who=who, action="token_made", field=name, new=new, now=now)
        return _token(row, name), secret


def tokens(database: Database) -> list[Token]:
    """Return all tokens, revoked and expired ones too, oldest first."""
    found = select(TokenRow, UserRow.name).join(UserRow).order_by(TokenRow.id)
    with database.read() as session:
        return [_token(row, name) for row, name in session.execute(found)]


def revoke(database: Database, token_id: int, *, who: str, now: datetime) -> None:
    """End a token at once; ConfigurationError (no_such_token) if there is none."""
    with database.write() as session:
        row = session.get(TokenRow, token_id)
        if row is None:
            raise ConfigurationError(f"there is no token {token_id}", code="no_such_token")
        if row.revoked_at is None:
            row.revoked_at = now
            name = session.scalar(select(UserRow.name).where(UserRow.id == row.user_id))
            audit.write(
                session, who=who, action="token_revoked", field=name, old=str(token_id), now=now
            )


def identity(database: Database, secret: str, *, now: datetime) -> Identity | None:
    """Return who holds the token, with the lesser of its role and the user's; None if ended."""
    if not secret.startswith(PREFIX):
        return None
    found = (
        select(TokenRow.id, TokenRow.role, TokenRow.used_at, UserRow.name, UserRow.role)
        .join(UserRow)
        .where(TokenRow.digest == digest(secret), TokenRow.revoked_at.is_(None))
        .where((TokenRow.expires_at.is_(None)) | (TokenRow.expires_at > now))
        .where(UserRow.disabled_at.is_(None))
    )
    with database.read() as session:
        row = session.execute(found).first()
    if row is None:
        return None
    token_id, role, used_at, name, owners = row
    if used_at is None or now - used_at > NOTED:
        with database.write() as session:
            used = update(TokenRow).where(TokenRow.id == token_id)
            session.execute(used.values(used_at=now))
    return Identity(name, role if owners.may(role) else owners, "token")


def _token(row: TokenRow, name: str) -> Token:
    return Token(
        token_id=row.id,
        user=name,
        label=row.label,
        role=row.role,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )

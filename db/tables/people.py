"""Who may use this installation: users, their sessions and tokens, failed attempts to log in.

Neither passwords nor the secrets of sessions and tokens are kept, only their hashes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Key, Plain, Utc, choice
from db.tables.base import Base
from doctally.people import Role


class UserRow(Base):
    """A person or program; a disabled one stays, so that what it did keeps its name."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    password_hash: Mapped[str | None] = mapped_column(Plain)
    created_at: Mapped[datetime] = mapped_column(Utc)
    password_at: Mapped[datetime | None] = mapped_column(Utc)
    disabled_at: Mapped[datetime | None] = mapped_column(Utc)


class SessionRow(Base):
    """A browser that has logged in; ``digest`` is the SHA-256 of what its cookie holds."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Utc)
    seen_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)


class TokenRow(Base):
    """A program's key to the API; it never has more rights than its user has at that moment."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(Plain)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    created_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)
    used_at: Mapped[datetime | None] = mapped_column(Utc)


class AttemptRow(Base):
    """An attempt to log in that failed, or that is not yet known to have succeeded."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index("ix_attempts_name_at", "name", "at"),
        Index("ix_attempts_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Utc, index=True)

"""What people do: the trail of their changes, who has a document open, drafts, earlier states."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Json, Key, Plain, Utc
from db.tables.base import Base


class AuditRow(Base):
    """One change by somebody; triggers refuse to change or remove a row.

    ``document_id`` is no foreign key: the trail outlives the document. ``field`` is a header
    field, ``line_items.0.quantity`` (rows from 0), or NULL for an act on the whole document.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_document_id_id", "document_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, index=True)
    who: Mapped[str] = mapped_column(Plain)
    action: Mapped[str] = mapped_column(String(64))
    document_id: Mapped[int | None] = mapped_column(Key)
    field: Mapped[str | None] = mapped_column(Plain)
    old: Mapped[str | None] = mapped_column(Plain)
    new: Mapped[str | None] = mapped_column(Plain)


class HoldRow(Base):
    """A person has the document open until then; ``holder`` tells browsers of one person apart."""

    __tablename__ = "holds"

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    holder: Mapped[str] = mapped_column(String(64))
    who: Mapped[str] = mapped_column(Plain)
    until: Mapped[datetime] = mapped_column(Utc)


class DraftRow(Base):
    """What a person has typed and not yet confirmed (``doctally.edits.Edits`` as JSON)."""

    __tablename__ = "drafts"

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    who: Mapped[str] = mapped_column(Plain)
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_at: Mapped[datetime] = mapped_column(Utc)


class RevisionRow(Base):
    """A document as it was before a person's act, so that the act can be undone.

    ``action`` is that act; ``body`` holds type, values, lines and findings.
    """

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(Utc)
    who: Mapped[str] = mapped_column(Plain)
    action: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(Json)

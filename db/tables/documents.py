"""Documents, the further files with the same content, their history and their pages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Json, Key, Money, Plain, Utc, choice
from db.tables.base import Base
from doctally.results import State
from doctally.schemas import DocumentType


class DocumentRow(Base):
    """One content (SHA-256) and where it stands.

    ``sha256`` is NULL for a file whose bytes could not be read; ``file_id`` is what tells the
    file from another of the same name; ``owner`` is the worker that holds the claim until
    ``lease_until``; ``location`` is relative to the home folder. ``parent_id`` is the document in
    which the content came first, with the pages it had there; ``details`` is what its file says
    of itself (a message's sender and subject). ``supplier`` to ``priority`` are copies of values
    for the queue (``doctally.priority.Headline``), ``search`` is its folded text to look in.
    """

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("length(sha256) = 64", name="sha256"),
        Index("ix_documents_document_type_state", "document_type", "state"),
        Index("ix_documents_state_updated_at", "state", "updated_at"),
        Index(
            "ix_documents_unread_name",
            "name",
            postgresql_where=text("sha256 IS NULL"),
            sqlite_where=text("sha256 IS NULL"),
        ),
        Index("ix_documents_state_priority_id", "state", "priority", "id"),
        Index("ix_documents_priority_id", "priority", "id"),
        Index("ix_documents_state_supplier", "state", "supplier"),
        Index("ix_documents_by_day", "claimed_at", "state", "document_type", "currency", "amount"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(Plain)
    tags: Mapped[str] = mapped_column(Plain)
    file_id: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Key)
    media_type: Mapped[str | None] = mapped_column(Plain)
    state: Mapped[State] = mapped_column(choice(State, "state"))
    document_type: Mapped[DocumentType | None] = mapped_column(
        choice(DocumentType, "document_type")
    )
    route_confidence: Mapped[float | None]
    reason_code: Mapped[str] = mapped_column(Plain)
    reason: Mapped[str] = mapped_column(Plain)
    owner: Mapped[str] = mapped_column(Plain)
    lease_until: Mapped[datetime | None] = mapped_column(Utc)
    attempts: Mapped[int]
    location: Mapped[str] = mapped_column(Plain)
    model_version: Mapped[str] = mapped_column(Plain)
    page_count: Mapped[int | None]
    excerpt: Mapped[str] = mapped_column(Plain)
    duplicate_of: Mapped[int | None] = mapped_column(
        ForeignKey("documents.id", ondelete="SET NULL"), index=True
    )
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("documents.id", ondelete="SET NULL"), index=True
    )
    first_page: Mapped[int | None]
    last_page: Mapped[int | None]
    details: Mapped[dict[str, str] | None] = mapped_column(Json)
    claimed_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(Utc)
    supplier: Mapped[str | None] = mapped_column(Plain)
    number: Mapped[str | None] = mapped_column(Plain)
    amount: Mapped[Decimal | None] = mapped_column(Money(least=2))
    currency: Mapped[str | None] = mapped_column(Plain)
    doubts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    priority: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    search: Mapped[str] = mapped_column(Plain, default="", server_default="")


class ArrivalRow(Base):
    """A further file with the content of a document; ``parent_id`` if it was inside another."""

    __tablename__ = "arrivals"
    __table_args__ = (UniqueConstraint("document_id", "file_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    file_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(Plain)
    tags: Mapped[str] = mapped_column(Plain)
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("documents.id", ondelete="SET NULL"), index=True
    )
    arrived_at: Mapped[datetime] = mapped_column(Utc, index=True)


class TransitionRow(Base):
    """A step in a document's life; rows are only ever added."""

    __tablename__ = "transitions"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), index=True
    )
    before: Mapped[State | None] = mapped_column(choice(State, "before"))
    after: Mapped[State] = mapped_column(choice(State, "after"))
    at: Mapped[datetime] = mapped_column(Utc)
    owner: Mapped[str] = mapped_column(Plain)
    reason_code: Mapped[str] = mapped_column(Plain)


class PageRow(Base):
    """A page and its words (``db.words``), for the review page and for training."""

    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    number: Mapped[int]
    width: Mapped[float]
    height: Mapped[float]
    source: Mapped[str] = mapped_column(choice(("text", "ocr"), "source"))
    words: Mapped[bytes] = mapped_column(LargeBinary)

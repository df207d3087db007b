"""Corrections by people, the training examples made of them, and the versions of the bank."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Json, Key, Plain, Utc, choice
from db.tables.base import Base


class CorrectionKind(StrEnum):
    """What a person did to a document."""

    VALUE = "value"
    DOCUMENT_TYPE = "document_type"
    LINE_ADDED = "line_added"
    LINE_REMOVED = "line_removed"
    CONFIRMED = "confirmed"


class CorrectionRow(Base):
    """One act of a person on a document; ``line`` is NULL for a header field."""

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[CorrectionKind] = mapped_column(choice(CorrectionKind, "kind"))
    line: Mapped[int | None]
    field: Mapped[str | None] = mapped_column(String(64))
    old: Mapped[str | None] = mapped_column(Plain)
    new: Mapped[str | None] = mapped_column(Plain)
    who: Mapped[str] = mapped_column(Plain)
    corrected_at: Mapped[datetime] = mapped_column(Utc, index=True)


class ExampleRow(Base):
    """A labelled example for one task; ``held_out`` ones are never trained on."""

    __tablename__ = "examples"
    __table_args__ = (Index("ix_examples_task_held_out", "task", "held_out"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), index=True
    )
    task: Mapped[str] = mapped_column(String(64))
    labels: Mapped[dict[str, Any]] = mapped_column(Json)
    held_out: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Utc)


class BankVersionRow(Base):
    """A version of the prompt bank; at most one is active."""

    __tablename__ = "bank_versions"
    __table_args__ = (
        Index(
            "uq_bank_versions_active",
            "active",
            unique=True,
            postgresql_where=text("active"),
            sqlite_where=text("active"),
        ),
    )

    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    parent: Mapped[str | None] = mapped_column(ForeignKey("bank_versions.version"), index=True)
    backbone_hash: Mapped[str] = mapped_column(String(64))
    metrics: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Utc)
    active: Mapped[bool]

"""Corrections by people, the training examples made of them, and the versions of the bank."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Json, Key, Plain, Utc, choice
from db.tables.base import Base
from doctally.corrections import CorrectionKind


class CorrectionRow(Base):
    """A person's verdict on one value; ``line`` is NULL for a header field.

    The page starts at 1, the box is in fractions of the page. ``flag`` says why it is not learnt
    from, ``learnt_in`` is the first bank version that was trained on it.
    """

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[CorrectionKind] = mapped_column(choice(CorrectionKind, "kind"))
    line: Mapped[int | None]
    field: Mapped[str] = mapped_column(String(64))
    old: Mapped[str | None] = mapped_column(Plain)
    new: Mapped[str | None] = mapped_column(Plain)
    page: Mapped[int | None]
    x0: Mapped[float | None]
    y0: Mapped[float | None]
    x1: Mapped[float | None]
    y1: Mapped[float | None]
    who: Mapped[str] = mapped_column(Plain)
    corrected_at: Mapped[datetime] = mapped_column(Utc, index=True)
    flag: Mapped[str | None] = mapped_column(String(64))
    learnt_in: Mapped[str | None] = mapped_column(String(64), index=True)


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

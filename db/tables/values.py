"""What was found in a document: header values, lines and findings, each with its provenance."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Json, Key, Money, Plain, choice, column_type
from db.tables.base import Base
from doctally.results import Severity, Source
from doctally.schemas import item_fields


class FieldValueRow(Base):
    """A header value: normal form, what the page prints and where, how sure and by whom.

    ``number``, ``day`` and ``moment`` (wall clock as printed) are the value as SQL computes with
    it; ``key`` is the value's letters and digits, folded, for look-ups of names and numbers.
    The page starts at 1, the box is in fractions of the page.
    """

    __tablename__ = "field_values"
    __table_args__ = (
        CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence"),
        Index("ix_field_values_name_key", "name", "key"),
        {"sqlite_with_rowid": False},
    )

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Plain)
    text: Mapped[str] = mapped_column(Plain)
    page: Mapped[int | None]
    x0: Mapped[float | None]
    y0: Mapped[float | None]
    x1: Mapped[float | None]
    y1: Mapped[float | None]
    confidence: Mapped[float]
    source: Mapped[str] = mapped_column(choice(get_args(Source), "source"))
    model_version: Mapped[str] = mapped_column(Plain)
    number: Mapped[Decimal | None] = mapped_column(Money)
    day: Mapped[date | None]
    moment: Mapped[datetime | None] = mapped_column(DateTime)
    key: Mapped[str | None] = mapped_column(String(64))


class LineItemRow(Base):
    """A line, counted from 1: one typed column per ``doctally.schemas.item_fields()``, added below.

    ``cells`` holds the provenance: {name: {value, text, page, box, confidence, source}}, or
    without page and box for a value that is on no page.
    """

    __tablename__ = "line_items"
    __table_args__ = ({"sqlite_with_rowid": False},)

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True)
    cells: Mapped[dict[str, dict[str, Any]]] = mapped_column(Json)


for _spec in item_fields():
    setattr(LineItemRow, _spec.name, Column(column_type(_spec.kind), nullable=True))


class FindingRow(Base):
    """A rule's verdict on a document; ``fields`` lists the names that it concerns."""

    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_code", "code"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str] = mapped_column(Plain)
    severity: Mapped[Severity] = mapped_column(choice(Severity, "severity"))
    message: Mapped[str] = mapped_column(Plain)
    fields: Mapped[list[str]] = mapped_column(Json)

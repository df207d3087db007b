"""Suppliers, and which document belongs to which (invoice, order, delivery)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Json, Key, Money, Plain, Utc
from db.tables.base import Base


class SupplierRow(Base):
    """A supplier as we know it; ``key`` is its name's letters and digits, folded.

    ``category_source`` is model or human, empty where there is no category.
    """

    __tablename__ = "suppliers"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(Plain)
    key: Mapped[str] = mapped_column(String(64), index=True)
    tax_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    iban: Mapped[str | None] = mapped_column(String(34), index=True)
    email_domain: Mapped[str | None] = mapped_column(String(255), index=True)
    aliases: Mapped[list[str]] = mapped_column(Json)
    address: Mapped[str] = mapped_column(Plain, server_default="")
    category: Mapped[str] = mapped_column(Plain, server_default="")
    category_source: Mapped[str] = mapped_column(String(8), default="", server_default="")
    category_score: Mapped[float | None]
    number: Mapped[str] = mapped_column(Plain, server_default="")
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class SupplierKeyRow(Base):
    """What a supplier is found by: name, word (of its name), alias, tax_id, iban or domain."""

    __tablename__ = "supplier_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    supplier_id: Mapped[int] = mapped_column(
        ForeignKey("suppliers.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    value: Mapped[str] = mapped_column(Plain)


class MatchRow(Base):
    """A document, or one of its lines, against another document's.

    A line without its counterpart is a line that the other document lacks.
    """

    __tablename__ = "matches"
    __table_args__ = (
        CheckConstraint("document_id <> other_id", name="other"),
        Index("ix_matches_document_id_other_id", "document_id", "other_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), index=True
    )
    line: Mapped[int | None]
    other_line: Mapped[int | None]
    reason_code: Mapped[str] = mapped_column(Plain)
    score: Mapped[float | None]
    quantity: Mapped[Decimal | None] = mapped_column(Money)
    other_quantity: Mapped[Decimal | None] = mapped_column(Money)
    amount: Mapped[Decimal | None] = mapped_column(Money)
    other_amount: Mapped[Decimal | None] = mapped_column(Money)
    created_at: Mapped[datetime] = mapped_column(Utc)

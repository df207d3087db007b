"""Papers as matching finds them again, what belongs to which order, verdicts, open quantities."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Key, Money, Plain, Utc, choice
from db.tables.base import Base
from doctally.matching.reasons import Decision, Weight

LATE = "NOT linked AND kind <> 'purchase_order'"
"""Deliveries and bills that belong to no order; as the index of them has it, word for word."""


class MatchFirmRow(Base):
    """The bare name of a supplier that a paper of ours named; rows are only ever added."""

    __tablename__ = "match_firms"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    firm: Mapped[str] = mapped_column(String(64), unique=True)


class MatchPaperRow(Base):
    """An order, delivery or bill, and the verdict on it; ``firm`` is its supplier's bare name.

    ``decision`` is NULL for an order. ``closed`` orders take no further bills.
    """

    __tablename__ = "match_papers"
    __table_args__ = (
        Index("ix_match_papers_firm_kind", "firm", "kind"),
        Index("ix_match_papers_decision", "decision"),
        Index(
            "ix_match_papers_late",
            "firm",
            "document_id",
            postgresql_where=text(LATE),
            sqlite_where=text(LATE),
        ),
    )

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(32))
    firm: Mapped[str] = mapped_column(String(64))
    day: Mapped[date | None]
    currency: Mapped[str] = mapped_column(String(8))
    linked: Mapped[bool]
    closed: Mapped[bool]
    decision: Mapped[Decision | None] = mapped_column(choice(Decision, "decision"))
    stake: Mapped[Decimal | None] = mapped_column(Money(least=2))
    matched_at: Mapped[datetime] = mapped_column(Utc)


class MatchNameRow(Base):
    """A number by which a paper is found: its own, or that of an order or delivery note it names.

    ``role`` is own, order or note; ``key`` one of the forms of ``db.names``.
    """

    __tablename__ = "match_names"
    __table_args__ = (
        Index("ix_match_names_key_role", "key", "role"),
        {"sqlite_with_rowid": False},
    )

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)


class MatchWordRow(Base):
    """A word, code or price of an open order's lines, by supplier: finds it without a number."""

    __tablename__ = "match_words"
    __table_args__ = (
        Index("ix_match_words_order_id", "order_id"),
        {"sqlite_with_rowid": False},
    )

    firm: Mapped[str] = mapped_column(String(64), primary_key=True)
    word: Mapped[str] = mapped_column(String(32), primary_key=True)
    order_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )


class MatchLinkRow(Base):
    """A paper belongs to an order."""

    __tablename__ = "match_links"
    __table_args__ = ({"sqlite_with_rowid": False},)

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    order_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    how: Mapped[str] = mapped_column(String(32))
    score: Mapped[float]


class MatchReasonRow(Base):
    """Why a paper is not simply approved; ``amount`` is at stake, in the paper's currency."""

    __tablename__ = "match_reasons"
    __table_args__ = (Index("ix_match_reasons_code", "code"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), index=True
    )
    line: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(64))
    weight: Mapped[Weight] = mapped_column(choice(Weight, "weight"))
    amount: Mapped[Decimal] = mapped_column(Money(least=2))
    message: Mapped[str] = mapped_column(Plain)


class OpenLineRow(Base):
    """A line of an order: ordered, received and billed so far."""

    __tablename__ = "open_lines"
    __table_args__ = ({"sqlite_with_rowid": False},)

    order_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True)
    ordered: Mapped[Decimal | None] = mapped_column(Money)
    received: Mapped[Decimal] = mapped_column(Money)
    billed: Mapped[Decimal] = mapped_column(Money)
    amount: Mapped[Decimal] = mapped_column(Money(least=2))
    billed_amount: Mapped[Decimal] = mapped_column(Money(least=2))

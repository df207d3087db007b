"""Matching: papers and their numbers, links to orders, verdicts, open quantities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
NUMBER = sa.Numeric(18, 4)
CHECKED = {"native_enum": False, "create_constraint": True, "length": 32}


def _document(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], ["documents.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "match_papers",
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("firm", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum("approve", "review", "hold", name="decision", **CHECKED),
            nullable=True,
        ),
        sa.Column("stake", NUMBER, nullable=True),
        sa.Column("matched_at", UTC, nullable=False),
        _document("match_papers", "document_id"),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_match_papers")),
    )
    op.create_index("ix_match_papers_firm_kind", "match_papers", ["firm", "kind"])
    op.create_index("ix_match_papers_decision", "match_papers", ["decision"])
    op.create_table(
        "match_names",
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        _document("match_names", "document_id"),
        sa.PrimaryKeyConstraint("document_id", "role", "key", name=op.f("pk_match_names")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_names_key_role", "match_names", ["key", "role"])
    op.create_table(
        "match_words",
        sa.Column("firm", sa.String(length=64), nullable=False),
        sa.Column("word", sa.String(length=32), nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        _document("match_words", "order_id"),
        sa.PrimaryKeyConstraint("firm", "word", "order_id", name=op.f("pk_match_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_words_order_id", "match_words", ["order_id"])
    op.create_table(
        "match_links",
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        _document("match_links", "document_id"),
        _document("match_links", "order_id"),
        sa.PrimaryKeyConstraint("document_id", "order_id", name=op.f("pk_match_links")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_match_links_order_id"), "match_links", ["order_id"])
    op.create_table(
        "match_reasons",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "weight", sa.Enum("info", "review", "hold", name="weight", **CHECKED), nullable=False
        ),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        _document("match_reasons", "document_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_reasons")),
    )
    op.create_index("ix_match_reasons_code", "match_reasons", ["code"])
    op.create_index(op.f("ix_match_reasons_document_id"), "match_reasons", ["document_id"])
    op.create_table(
        "open_lines",
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("ordered", NUMBER, nullable=True),
        *(
            sa.Column(name, NUMBER, nullable=False)
            for name in ("received", "billed", "amount", "billed_amount")
        ),
        _document("open_lines", "order_id"),
        sa.PrimaryKeyConstraint("order_id", "line", name=op.f("pk_open_lines")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in (
        "open_lines",
        "match_reasons",
        "match_links",
        "match_words",
        "match_names",
        "match_papers",
    ):
        op.drop_table(table)

"""Corrections with their place on the page, why one is not learnt from, and what learnt it.

The table of 0001 was never written to, so it is made anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
CHECKED = {"native_enum": False, "create_constraint": True, "length": 32}
KINDS = ("changed", "added", "removed", "confirmed")
OLD_KINDS = ("value", "document_type", "line_added", "line_removed", "confirmed")


def upgrade() -> None:
    op.drop_table("corrections")
    places = [sa.Column(name, sa.Float(), nullable=True) for name in ("x0", "y0", "x1", "y1")]
    _create(
        KINDS,
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        *places,
        sa.Column("flag", sa.String(length=64), nullable=True),
        sa.Column("learnt_in", sa.String(length=64), nullable=True),
    )
    op.create_index(op.f("ix_corrections_learnt_in"), "corrections", ["learnt_in"], unique=False)


def downgrade() -> None:
    op.drop_table("corrections")
    _create(OLD_KINDS, sa.Column("field", sa.String(length=64), nullable=True))


def _create(kinds: tuple[str, ...], *columns: sa.Column[object]) -> None:
    op.create_table(
        "corrections",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("kind", sa.Enum(*kinds, name="kind", **CHECKED), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("corrected_at", UTC, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_corrections_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    for column in ("corrected_at", "document_id"):
        op.create_index(op.f(f"ix_corrections_{column}"), "corrections", [column], unique=False)

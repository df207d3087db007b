"""Suppliers' names in a table of their own, and an index of papers that belong to no order yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LATE = sa.text("NOT linked AND kind <> 'purchase_order'")


def upgrade() -> None:
    op.create_table(
        "match_firms",
        sa.Column("id", KEY, nullable=False),
        sa.Column("firm", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_firms")),
        sa.UniqueConstraint("firm", name=op.f("uq_match_firms_firm")),
    )
    op.execute(
        "INSERT INTO match_firms (firm) "
        "SELECT DISTINCT firm FROM match_papers WHERE firm <> '' ORDER BY firm"
    )
    op.create_index(
        "ix_match_papers_late",
        "match_papers",
        ["firm", "document_id"],
        postgresql_where=LATE,
        sqlite_where=LATE,
    )


def downgrade() -> None:
    op.drop_index("ix_match_papers_late", table_name="match_papers")
    op.drop_table("match_firms")

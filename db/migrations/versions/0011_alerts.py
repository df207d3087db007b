"""Alerts about shipments that were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("shipment", sa.Text(), nullable=False),
        sa.Column("alert", sa.String(length=32), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shipment", "alert", name=op.f("pk_alerts")),
    )


def downgrade() -> None:
    op.drop_table("alerts")

"""Who said a supplier's spend category, and how surely."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"


def upgrade() -> None:
    with op.batch_alter_table("suppliers") as table:
        table.add_column(
            sa.Column("category_source", sa.String(length=8), nullable=False, server_default="")
        )
        table.add_column(sa.Column("category_score", sa.Float(), nullable=True))
    op.execute("UPDATE suppliers SET category_source = 'human' WHERE category <> ''")


def downgrade() -> None:
    with op.batch_alter_table("suppliers") as table:
        table.drop_column("category_score")
        table.drop_column("category_source")

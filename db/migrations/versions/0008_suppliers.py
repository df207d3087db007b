"""The supplier master: more about each, and the keys by which a document finds it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = ("address", "category", "number")


def upgrade() -> None:
    with op.batch_alter_table("suppliers") as table:
        for name in COLUMNS:
            table.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "supplier_keys",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("supplier_id", KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_supplier_keys_supplier_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kind", "key", "supplier_id", name=op.f("pk_supplier_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_supplier_keys_supplier_id"), "supplier_keys", ["supplier_id"])


def downgrade() -> None:
    op.drop_table("supplier_keys")
    with op.batch_alter_table("suppliers") as table:
        for name in COLUMNS:
            table.drop_column(name)

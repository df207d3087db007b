"""Documents inside other files: parents, pages in the parent, the state ``unpacked``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
CHECKS = (("documents", "state"), ("transitions", "before"), ("transitions", "after"))
STATES = (
    "claimed",
    "read",
    "routed",
    "extracted",
    "validated",
    "matched",
    "accepted",
    "review",
    "confirmed",
    "failed",
)
NEW = (*STATES, "unpacked")
# SQLite: a table is made anew to change a CHECK; its ids must not be given a second time.
KEPT = {"documents": {"sqlite_autoincrement": True}}


def upgrade() -> None:
    last = _last_id()
    _states(NEW)
    with op.batch_alter_table("documents", table_kwargs=KEPT["documents"]) as batch:
        batch.add_column(sa.Column("parent_id", KEY, nullable=True))
        batch.add_column(sa.Column("first_page", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("last_page", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("details", JSON, nullable=True))
        batch.create_index(op.f("ix_documents_parent_id"), ["parent_id"])
        batch.create_foreign_key(
            op.f("fk_documents_parent_id"), "documents", ["parent_id"], ["id"], ondelete="SET NULL"
        )
    with op.batch_alter_table("arrivals") as batch:
        batch.add_column(sa.Column("parent_id", KEY, nullable=True))
        batch.create_index(op.f("ix_arrivals_parent_id"), ["parent_id"])
        batch.create_foreign_key(
            op.f("fk_arrivals_parent_id"), "documents", ["parent_id"], ["id"], ondelete="SET NULL"
        )
    _go_on_after(last)


def downgrade() -> None:
    last = _last_id()
    op.execute(
        "UPDATE documents SET state = 'failed', reason_code = 'unpacked',"
        " reason = 'it holds other documents, which this version does not know'"
        " WHERE state = 'unpacked'"
    )
    op.execute("UPDATE transitions SET after = 'failed' WHERE after = 'unpacked'")
    with op.batch_alter_table("arrivals") as batch:
        batch.drop_constraint(op.f("fk_arrivals_parent_id"), type_="foreignkey")
        batch.drop_index(op.f("ix_arrivals_parent_id"))
        batch.drop_column("parent_id")
    with op.batch_alter_table("documents", table_kwargs=KEPT["documents"]) as batch:
        batch.drop_constraint(op.f("fk_documents_parent_id"), type_="foreignkey")
        batch.drop_index(op.f("ix_documents_parent_id"))
        for column in ("details", "last_page", "first_page", "parent_id"):
            batch.drop_column(column)
    _states(STATES)
    _go_on_after(last)


def _states(states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    for table, column in CHECKS:
        name = op.f(f"ck_{table}_{column}")
        with op.batch_alter_table(table, table_kwargs=KEPT.get(table, {})) as batch:
            batch.drop_constraint(name, type_="check")
            batch.create_check_constraint(name, sa.text(f"{column} IN ({listed})"))


def _last_id() -> int | None:
    if op.get_bind().dialect.name != "sqlite":
        return None
    found = op.get_bind().exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name='documents'")
    return found.scalar()


def _go_on_after(last: int | None) -> None:
    if last is not None:
        given = (last,)
        op.get_bind().exec_driver_sql("DELETE FROM sqlite_sequence WHERE name='documents'")
        op.get_bind().exec_driver_sql("INSERT INTO sqlite_sequence VALUES ('documents', ?)", given)

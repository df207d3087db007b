"""The review queue's columns; the audit trail, people's holds, drafts and revisions."""

from __future__ import annotations

from decimal import Decimal
from math import log10

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)
QUEUE = (
    sa.Column("supplier", sa.Text(), nullable=True),
    sa.Column("number", sa.Text(), nullable=True),
    sa.Column("amount", sa.Numeric(18, 4), nullable=True),
    sa.Column("currency", sa.Text(), nullable=True),
    sa.Column("doubts", sa.Integer(), server_default=sa.text("0"), nullable=False),
    sa.Column("priority", sa.Float(), server_default=sa.text("0"), nullable=False),
    sa.Column("search", sa.Text(), server_default="", nullable=False),
)
INDEXES = {
    "ix_documents_state_priority_id": ["state", "priority", "id"],
    "ix_documents_priority_id": ["priority", "id"],
    "ix_documents_state_supplier": ["state", "supplier"],
}
APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
        # INSERT OR REPLACE would remove a row without the trigger for DELETE
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit"
        " WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
        " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
    ),
}


def upgrade() -> None:
    for column in QUEUE:
        op.add_column("documents", column.copy())
    for name, columns in INDEXES.items():
        op.create_index(name, "documents", columns)
    _fill()
    _trail()
    _desk("holds", sa.Column("holder", sa.String(length=64), nullable=False), _moment("until"))
    _desk("drafts", sa.Column("body", JSON, nullable=False), _moment("saved_at"))
    op.create_table(
        "revisions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        _moment("at"),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("body", JSON, nullable=False),
        _of_document("revisions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
    )
    op.create_index(op.f("ix_revisions_document_id"), "revisions", ["document_id"])


def downgrade() -> None:
    for table in ("revisions", "drafts", "holds", "audit"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_append_only()")
    for name in INDEXES:
        op.drop_index(name, table_name="documents")
    for column in QUEUE:
        op.drop_column("documents", column.name)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, UTC, nullable=False)


def _of_document(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_document_id")
    return sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name, ondelete="CASCADE")


def _desk(table: str, *columns: sa.Column) -> None:
    op.create_table(
        table,
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        *columns,
        _of_document(table),
        sa.PrimaryKeyConstraint("document_id", name=op.f(f"pk_{table}")),
    )


def _trail() -> None:
    op.create_table(
        "audit",
        sa.Column("id", KEY, nullable=False),
        _moment("at"),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_document_id_id", "audit", ["document_id", "id"])
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def _fill() -> None:
    """Give the documents that are stored already their line in the queue."""
    bind = op.get_bind()
    columns = {
        "supplier": ("value", ("supplier_name", "ship_from_name", "carrier", "customer_name")),
        "number": ("value", ("document_number",)),
        "currency": ("value", ("currency",)),
        "amount": ("number", ("amount_due", "total_gross", "total_net")),
    }
    value = "(SELECT v.{} FROM field_values v WHERE v.document_id = documents.id AND v.name = '{}')"
    for column, (source, names) in columns.items():
        found = ", ".join(value.format(source, name) for name in names)
        op.execute(f"UPDATE documents SET {column} = coalesce({found}, NULL)")  # noqa: S608
    parts = "name || ' ' || coalesce(supplier, '') || ' ' || coalesce(number, '')"
    op.execute(f"UPDATE documents SET search = lower({parts})")  # noqa: S608
    lowest = "(SELECT min(v.confidence) FROM field_values v WHERE v.document_id = documents.id)"
    waiting = f"SELECT id, amount, {lowest} FROM documents WHERE state = 'review'"  # noqa: S608
    rows = [
        {"id": number, "priority": _priority(Decimal(amount or 0), least)}
        for number, amount, least in bind.execute(sa.text(waiting)).all()
    ]
    if rows:
        statement = "UPDATE documents SET priority = :priority, doubts = 1 WHERE id = :id"
        bind.execute(sa.text(statement), rows)


def _priority(amount: Decimal, least: float | None) -> float:
    doubt = 1 - (0.5 if least is None else least)
    return doubt * (1 + log10(1 + float(min(abs(amount), Decimal(10) ** 8))))

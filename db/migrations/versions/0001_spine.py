"""The spine: documents, values, learning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
views = "7c5d768afc196001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TEXT = sa.Text()
UTC = sa.DateTime(timezone=True)
NUMBER = sa.Numeric(18, 4)
CHECKED = {"native_enum": False, "create_constraint": True, "length": 32}
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


def upgrade() -> None:
    op.create_table(
        "bank_versions",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.Column("backbone_hash", sa.String(length=64), nullable=False),
        sa.Column("metrics", JSON, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent"], ["bank_versions.version"], name=op.f("fk_bank_versions_parent")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_bank_versions")),
    )
    op.create_index(op.f("ix_bank_versions_parent"), "bank_versions", ["parent"], unique=False)
    op.create_index(
        "uq_bank_versions_active",
        "bank_versions",
        ["active"],
        unique=True,
        postgresql_where=sa.text("active"),
        sqlite_where=sa.text("active"),
    )
    op.create_table(
        "documents",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("tags", TEXT, nullable=False),
        sa.Column("file_id", sa.String(length=64), nullable=True),
        sa.Column("size", KEY, nullable=False),
        sa.Column("media_type", TEXT, nullable=True),
        sa.Column("state", sa.Enum(*STATES, name="state", **CHECKED), nullable=False),
        sa.Column(
            "document_type",
            sa.Enum(
                "invoice",
                "credit_note",
                "receipt",
                "purchase_order",
                "shipment_notice",
                "shipment_status",
                "other",
                name="document_type",
                **CHECKED,
            ),
            nullable=True,
        ),
        sa.Column("route_confidence", sa.Float(), nullable=True),
        sa.Column("reason_code", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("lease_until", UTC, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("location", TEXT, nullable=False),
        sa.Column("model_version", TEXT, nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("excerpt", TEXT, nullable=False),
        sa.Column("duplicate_of", KEY, nullable=True),
        sa.Column("claimed_at", UTC, nullable=False),
        sa.Column("updated_at", UTC, nullable=False),
        sa.Column("finished_at", UTC, nullable=True),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_documents_sha256")),
        sa.ForeignKeyConstraint(
            ["duplicate_of"],
            ["documents.id"],
            name=op.f("fk_documents_duplicate_of"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("public_id", name=op.f("uq_documents_public_id")),
        sa.UniqueConstraint("sha256", name=op.f("uq_documents_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_documents_document_type_state", "documents", ["document_type", "state"], unique=False
    )
    op.create_index(op.f("ix_documents_duplicate_of"), "documents", ["duplicate_of"], unique=False)
    op.create_index(
        "ix_documents_state_updated_at", "documents", ["state", "updated_at"], unique=False
    )
    op.create_index(op.f("ix_documents_updated_at"), "documents", ["updated_at"], unique=False)
    op.create_index(
        "ix_documents_unread_name",
        "documents",
        ["name"],
        unique=False,
        postgresql_where=sa.text("sha256 IS NULL"),
        sqlite_where=sa.text("sha256 IS NULL"),
    )
    op.create_table(
        "suppliers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tax_id", sa.String(length=64), nullable=True),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("email_domain", sa.String(length=255), nullable=True),
        sa.Column("aliases", JSON, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("updated_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppliers")),
        sa.UniqueConstraint("tax_id", name=op.f("uq_suppliers_tax_id")),
    )
    op.create_index(op.f("ix_suppliers_email_domain"), "suppliers", ["email_domain"], unique=False)
    op.create_index(op.f("ix_suppliers_iban"), "suppliers", ["iban"], unique=False)
    op.create_index(op.f("ix_suppliers_key"), "suppliers", ["key"], unique=False)
    op.create_table(
        "arrivals",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("file_id", sa.String(length=64), nullable=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("tags", TEXT, nullable=False),
        sa.Column("arrived_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_arrivals_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrivals")),
        sa.UniqueConstraint("document_id", "file_id", name=op.f("uq_arrivals_document_id_file_id")),
    )
    op.create_index(op.f("ix_arrivals_arrived_at"), "arrivals", ["arrived_at"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "value",
                "document_type",
                "line_added",
                "line_removed",
                "confirmed",
                name="kind",
                **CHECKED,
            ),
            nullable=False,
        ),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=64), nullable=True),
        sa.Column("old", TEXT, nullable=True),
        sa.Column("new", TEXT, nullable=True),
        sa.Column("who", TEXT, nullable=False),
        sa.Column("corrected_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_corrections_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(
        op.f("ix_corrections_corrected_at"), "corrections", ["corrected_at"], unique=False
    )
    op.create_index(
        op.f("ix_corrections_document_id"), "corrections", ["document_id"], unique=False
    )
    op.create_table(
        "examples",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("task", sa.String(length=64), nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_examples_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examples")),
    )
    op.create_index(op.f("ix_examples_document_id"), "examples", ["document_id"], unique=False)
    op.create_index("ix_examples_task_held_out", "examples", ["task", "held_out"], unique=False)
    op.create_table(
        "field_values",
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("x0", sa.Float(), nullable=True),
        sa.Column("y0", sa.Float(), nullable=True),
        sa.Column("x1", sa.Float(), nullable=True),
        sa.Column("y1", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("model", "xml", "edi", "human", "derived", name="source", **CHECKED),
            nullable=False,
        ),
        sa.Column("model_version", TEXT, nullable=False),
        sa.Column("number", NUMBER, nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("moment", sa.DateTime(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "confidence >= 0 AND confidence <= 1", name=op.f("ck_field_values_confidence")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_field_values_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "name", name=op.f("pk_field_values")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_field_values_name_key", "field_values", ["name", "key"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column(
            "severity",
            sa.Enum("info", "review", "reject", name="severity", **CHECKED),
            nullable=False,
        ),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_findings_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_code", "findings", ["code"], unique=False)
    op.create_index(op.f("ix_findings_document_id"), "findings", ["document_id"], unique=False)
    op.create_table(
        "line_items",
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("position", TEXT, nullable=True),
        sa.Column("code", TEXT, nullable=True),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("quantity", NUMBER, nullable=True),
        sa.Column("unit", TEXT, nullable=True),
        sa.Column("unit_price", NUMBER, nullable=True),
        sa.Column("discount", NUMBER, nullable=True),
        sa.Column("tax_rate", NUMBER, nullable=True),
        sa.Column("amount_net", NUMBER, nullable=True),
        sa.Column("amount_gross", NUMBER, nullable=True),
        sa.Column("order_number", TEXT, nullable=True),
        sa.Column("delivery_date", sa.Date(), nullable=True),
        sa.Column("shipped_quantity", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_line_items_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "line", name=op.f("pk_line_items")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "matches",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("other_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("other_line", sa.Integer(), nullable=True),
        sa.Column("reason_code", TEXT, nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("quantity", NUMBER, nullable=True),
        sa.Column("other_quantity", NUMBER, nullable=True),
        sa.Column("amount", NUMBER, nullable=True),
        sa.Column("other_amount", NUMBER, nullable=True),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("document_id <> other_id", name=op.f("ck_matches_other")),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_matches_document_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["documents.id"], name=op.f("fk_matches_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
    )
    op.create_index(
        "ix_matches_document_id_other_id", "matches", ["document_id", "other_id"], unique=False
    )
    op.create_index(op.f("ix_matches_other_id"), "matches", ["other_id"], unique=False)
    op.create_table(
        "pages",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("width", sa.Float(), nullable=False),
        sa.Column("height", sa.Float(), nullable=False),
        sa.Column("source", sa.Enum("text", "ocr", name="source", **CHECKED), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_pages_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_pages_document_id_number")),
    )
    op.create_table(
        "transitions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("before", sa.Enum(*STATES, name="before", **CHECKED), nullable=True),
        sa.Column("after", sa.Enum(*STATES, name="after", **CHECKED), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("reason_code", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_transitions_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transitions")),
    )
    op.create_index(
        op.f("ix_transitions_document_id"), "transitions", ["document_id"], unique=False
    )


def downgrade() -> None:
    for table in (
        "transitions",
        "pages",
        "matches",
        "line_items",
        "findings",
        "field_values",
        "examples",
        "corrections",
        "arrivals",
        "suppliers",
        "documents",
        "bank_versions",
    ):
        op.drop_table(table)

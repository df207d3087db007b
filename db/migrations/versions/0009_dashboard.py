"""An index that has all that the dashboard asks of documents by day."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"

COLUMNS = ["claimed_at", "state", "document_type", "currency", "amount"]


def upgrade() -> None:
    op.create_index("ix_documents_by_day", "documents", COLUMNS)


def downgrade() -> None:
    op.drop_index("ix_documents_by_day", table_name="documents")

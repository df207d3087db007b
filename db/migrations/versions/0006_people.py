"""Users, their sessions and tokens, failed attempts to log in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
views = "95cb783019e0dfc4"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
CHECKED = {"native_enum": False, "create_constraint": True, "length": 32}


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        _role(),
        sa.Column("password_hash", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("password_at", nullable=True),
        _moment("disabled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        _moment("created_at"),
        _moment("seen_at"),
        _moment("expires_at"),
        _of_user("sessions"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"])
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"])
    op.create_table(
        "tokens",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        _role(),
        _moment("created_at"),
        _moment("expires_at", nullable=True),
        _moment("revoked_at", nullable=True),
        _moment("used_at", nullable=True),
        _of_user("tokens"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_index(op.f("ix_tokens_user_id"), "tokens", ["user_id"])
    op.create_table(
        "attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_name_at", "attempts", ["name", "at"])
    op.create_index("ix_attempts_address_at", "attempts", ["address", "at"])
    op.create_index(op.f("ix_attempts_at"), "attempts", ["at"])


def downgrade() -> None:
    for table in ("attempts", "tokens", "sessions", "users"):
        op.drop_table(table)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UTC, nullable=nullable)


def _role() -> sa.Column[object]:
    kinds = sa.Enum("viewer", "reviewer", "admin", name="role", **CHECKED)
    return sa.Column("role", kinds, nullable=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_user_id")
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=name, ondelete="CASCADE")

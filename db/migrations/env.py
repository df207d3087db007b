"""Runs the migrations: on the connection that ``db.migrate`` passes, or on ``-x url=...``."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from db.columns import DIGITS, PLACES, Money, Plain, Utc
from db.engine import connected, parsed
from db.tables import Base
from doctally.errors import ConfigurationError


def rendered(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our column types as what they are in the database: a revision never changes."""
    names = {Plain: "sa.Text()", Utc: "sa.DateTime(timezone=True)"}
    if kind == "type" and isinstance(item, Money):
        return f"sa.Numeric({DIGITS}, {PLACES})"
    return names.get(type(item), False) if kind == "type" else False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=rendered,
        include_name=lambda name, kind, parents: not str(name).startswith("sqlite_"),
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise ConfigurationError("say which database: alembic -x url=sqlite:///FILE ...")
    with connected(parsed(url)).connect() as connection, connection.begin():
        migrate(connection)

"""Bring a database to the newest revision, or back to an older one, one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, NullPool, inspect

from db import views
from db.engine import WRITES, connected
from db.errors import address
from doctally.errors import ConfigurationError

LOCK = 0x646F6374616C6C79  # "doctally" in ASCII: the advisory lock's number
FOLDER = Path(__file__).with_name("migrations")


def configuration() -> Config:
    """Return Alembic's configuration for the migrations in this package."""
    found = Config()
    found.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return found


@cache
def head() -> str:
    """Return the newest revision."""
    return str(ScriptDirectory.from_config(configuration()).get_current_head())


def revisions() -> frozenset[str]:
    """Return every revision that this program knows."""
    found = ScriptDirectory.from_config(configuration()).walk_revisions()
    return frozenset(step.revision for step in found)


@contextmanager
def alone(url: URL) -> Iterator[Connection]:
    """Give a transaction that no other process can have at the same time."""
    engine = connected(url, poolclass=NullPool)
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if engine.dialect.name == "sqlite":  # altering a table replaces it: keep its children
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            yield connection
            if engine.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    message = f"database {address(url)}: rows without their document: {broken[:3]}"
                    raise ConfigurationError(message, code="database_broken")


def is_current(connection: Connection) -> bool:
    """Tell whether the tables are those of the newest revision and all views are there.

    Raises ConfigurationError if a newer version of doctally has changed the database.
    """
    at = MigrationContext.configure(connection).get_current_revision()
    if at is not None and at not in revisions():
        message = f"the database is newer than this program (revision {at}); update doctally"
        raise ConfigurationError(message, code="database_newer")
    return at == head() and set(inspect(connection).get_view_names()) >= set(views.VIEWS)


def to_head(url: URL) -> None:
    """Bring tables and views to the newest revision; several processes may call it at once."""
    engine = connected(url, poolclass=NullPool)
    with engine.connect() as connection:
        if is_current(connection):
            return
    with alone(url) as connection:
        if not is_current(connection):
            _move(connection, "head")
            views.create(connection)


def empty_at(url: URL, revision: str) -> None:
    """Give a database without documents and users the tables of a revision, without views.

    Raises ConfigurationError when there are any in it.
    """
    with alone(url) as connection:
        names = inspect(connection).get_table_names()
        for table in ("documents", "users"):
            query = f"SELECT count(*) FROM {table}"  # noqa: S608  names of ours
            if table in names and connection.exec_driver_sql(query).scalar():
                message = f"database {address(url)} holds {table}; restore into an empty one"
                raise ConfigurationError(message, code="database_in_use")
        if names:
            _move(connection, "base", down=True)
        _move(connection, revision)


def down_to(url: URL, revision: str) -> None:
    """Take the database back to a revision (``base``: no tables); the views are gone then."""
    with alone(url) as connection:
        _move(connection, revision, down=True)


def _move(connection: Connection, revision: str, *, down: bool = False) -> None:
    views.drop(connection)
    config = configuration()
    config.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(config, revision)

"""Database URLs and engines: what each connection is told before anything else.

SQLite in memory is not supported: several connections must see the same tables.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from doctally.errors import ConfigurationError

BUSY_S = 30.0
_AGAIN_S = 0.05
WRITES = "doctally_writes"
LOST_S = 60
"""So long PostgreSQL and we wait for a sign of life of each other: a pulled cable says nothing."""
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


def parsed(url: str) -> URL:
    """Return the URL with our driver; ConfigurationError if it is none that we can open."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        message = "the database URL is not a URL; write sqlite:///FILE or postgresql://..."
        raise ConfigurationError(message, code="database_url") from None
    backend = found.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return found.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        message = f"databases of the kind {backend!r} are not supported; use sqlite or postgresql"
        raise ConfigurationError(message, code="database_url")
    if found.database in (None, "", ":memory:"):
        message = "SQLite needs a file: sqlite:///FILE"
        raise ConfigurationError(message, code="database_url")
    return found.set(drivername="sqlite+pysqlite")


def connected(url: URL, **options: Any) -> Engine:
    """Return an engine whose connections behave as this package expects; opens nothing yet."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url, hide_parameters=True, connect_args={"timeout": BUSY_S}, **options
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    arguments = {
        "application_name": "doctally",
        "connect_timeout": 10,
        "tcp_user_timeout": LOST_S * 1000,
        **_ALIVE,
    }
    given = {name: value for name, value in arguments.items() if name not in url.query}
    engine = create_engine(
        url, hide_parameters=True, pool_pre_ping=True, connect_args=given, **options
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, record: Any) -> None:
    # The server, too, lets go of who is gone, and of the locks he holds; by default after 2 hours.
    told = "; ".join(f"SET tcp_{name} = {value}" for name, value in _ALIVE.items())
    connection.execute(f"{told}; SET tcp_user_timeout = '{LOST_S}s'")
    connection.commit()


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, also before DDL
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Let readers and a writer work side by side, for good; raises sqlite3.OperationalError.

    Of several that open a new file at once SQLite refuses some at this point without waiting.
    """
    deadline = time.monotonic() + BUSY_S
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_AGAIN_S)


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns into a writer is refused without waiting, so writers say so first.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

"""Database trouble as errors of doctally: what is wrong and what to do, never a password."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from doctally.errors import AccessDenied, ConfigurationError, DoctallyError

TRANSIENT = frozenset({"database_locked", "database_unreachable"})
"""The codes after which the same call may succeed a little later."""

LOCKED = "another process holds the lock; try again, or stop the process that keeps it"
UNREACHABLE = "check that the server runs and that host and port are right"
DENIED = "check the user's rights on the database, its file and its folder"
FULL = "the disk is full; free some space, then start again: nothing half-written remains"
READ_ONLY = "it is read-only; make the file and its folder writable for this user"
MISSING = "there is no such database; create it (createdb) or correct the URL"
BROKEN = "the file is no database or is damaged; restore the last back-up"

SQLITE = {
    "SQLITE_BUSY": ("database_locked", LOCKED),
    "SQLITE_LOCKED": ("database_locked", LOCKED),
    "SQLITE_CANTOPEN": ("database_denied", DENIED),
    "SQLITE_PERM": ("database_denied", DENIED),
    "SQLITE_AUTH": ("database_denied", DENIED),
    "SQLITE_FULL": ("disk_full", FULL),
    "SQLITE_READONLY": ("database_read_only", READ_ONLY),
    "SQLITE_IOERR": ("database_unreachable", "reading or writing failed; check the disk"),
    "SQLITE_NOTADB": ("database_broken", BROKEN),
    "SQLITE_CORRUPT": ("database_broken", BROKEN),
}
POSTGRESQL = {  # SQLSTATE or its class, PostgreSQL manual, appendix A
    "08": ("database_unreachable", UNREACHABLE),
    "25006": ("database_read_only", "this server takes no changes; use the primary's address"),
    "28": ("database_denied", "the server refuses this user or password"),
    "3D": ("database_missing", MISSING),
    "40": ("database_locked", LOCKED),
    "42501": ("database_denied", DENIED),
    "53100": ("disk_full", FULL),
    "53": ("database_unreachable", "the server has no resources left; try again later"),
    "55P03": ("database_locked", LOCKED),
    "57": ("database_unreachable", "the server is stopping or starting; try again later"),
}
CONFIGURATION = frozenset({"database_missing", "database_broken"})


def address(url: URL) -> str:
    """Return where the database is, without user, password and options."""
    if url.get_backend_name() == "sqlite":
        return url.database or "memory"
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or 'local'}{port}/{url.database or ''}"


def _meaning(error: BaseException) -> tuple[str, str] | None:
    name = getattr(error, "sqlite_errorname", None)
    if isinstance(name, str):
        return SQLITE.get("_".join(name.split("_")[:2]))
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return POSTGRESQL.get(state) or POSTGRESQL.get(state[:2])
    return None


def _of_message(text: str) -> tuple[str, str] | None:
    """Return the meaning of a failed connect, for which psycopg gives no SQLSTATE."""
    if "authentication failed" in text or "no password supplied" in text or "pg_hba" in text:
        return POSTGRESQL["28"]
    if "does not exist" in text and "database" in text:
        return POSTGRESQL["3D"]
    if "role" in text and ("does not exist" in text or "not permitted" in text):
        return POSTGRESQL["28"]
    return None


def translated(error: DBAPIError | sqlite3.Error, url: URL) -> DoctallyError | None:
    """Return the error, SQLAlchemy's or the driver's, as ours; None: a fault of the program."""
    driver = (error.orig if isinstance(error, DBAPIError) else None) or error
    found = _meaning(driver)
    if found is None and url.get_backend_name() == "postgresql":
        lost = getattr(error, "connection_invalidated", False) or type(driver).__name__ in _CONNECT
        if lost:
            found = _of_message(str(driver)) or POSTGRESQL["08"]
    if found is None:
        return None
    code, advice = found
    kind = ConfigurationError if code in CONFIGURATION else AccessDenied
    return kind(f"database {address(url)}: {advice}", code=code)


_CONNECT = frozenset({"OperationalError", "ConnectionTimeout", "InterfaceError"})


@contextmanager
def named(url: URL) -> Iterator[None]:
    """Raise what goes wrong inside as AccessDenied or ConfigurationError."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        ours = translated(error, url)
        if ours is None:
            raise
        raise ours from getattr(error, "orig", error)
    except PoolTimeout as error:
        message = f"database {address(url)}: too many calls at once; try again"
        raise AccessDenied(message, code="database_locked") from error

"""Upkeep of the database file: what a server does by itself and SQLite does not."""

from __future__ import annotations

from contextlib import closing

from db.database import Database
from db.errors import named

_WORTH_IT = 0.25
"""Share of unused pages from which on the file is packed anew."""


def tidy(database: Database) -> bool:
    """Refresh SQLite's statistics, empty its log, pack the file if much of it is unused.

    Returns whether the file was packed. PostgreSQL looks after itself (autovacuum).
    """
    if database.dialect != "sqlite":
        return False
    with named(database.engine.url), closing(database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA optimize")
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        unused = cursor.execute("PRAGMA freelist_count").fetchone()[0]
        packed = unused > _WORTH_IT * max(pages, 1)
        if packed:
            cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    return bool(packed)

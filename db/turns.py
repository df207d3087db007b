"""Turns: what several processes would only do twice, one does at a time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from db.database import Database

_LOOK_S = 0.05


@contextmanager
def turn(database: Database, name: str, *, wait_s: float) -> Iterator[bool]:
    """Give whether it is our turn, having waited so long for it at most.

    A courtesy that saves work, no guarantee: whoever does not get it may go on all the same. It
    ends with this process. SQLite has no turns: it is one process's.
    """
    if database.dialect == "sqlite":
        yield True
        return
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    mine = select(func.pg_try_advisory_xact_lock(number))
    end = time.monotonic() + wait_s
    with database.read() as session:
        while not (got := bool(session.scalar(mine))) and time.monotonic() < end:
            session.rollback()
            time.sleep(_LOOK_S)
        yield got

"""One opened database and its transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.engine import WRITES, connected, parsed
from db.errors import address, named
from db.migrate import to_head
from doctally.errors import AccessDenied


class Database:
    """An opened database; ``read`` and ``write`` give one transaction each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{WRITES: True})

    @property
    def dialect(self) -> str:
        """Return ``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @property
    def address(self) -> str:
        """Return where the database is, without user and password."""
        return address(self.engine.url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session for looking; what it changes is not kept."""
        with named(self.engine.url), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose changes are kept together at the end, or not at all."""
        with (
            named(self.engine.url),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_database(url: str) -> Database:
    """Return the database at the URL with all tables and views as this version needs them.

    SQLite: file and folder are made. Raises AccessDenied or ConfigurationError saying what to do.
    """
    where = parsed(url)
    if where.get_backend_name() == "sqlite" and not where.query.get("uri"):
        folder = Path(str(where.database)).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"database {address(where)}: its folder cannot be made: {error.strerror}"
            raise AccessDenied(message, code="database_denied") from error
    with named(where):
        to_head(where)
    return Database(connected(where))

"""All rows of a database as files of JSON lines, and back: also into the other kind of database.

Tables are taken as the database has them, not as this program knows them, so that a back-up of an
earlier schema can be restored: at its own revision first, then the migrations run.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
    update,
)

from db import migrate
from db.database import Database
from db.engine import parsed
from db.errors import named
from db.life import WORKING
from db.tables import DocumentRow
from doctally.errors import ConfigurationError

_AT_ONCE = 1000
_OURS = "alembic_version"


@dataclass(frozen=True, slots=True)
class Dump:
    """What was written: the schema's revision and the number of rows of each table."""

    revision: str
    rows: Mapping[str, int]


def dump(database: Database, folder: Path) -> Dump:
    """Write every table as of one moment to ``folder``/TABLE.jsonl.gz while others work on.

    Raises AccessDenied of the database; OSError of the folder.
    """
    with named(database.engine.url), database.engine.connect() as connection:
        if database.dialect == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            revision = MigrationContext.configure(connection).get_current_revision()
            counts = {
                table.name: _write(connection, table, folder / f"{table.name}.jsonl.gz")
                for table in _tables(connection)
            }
    return Dump(str(revision), counts)


def load(url: str, folder: Path, said: Dump) -> None:
    """Fill an empty or missing database with what ``dump`` wrote, then bring it up to date.

    Raises ConfigurationError when there are documents in it, when the back-up is of a newer
    doctally, or when rows are missing.
    """
    where = parsed(url)
    if said.revision not in migrate.revisions():
        message = f"the back-up is newer than this program (revision {said.revision})"
        raise ConfigurationError(f"{message}; update doctally", code="database_newer")
    with named(where):
        migrate.empty_at(where, said.revision)
        with migrate.alone(where) as connection:
            for table in _tables(connection):
                read = _read(connection, table, folder / f"{table.name}.jsonl.gz")
                if read != said.rows.get(table.name, 0):
                    message = f"table {table.name} has {read} rows, not {said.rows[table.name]}"
                    raise ConfigurationError(f"the back-up is damaged: {message}")
                _number_on(connection, table)
        migrate.to_head(where)


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _OURS]


def _write(connection: Connection, table: Table, file: Path) -> int:
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    count = 0
    with gzip.open(file, "wt", encoding="utf-8", compresslevel=3) as sink:
        for row in rows.mappings():
            sink.write(json.dumps({k: _packed(v) for k, v in row.items()}, ensure_ascii=False))
            sink.write("\n")
            count += 1
    return count


def _read(connection: Connection, table: Table, file: Path) -> int:
    """Return how many rows were inserted; those that name a row of their own table, twice."""
    if not file.exists():
        return 0
    own = [c.name for c in table.columns if any(f.column.table is table for f in c.foreign_keys)]
    count = 0
    links: list[dict[str, Any]] = []
    rows = _rows(table, file)
    while batch := list(islice(rows, _AT_ONCE)):
        if own:
            links += [row for row in batch if any(row[name] is not None for name in own)]
            batch = [{**row, **dict.fromkeys(own)} for row in batch]
        connection.execute(insert(table), batch)
        count += len(batch)
    if links:
        [key] = table.primary_key.columns
        for row in links:
            values = {name: row[name] for name in own}
            connection.execute(update(table).where(key == row[key.name]).values(values))
    return count


def _rows(table: Table, file: Path) -> Iterator[dict[str, Any]]:
    columns = {column.name: column for column in table.columns}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield {name: _unpacked(columns[name], value) for name, value in row.items()}


def _packed(value: Any) -> Any:
    """Return a value as JSON knows it; what JSON does not know stands in a list of its kind."""
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return ["moment", moment.isoformat()]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    if isinstance(value, Decimal):
        return ["number", str(value)]
    if isinstance(value, bytes | memoryview):
        return ["bytes", base64.b64encode(bytes(value)).decode("ascii")]
    return ["json", value] if isinstance(value, list | dict) else value


def _unpacked(column: Column[Any], value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, given = value
    if kind == "moment":
        moment = datetime.fromisoformat(given)
        zoned = isinstance(column.type, DateTime) and column.type.timezone
        return moment if zoned else moment.replace(tzinfo=None)
    if kind == "day":
        return date.fromisoformat(given)
    if kind == "number":
        return Decimal(given)
    return base64.b64decode(given) if kind == "bytes" else given


def _number_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL's counters go on after the highest number (SQLite's do)."""
    keys = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(keys) != 1:
        return
    asked = text("SELECT pg_get_serial_sequence(:table, :column)")
    given = {"table": table.name, "column": keys[0].name}
    if sequence := connection.scalar(asked, given):
        highest = connection.scalar(select(func.max(keys[0])))
        if highest is not None:
            connection.execute(text("SELECT setval(:name, :to)"), {"name": sequence, "to": highest})


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file of a document belongs: ``location`` in the home, or in work."""

    document_id: int
    sha256: str
    name: str
    location: str
    working: bool


def places(database: Database, *, owner: str) -> list[Place]:
    """Return where each file belongs, after ``owner`` has taken over what was in work."""
    with database.write() as session:
        mine = update(DocumentRow).where(DocumentRow.state.in_(WORKING))
        session.execute(mine.values(owner=owner, lease_until=None))
        rows = session.execute(
            select(
                DocumentRow.id,
                DocumentRow.sha256,
                DocumentRow.name,
                DocumentRow.location,
                DocumentRow.state,
            ).where(DocumentRow.sha256.is_not(None))
        )
        return [Place(i, str(sha), name, at, state in WORKING) for i, sha, name, at, state in rows]

"""The database is what the models, the enums and the schemas say, on both databases."""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from db import migrate, views
from db.database import Database, open_database
from db.engine import parsed
from db.tables import ArrivalRow, BankVersionRow, Base, DocumentRow, MatchRow, SupplierRow
from doctally.errors import ConfigurationError
from doctally.results import State
from doctally.schemas import DocumentType, Kind, header_fields, item_fields

NOW = datetime(2024, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)


def test_models_and_migrations_give_the_same_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        options = {
            "compare_type": True,
            "autogenerate_plugins": [
                "alembic.autogenerate.*",
                "alembic.ext.checkconstraint_byname",
            ],
            "include_object": lambda item, name, kind, *_: name != "alembic_version",
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_constraint_lists_exactly_the_values_of_its_enum(
    database: Database,
) -> None:
    seen = 0
    inspector = inspect(database.engine)
    for table in Base.metadata.sorted_tables:
        found = {c["name"]: c["sqltext"] for c in inspector.get_check_constraints(table.name)}
        for column in table.columns:
            values = getattr(column.type, "enums", None)
            if values is None:
                continue
            constraint = found[f"ck_{table.name}_{column.type.name}"]
            assert set(re.findall(r"'([^']*)'", constraint)) == set(values), (table.name, column)
            seen += 1
    assert seen >= 9


def test_where_clauses_of_partial_indexes_are_those_of_the_models(
    database: Database,
) -> None:
    now = {"backbone_hash": "", "metrics": {}, "created_at": NOW}
    with database.write() as session:
        rows = [{"version": f"v{n}", "active": n == 1, **now} for n in range(3)]
        session.execute(insert(BankVersionRow), rows)
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(insert(BankVersionRow), [{"version": "v9", "active": True, **now}])


def test_down_to_base_leaves_nothing_and_up_again_works(
    empty_database_url: str,
) -> None:
    open_database(empty_database_url).close()
    migrate.down_to(parsed(empty_database_url), "base")
    engine = create_engine(parsed(empty_database_url))
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert inspect(engine).get_view_names() == []
    engine.dispose()
    with open_database(empty_database_url) as opened:
        assert set(inspect(opened.engine).get_view_names()) == set(views.VIEWS)


def test_altering_a_table_keeps_the_rows_that_belong_to_its_rows(database_url: str) -> None:
    url = parsed(database_url)
    with open_database(database_url) as opened, opened.write() as session:
        session.execute(insert(DocumentRow), [{"id": 7, **_document("7" * 64)}])
        arrival = {"document_id": 7, "name": "", "tags": "", "arrived_at": NOW}
        session.execute(insert(ArrivalRow), [arrival])
    with migrate.alone(url) as connection:
        views.drop(connection)
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("documents") as batch:  # SQLite: a new table
            batch.alter_column("excerpt", new_column_name="beginning")
    with open_database(database_url) as opened, opened.read() as session:
        columns = [column["name"] for column in inspect(opened.engine).get_columns("documents")]
        assert "beginning" in columns
        assert session.scalars(select(ArrivalRow.document_id)).all() == [7]


def test_missing_views_come_back_when_the_database_is_opened(
    database_url: str,
) -> None:
    with open_database(database_url) as opened, opened.write() as session:
        session.execute(text("DROP VIEW invoices"))
    with open_database(database_url) as opened:
        assert "invoices" in inspect(opened.engine).get_view_names()


def test_the_newest_revision_knows_the_views_of_today() -> None:
    """A change of a schema or a view is a new revision; docs/database.md says how."""
    script = ScriptDirectory.from_config(migrate.configuration())
    newest = script.get_revision(migrate.head())
    assert newest is not None
    assert newest.module.views == views.fingerprint(), "write a new revision (docs/database.md)"


def test_a_new_revision_is_written_empty_when_nothing_has_changed(tmp_path: Path) -> None:
    """The template works, and autogenerate sees no difference, so the line columns derive too."""
    file = tmp_path / "new.db"
    open_database(f"sqlite:///{file}").close()
    versions = tmp_path / "versions"
    versions.mkdir()
    code = (
        "from alembic import command; from db import migrate; config = migrate.configuration();"
        f"config.set_main_option('version_locations', {str(migrate.FOLDER / 'versions')!r} "
        f"+ ';' + {str(versions)!r}); config.set_main_option('path_separator', ';');"
        f"config.cmd_opts = type('Options', (), {{'x': ['url=sqlite:///{file}']}})();"
        "command.revision(config, 'Nothing', autogenerate=True,"
        f" version_path={str(versions)!r})"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    (written,) = versions.glob("*.py")
    source = written.read_text()
    compile(source, written.name, "exec")
    assert f'views = "{views.fingerprint()}"' in source
    assert source.count("pass") == 2


def test_the_columns_of_each_view_are_those_of_its_schema(database: Database) -> None:
    inspector = inspect(database.engine)
    about = ["document_id", "public_id", "file", "tags", "state", "received_at"]
    for document_type in DocumentType:
        if document_type is DocumentType.OTHER:
            continue
        name, lines = views.NAMES[document_type]
        found = [column["name"] for column in inspector.get_columns(name)]
        fields = [spec.name for spec in header_fields(document_type)]
        assert found == [*about, "lowest_confidence", *fields]
        if lines:
            found = [column["name"] for column in inspector.get_columns(lines)]
            assert found[-len(item_fields()) :] == [spec.name for spec in item_fields()]


def test_line_items_have_a_typed_column_for_each_field_of_the_schema(
    database: Database,
) -> None:
    found = {c["name"]: str(c["type"]) for c in inspect(database.engine).get_columns("line_items")}
    types = {Kind.AMOUNT: "NUMERIC(18, 4)", Kind.QUANTITY: "NUMERIC(18, 4)", Kind.DATE: "DATE"}
    for spec in item_fields():
        if spec.kind in types:
            assert found[spec.name] == types[spec.kind], spec


def _open(url: str, count: int, gate: object) -> None:
    gate.wait()  # type: ignore[attr-defined]
    with open_database(url) as opened, opened.read() as session:
        found = session.execute(text("SELECT count(*) FROM documents")).scalar()
    if found != count:
        raise SystemExit(f"{found} documents")


def test_several_processes_can_open_a_new_database_at_once(
    empty_database_url: str,
) -> None:
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(4)
    workers = [context.Process(target=_open, args=(empty_database_url, 0, gate)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4


def test_a_new_file_is_opened_while_another_process_writes_the_first_page(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # who asks for WAL now is refused without waiting
    ending = threading.Timer(0.5, other.rollback)
    ending.start()
    with open_database(f"sqlite:///{file}") as opened, opened.read() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    ending.join()
    other.close()


def test_a_database_of_a_newer_program_is_left_alone(database_url: str) -> None:
    with open_database(database_url) as opened, opened.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="newer than this program") as caught:
        open_database(database_url)
    assert caught.value.code == "database_newer"


def test_sqlite_connections_use_wal_and_foreign_keys(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/deep/er/x.db") as opened, opened.read() as session:
        wanted = {
            "journal_mode": "wal",
            "foreign_keys": 1,
            "synchronous": 1,
            "busy_timeout": 30_000,
        }
        found = {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
        assert found == wanted


def test_times_come_back_aware_in_utc_and_naive_ones_are_refused(
    database: Database,
) -> None:
    here = timezone(timedelta(hours=2))
    row = {"name": "A", "key": "a", "aliases": [], "updated_at": NOW}
    with database.write() as session:
        session.execute(insert(SupplierRow), [{**row, "created_at": NOW.astimezone(here)}])
    with database.read() as session:
        found = session.execute(select(SupplierRow.created_at)).scalar_one()
    assert found == NOW
    assert found.utcoffset() == timedelta(0)
    with pytest.raises(Exception, match="no time zone"), database.write() as session:
        session.execute(insert(SupplierRow), [{**row, "created_at": NOW.replace(tzinfo=None)}])


def test_amounts_come_back_exactly_and_sql_can_add_them(database: Database) -> None:
    amounts = [Decimal(a) for a in ("0.1", "-1234.5678", "99999999999.99", "0", "1E+3", "19.999")]
    with database.write() as session:
        rows = [{"id": n, **_document(f"{n:064d}")} for n in (1, 2)]
        session.execute(insert(DocumentRow), rows)
        pair = {"document_id": 1, "other_id": 2, "reason_code": "", "created_at": NOW}
        session.execute(insert(MatchRow), [{**pair, "amount": amount} for amount in amounts])
    with database.read() as session:
        found = session.scalars(select(MatchRow.amount).order_by(MatchRow.id)).all()
        assert found == amounts
        assert [str(a) for a in found[:5]] == ["0.1", "-1234.5678", "99999999999.99", "0", "1000"]
        total = session.execute(text("SELECT round(sum(amount), 4) FROM matches")).scalar_one()
        assert float(total) == float(sum(amounts))


def _document(sha256: str) -> dict[str, object]:
    texts = dict.fromkeys(
        ("name", "tags", "reason_code", "reason", "owner", "location", "model_version", "excerpt"),
        "",
    )
    times = {"claimed_at": NOW, "updated_at": NOW}
    state = {"state": State.FAILED, "size": 0, "attempts": 1}
    return {"sha256": sha256, "public_id": sha256[-32:], **texts, **times, **state}


def test_a_row_without_its_document_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(
            text(
                "INSERT INTO arrivals (document_id, name, tags, arrived_at)"
                " VALUES (77, '', '', '2024-01-01')"
            )
        )


def test_an_unknown_state_is_refused_by_the_database_itself(database: Database) -> None:
    with database.write() as session:
        session.execute(insert(DocumentRow), [_document("0" * 64)])
    with pytest.raises(IntegrityError, match="ck_documents_state"), database.write() as session:
        session.execute(text("UPDATE documents SET state = 'lost'"))

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.database import Database
from db.upkeep import tidy
from flows.folders import Folders
from flows.housekeeping import forget_reasons


def test_old_reasons_go_when_their_file_was_taken_away(home: Path) -> None:
    folders = Folders(home)
    folders.create()
    for name in ("1-kept.pdf", "1-kept.pdf.reason.txt", "2-gone.pdf.reason.txt"):
        (folders.failed / name).write_text("x")
        os.utime(folders.failed / name, (1_000_000, 1_000_000))
    (folders.failed / "3-new.pdf.reason.txt").write_text("x")
    assert forget_reasons(folders, before=datetime(2026, 1, 1, tzinfo=UTC)) == 1
    left = sorted(path.name for path in folders.failed.iterdir())
    assert left == ["1-kept.pdf", "1-kept.pdf.reason.txt", "3-new.pdf.reason.txt"]


def test_a_file_that_is_mostly_unused_is_packed(database: Database) -> None:
    if database.dialect != "sqlite":
        assert not tidy(database)
        return
    assert not tidy(database)
    connection = database.engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute(
        "CREATE TABLE bulk AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
        "FROM n LIMIT 500) SELECT randomblob(4000) AS x FROM n"
    )
    cursor.execute("DROP TABLE bulk")
    cursor.close()
    connection.close()
    assert tidy(database)
    assert not tidy(database)


@pytest.mark.parametrize("name", ["ingest", "process", "housekeeping"])
def test_no_flow_retries_because_bad_documents_are_not_transient(name: str) -> None:
    from importlib import import_module

    flow = getattr(import_module(f"flows.{name}"), name)
    assert not flow.retries

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from prefect.exceptions import ObjectNotFound

from db.database import Database
from db.upkeep import tidy
from flows.folders import Folders
from flows.housekeeping import forget_reasons, forget_runs


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


class RunsOfAServer:
    """Answers as a Prefect server with these ended runs, the oldest first."""

    def __init__(self, count: int) -> None:
        self.runs = [UUID(int=number) for number in range(count)]
        self.artifacts = {one: [SimpleNamespace(id=one)] for one in self.runs}
        self.vanished: set[UUID] = set()

    async def read_flow_runs(self, *, limit: int, sort: object = None, **_: object) -> list[Any]:
        found = self.runs[:limit] if sort is not None else []  # none is too old
        return [SimpleNamespace(id=one) for one in found]

    async def count_flow_runs(self, **_: object) -> int:
        return len(self.runs)

    async def read_artifacts(self, *, artifact_filter: Any) -> list[Any]:
        return self.artifacts.get(artifact_filter.flow_run_id.any_[0], [])

    async def delete_artifact(self, number: UUID) -> None:
        del self.artifacts[number]

    async def delete_flow_run(self, number: UUID) -> None:
        self.runs.remove(number)
        if number in self.vanished:
            raise ObjectNotFound(Exception("the server's own vacuum was quicker"))


@pytest.mark.parametrize(("count", "kept"), [(0, 0), (120, 120), (121, 120), (430, 120)])
def test_of_the_runs_the_newest_are_kept_with_their_artifacts(count: int, kept: int) -> None:
    server = RunsOfAServer(count)
    server.vanished = {UUID(int=3)}
    before = datetime(2026, 1, 1, tzinfo=UTC)
    gone = asyncio.run(forget_runs(server, before=before, most=120))  # type: ignore[arg-type]
    assert [run.int for run in server.runs] == list(range(count - kept, count))
    assert sorted(server.artifacts) == server.runs
    assert gone == count - kept - (count - kept > 3)

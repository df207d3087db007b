from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fakes import FakeEngine, drop, invoice_pdf
from sqlalchemy import select

from db import versions
from db.database import Database
from db.tables import BankVersionRow
from doctally.settings import Settings
from flows.home import open_home
from flows.once import process_all
from models.cards import active, packaged_bank


def rows(database: Database) -> dict[str, tuple[str | None, bool]]:
    with database.read() as session:
        found = session.scalars(select(BankVersionRow))
        return {row.version: (row.parent, row.active) for row in found}


def test_one_version_serves_and_the_earlier_ones_stay_known(database: Database) -> None:
    def served(version: str, parent: str | None) -> versions.Served:
        return versions.Served(version, parent, "hash", {}, datetime(2026, 1, 2, tzinfo=UTC))

    assert versions.serving(database) == ""
    versions.serve(database, served("b", "never-served"))
    versions.serve(database, served("c", "b"))
    assert rows(database) == {"b": (None, False), "c": ("b", True)}
    versions.serve(database, served("b", None))
    assert versions.serving(database) == "b"
    assert rows(database) == {"b": (None, True), "c": ("b", False)}


def test_the_version_that_reads_a_document_is_noted(settings: Settings, tmp_path: Path) -> None:
    class Ours(FakeEngine):
        version = active(packaged_bank()).name

    with open_home(settings, load_engine=lambda _: Ours()) as home:
        drop(home.folders.inbox, "a.pdf", invoice_pdf("R-1"))
        list(process_all(home, told=lambda _: None))
        assert rows(home.database) == {Ours.version: (None, True)}


def test_an_engine_that_is_no_bank_is_not_noted(settings: Settings) -> None:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        drop(home.folders.inbox, "a.pdf", invoice_pdf("R-1"))
        list(process_all(home, told=lambda _: None))
        assert rows(home.database) == {}

"""Removing old failures: what is listed, what goes, what never goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fakes import FakeEngine, drop, invoice_pdf

from db import documents
from doctally.cli.app import run
from doctally.settings import Settings
from flows.home import Home, open_home
from flows.once import process_all
from flows.purge import purge


@pytest.fixture
def worked(settings: Settings) -> Iterator[Home]:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        drop(home.folders.inbox, "good.pdf", invoice_pdf("R-1"))
        drop(home.folders.inbox, "unsure.pdf", invoice_pdf("R-2", words="UNSURE"))
        drop(home.folders.inbox, "broken.pdf", b"%PDF-1.7 and nothing more")
        list(process_all(home, told=lambda _: None))
        yield home


def names(home: Home) -> set[str]:
    return {row.name for row in documents.recent(home.database)}


def test_a_purge_without_yes_lists_and_keeps_all(worked: Home) -> None:
    later = worked.now() + timedelta(days=1)
    would = purge(worked.database, worked.folders, before=later, really=False)
    assert ([f.name for f in would.old.failures], would.files) == (["broken.pdf"], 2)
    assert names(worked) == {"good.pdf", "unsure.pdf", "broken.pdf"}
    assert len(list(worked.folders.failed.iterdir())) == 2


def test_a_purge_takes_old_failures_with_file_and_reason_and_nothing_else(worked: Home) -> None:
    early = worked.now() - timedelta(days=1)
    assert purge(worked.database, worked.folders, before=early, really=True).old.nothing
    later = worked.now() + timedelta(days=1)
    gone = purge(worked.database, worked.folders, before=later, really=True)
    assert gone.files == 2
    assert names(worked) == {"good.pdf", "unsure.pdf"}
    assert not list(worked.folders.failed.iterdir())
    assert all(
        (worked.folders.home / d.location).is_file() for d in documents.recent(worked.database)
    )


def test_the_command_says_what_it_would_remove(
    worked: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCTALLY_HOME", str(worked.folders.home))
    assert run(["purge", "--older-than", "30", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"removed": False, "failures": [], "arrivals": 0, "messages": 0, "files": 0}
    assert run(["purge", "--older-than", "0"]) == 1

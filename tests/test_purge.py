"""Removing old failures: what is listed, what goes, what never goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from fakes import FakeEngine, drop, invoice_pdf
from sqlalchemy import func, select
from test_db_matching import BILL, NOW, ORDER, bring, state

from db import documents
from db.audit import trail
from db.database import Database
from db.retention import expired, forget
from db.tables import ArrivalRow, FieldValueRow, LineItemRow, PageRow, TransitionRow
from db.verdicts import Matching
from doctally.cli.app import run
from doctally.matching import Tolerances
from doctally.results import State
from doctally.settings import Settings
from flows.home import Home, open_home
from flows.once import process_all
from flows.purge import purge, purge_expired
from flows.reasons import review_reason


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


POLICY = {"invoice": 100, "purchase_order": 300}


def test_documents_go_with_all_that_was_read_in_them_when_the_days_of_their_type_are_over(
    worked: Home,
) -> None:
    twin = worked.folders.inbox / "twin.pdf"
    drop(worked.folders.inbox, twin.name, invoice_pdf("R-1"))
    list(process_all(worked, told=lambda _: None))
    good = next(row for row in documents.recent(worked.database) if row.name == "good.pdf")
    assert good.state == "accepted"
    early, late = (worked.now() + timedelta(days=days) for days in (99, 101))
    about = (worked.database, worked.folders, POLICY)
    assert purge_expired(*about, now=early, really=True) == ([], 0)
    would, files = purge_expired(*about, now=late, really=False)
    assert ([one.name for one in would], files) == (["good.pdf"], 2)  # and its duplicate
    assert (worked.folders.home / good.location).is_file()
    gone, files = purge_expired(*about, now=late, really=True)
    assert (gone, files) == (would, 2)
    assert names(worked) == {"unsure.pdf", "broken.pdf"}  # one waits for a person, one failed
    left = [path.name for path in (worked.folders.home / "processed").rglob("*.pdf")]
    assert left == []
    with worked.database.read() as session:
        for table in (FieldValueRow, LineItemRow, PageRow, TransitionRow, ArrivalRow):
            of_it = select(func.count()).select_from(table)
            assert session.scalar(of_it.where(table.document_id == good.document_id)) == 0
    assert [entry.action for entry in trail(worked.database, good.document_id)] == ["purged"]


def test_papers_that_belong_together_are_kept_until_the_time_of_all_is_over(
    database: Database,
) -> None:
    how = Matching(Tolerances(), review_reason)
    numbers = {bring(database, ORDER, how=how), bring(database, BILL, how=how)}
    assert {state(database, number) for number in numbers} == {State.ACCEPTED}
    day = timedelta(days=1)
    assert expired(database, POLICY, now=NOW + 200 * day) == []  # the bill's time, not the order's
    over = expired(database, POLICY, now=NOW + 301 * day)
    assert {one.document_id for one in over} == numbers
    assert forget(database, over, now=NOW + 301 * day) == 2
    assert expired(database, POLICY, now=NOW + 301 * day) == []


def test_what_would_go_is_listed_to_the_end_however_many_there_are(
    worked: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3, 6):
        drop(worked.folders.inbox, f"good-{number}.pdf", invoice_pdf(f"R-{number}"))
    list(process_all(worked, told=lambda _: None))
    monkeypatch.setattr("flows.purge.expired", partial(expired, limit=2))
    late = worked.now() + timedelta(days=101)
    about = (worked.database, worked.folders, POLICY)
    would, _ = purge_expired(*about, now=late, really=False)
    expected = ["good-3.pdf", "good-4.pdf", "good-5.pdf", "good.pdf"]
    assert sorted(one.name for one in would) == expected
    assert purge_expired(*about, now=late, really=True)[0] == would


def test_a_type_without_days_is_kept_for_ever(worked: Home) -> None:
    ages = worked.now() + timedelta(days=36_500)
    about = (worked.database, worked.folders)
    assert purge_expired(*about, {"receipt": 1}, now=ages, really=True) == ([], 0)
    assert purge_expired(*about, {}, now=ages, really=True) == ([], 0)


def test_the_command_removes_by_the_policy_of_the_settings(
    worked: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCTALLY_HOME", str(worked.folders.home))
    assert run(["purge", "--expired"]) == 1  # nothing goes without a policy
    monkeypatch.setenv("DOCTALLY_KEEP_DAYS", '{"invoice": 3650}')
    capsys.readouterr()
    assert run(["purge", "--expired", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": False, "expired": [], "files": 0}
    monkeypatch.setenv("DOCTALLY_KEEP_DAYS", '{"invoice": 0}')
    assert run(["purge", "--expired"]) == 1

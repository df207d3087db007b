"""What people corrected, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from db import documents
from db.corrections import add, corrections, flag, learnt, withdraw
from db.database import Database
from doctally.corrections import Correction, CorrectionKind, correction
from doctally.pages import Box

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
TOTAL = Correction(
    "total_gross",
    None,
    "119.00",
    "142.80",
    CorrectionKind.CHANGED,
    page=2,
    bbox=Box(0.5, 0.25, 0.75, 0.3),
)
CELL = Correction("quantity", 3, None, "2", CorrectionKind.ADDED)


def given(database: Database, name: str) -> int:
    return documents.refuse(
        database, name=name, tags=(), size=0, code="x", message="x", owner="a", now=NOW
    )


def test_corrections_come_back_with_their_place_on_the_page(database: Database) -> None:
    first, second = given(database, "a.pdf"), given(database, "b.pdf")
    with database.write() as session:
        add(session, first, [TOTAL, CELL], who="ada", now=NOW)
        add(session, second, [CELL], who="bob", now=NOW + timedelta(hours=1))
    (total, cell) = corrections(database, document_id=first)
    assert (total.correction, cell.correction) == (TOTAL, CELL)
    assert (total.document_id, total.who, total.at, total.flag) == (first, "ada", NOW, None)
    later = corrections(database, since=NOW + timedelta(minutes=1))
    assert [c.document_id for c in later] == [second]


def test_what_a_version_learnt_is_not_new_any_more(database: Database) -> None:
    number = given(database, "a.pdf")
    with database.write() as session:
        add(session, number, [TOTAL, CELL], who="ada", now=NOW)
    one, two = corrections(database)
    flag(database, {two.correction_id: "contradicts"})
    learnt(database, [one.correction_id], "v1")
    learnt(database, [one.correction_id, two.correction_id], "v2")
    assert [(c.flag, c.learnt_in) for c in corrections(database)] == [
        (None, "v1"),
        ("contradicts", "v2"),
    ]
    assert corrections(database, unlearnt=True) == []
    assert [c.flag for c in corrections(database, flagged=True)] == ["contradicts"]


def test_an_undo_takes_back_the_corrections_made_since(database: Database) -> None:
    number = given(database, "a.pdf")
    with database.write() as session:
        add(session, number, [TOTAL], who="ada", now=NOW)
        add(session, number, [CELL], who="ada", now=NOW + timedelta(hours=1))
    with database.write() as session:
        assert withdraw(session, number, since=NOW + timedelta(minutes=1)) == 1
    assert [c.correction for c in corrections(database)] == [TOTAL]
    with database.write() as session:
        assert withdraw(session, number) == 1
    assert corrections(database) == []


def test_corrections_belong_to_a_document_and_go_with_it(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        add(session, 4711, [TOTAL], who="ada", now=NOW)
    number = given(database, "a.pdf")
    with database.write() as session:
        add(session, number, [TOTAL], who="ada", now=NOW)
    documents.purge_older(database, before=NOW + timedelta(days=1))
    assert corrections(database) == []


def test_a_pair_of_values_says_what_became_of_it() -> None:
    def kind(old: str | None, new: str | None) -> CorrectionKind | None:
        made = correction("order_number", old, new)
        return made.kind if made else None

    assert kind("A1", "A2") is CorrectionKind.CHANGED
    assert kind(None, "A2") is CorrectionKind.ADDED
    assert kind("A1", "") is CorrectionKind.REMOVED
    assert kind("A1", "A1") is CorrectionKind.CONFIRMED
    assert kind("", None) is None

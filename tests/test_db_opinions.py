"""Lines in doubt: the judge is asked while no transaction is open, and its word counts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from test_db_matching import bring, count, extraction, matching
from test_matching_doubts import SAME

from db.database import Database
from db.tables import DocumentRow, MatchRow
from doctally.matching import Line

CLEANERS = ("steam cleaner for floors", "vacuum cleaner, bagless")
RENAMED = ("VX-100 silver edition", "SC2 DeLuxe EasyFix")


def lines(texts: Sequence[str]) -> list[dict[str, str]]:
    return [{"description": text, "quantity": "3", "unit": "pcs"} for text in texts]


ORDER = extraction("purchase_order", "PO-4711", *lines(CLEANERS), issue_date="2024-03-01")
NOTE = extraction("shipment_notice", "D1", *lines(RENAMED), order_number="4711")


def linked(database: Database) -> dict[int, int | None]:
    with database.read() as session:
        rows = session.scalars(select(MatchRow).where(MatchRow.other_line.is_not(None)))
        return {row.line: row.other_line for row in rows if row.line}


def test_the_judge_is_asked_while_others_can_write_and_its_word_counts(database: Database) -> None:
    asked = []

    def judge(pairs: Sequence[tuple[Line, Line]]) -> list[float]:
        with database.write() as session:  # would wait for ever for an open transaction
            session.execute(update(DocumentRow).values(size=11))
        asked.append(count(database, DocumentRow))
        return [SAME[one.text, other.text] for one, other in pairs]

    bring(database, ORDER)
    bring(database, NOTE, how=matching(judge=judge))
    assert asked == [2]  # claimed is the note before it is stored
    assert linked(database) == {1: 2, 2: 1}


def test_a_judge_that_fails_costs_no_document(database: Database) -> None:
    def judge(pairs: Sequence[tuple[Line, Line]]) -> list[float]:
        raise ZeroDivisionError

    bring(database, ORDER)
    how = matching(judge=judge)
    bring(database, NOTE, how=how)
    assert linked(database) == {}
    assert [move.about.name for move in how.moved] == ["D1.pdf"]

"""Storing what was found in a document: whole or not at all, once, and read back the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from db import documents
from db.claims import Incoming
from db.database import Database, open_database
from db.life import IllegalTransition
from db.store import Stored
from db.tables import DocumentRow, FieldValueRow, FindingRow, LineItemRow, PageRow, TransitionRow
from db.values import key_of, typed
from db.words import packed, unpacked
from doctally.errors import DoctallyError
from doctally.pages import Box, Page, Reading, Word
from doctally.results import Extraction, FieldValue, Finding, Severity, State
from doctally.schemas import Kind

NOW = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)
BOX = Box(0.1, 0.25, 0.3333, 0.2789)

READING = Reading(
    "application/pdf",
    (
        Page(1, 595.28, 841.89, (Word("Rechnung", BOX, 9.5, bold=True), Word("€ 12,50", BOX))),
        Page(2, 842.0, 595.0, (Word("Ende", BOX, 7.0, confidence=0.8125),), "ocr"),
    ),
)
EXTRACTION = Extraction(
    document_type="invoice",
    route_confidence=0.9375,
    fields={
        "document_number": FieldValue("RE-2024/17", 0.875, 1, BOX, "model", "Nr. RE-2024/17"),
        "issue_date": FieldValue("2024-02-29", 0.5, 1, BOX, "model", "29.02.2024"),
        "supplier_name": FieldValue("Müller & Söhne GmbH", 1.0, source="xml"),
        "supplier_tax_id": FieldValue("DE123456789", 1.0, source="xml"),
        "total_gross": FieldValue("1234.50", 0.75, 2, None, "derived", ""),
        "payment_terms": FieldValue("30\x00 Tage", 0.25, 1, BOX, text="30 Tage"),
    },
    line_items=(
        {
            "description": FieldValue("Schrauben\x00 M8", 0.5, 1, BOX, "model", "Schrauben M8"),
            "quantity": FieldValue("20", 1.0, 1, BOX),
            "unit_price": FieldValue("0.0725", 0.625, None, None, "xml"),
            "delivery_date": FieldValue("2024-03-01", 0.5),
        },
        {"amount_net": FieldValue("1233.05", 0.5, 2, BOX)},
    ),
    model_version="bank-7",
)
FINDINGS = (
    Finding("total_differs", Severity.REVIEW, "Net and tax are not the gross.", ("total_gross",)),
    Finding("long_ago", Severity.INFO, "The date is long ago."),
)


def _claimed(database: Database, *contents: int, owner: str = "a") -> list[int]:
    files = [Incoming(f"{n:064x}", f"{n}.pdf", (), 9) for n in contents]
    found = documents.claim(database, files, owner=owner, now=NOW, lease_s=600)
    return [claim.document_id for claim in found]


def _stored(document_id: int, **given: Any) -> Stored:
    usual = Stored(document_id, READING, EXTRACTION, FINDINGS, State.REVIEW, "doubt", "Look.")
    return replace(usual, **given)


def _counted(database: Database) -> dict[str, int]:
    tables = (FieldValueRow, LineItemRow, FindingRow, PageRow)
    with database.read() as session:
        return {
            table.__tablename__: session.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
            for table in tables
        }


ONE_SET = {"field_values": 6, "line_items": 2, "findings": 2, "pages": 2}


def test_a_stored_document_reads_back_as_it_was(database: Database) -> None:
    (document_id,) = _claimed(database, 1)
    later = NOW + timedelta(seconds=5)
    assert documents.store(database, [_stored(document_id)], owner="a", now=later) == {document_id}
    found = documents.document(database, document_id)
    clean = {n: replace(v, value=v.value.replace("\x00", "")) for n, v in EXTRACTION.fields.items()}
    assert found.extraction is not None
    assert found.extraction.fields == clean
    line = dict(EXTRACTION.line_items[0])
    line["description"] = replace(line["description"], value="Schrauben M8")
    assert found.extraction.line_items == (line, EXTRACTION.line_items[1])
    assert found.extraction.model_version == "bank-7"
    assert found.extraction.route_confidence == 0.9375
    assert found.findings == FINDINGS
    assert documents.pages(database, document_id) == READING.pages
    assert (found.summary.state, found.summary.reason_code) == (State.REVIEW, "doubt")
    assert (found.page_count, found.excerpt) == (2, "Rechnung € 12,50 Ende")
    assert found.summary.finished_at == later
    walked = [State.CLAIMED, State.READ, State.ROUTED, State.EXTRACTED, State.VALIDATED]
    assert [t.after for t in found.history] == [*walked, State.REVIEW]
    assert [t.reason_code for t in found.history][-2:] == ["", "doubt"]


def test_values_have_typed_copies_that_sql_computes_with(database: Database) -> None:
    (document_id,) = _claimed(database, 1)
    documents.store(database, [_stored(document_id)], owner="a", now=NOW)
    with database.read() as session:
        query = "SELECT sum(quantity * unit_price) FROM line_items WHERE line = 1"
        assert float(session.execute(text(query)).scalar_one()) == pytest.approx(1.45)
        by_name = {row.name: row for row in session.scalars(select(FieldValueRow))}
        assert by_name["total_gross"].number == Decimal("1234.5")
        assert str(by_name["issue_date"].day) == "2024-02-29"
        assert by_name["supplier_name"].key == "mullersohnegmbh"
        assert by_name["payment_terms"].key is None


def test_a_second_store_replaces_the_first(database: Database) -> None:
    ids = _claimed(database, 1, 2)
    batch = [_stored(i) for i in ids]
    documents.store(database, batch, owner="a", now=NOW)
    assert _counted(database) == {name: 2 * n for name, n in ONE_SET.items()}
    fewer = replace(EXTRACTION, fields={}, line_items=(), document_type="receipt")
    again = _stored(ids[0], extraction=fewer, findings=(), outcome=State.ACCEPTED, reason="")
    documents.store(database, [again], owner="a", now=NOW)
    assert _counted(database) == {**ONE_SET, "pages": 4}
    found = documents.document(database, ids[0])
    assert found.summary.state is State.ACCEPTED
    assert found.extraction is not None
    assert (found.extraction.document_type, found.extraction.fields) == ("receipt", {})


def test_a_worker_that_lost_its_claim_stores_nothing(database: Database) -> None:
    ids = _claimed(database, 1, 2)
    late = NOW + timedelta(hours=1)
    claims = [Incoming(f"{1:064x}", "1.pdf", (), 9)]
    documents.claim(database, claims, owner="b", now=late, lease_s=600)
    batch = [_stored(i) for i in ids]
    assert documents.store(database, batch, owner="a", now=late) == {ids[1]}
    assert _counted(database) == ONE_SET
    assert documents.document(database, ids[0]).summary.state is State.CLAIMED


def test_what_a_person_confirmed_is_not_overwritten(database: Database) -> None:
    ids = _claimed(database, 1)
    documents.store(database, [_stored(ids[0])], owner="a", now=NOW)
    with database.write() as session:
        session.execute(update(DocumentRow).values(state=State.CONFIRMED))
    empty = _stored(ids[0], findings=(), extraction=replace(EXTRACTION, fields={}))
    assert documents.store(database, [empty], owner="a", now=NOW) == frozenset()
    assert _counted(database) == ONE_SET


def test_a_batch_with_an_illegal_outcome_changes_nothing(database: Database) -> None:
    ids = _claimed(database, 1, 2, 3)
    documents.fail(database, ids[1], "crashed", "The reader died.", owner="a", now=NOW)
    for outcome in (State.REVIEW, State.CONFIRMED):
        batch = [_stored(i, outcome=outcome) for i in (ids[0], ids[1])]
        with pytest.raises(IllegalTransition):
            documents.store(database, batch, owner="a", now=NOW)
    assert documents.counts(database) == {State.CLAIMED: 2, State.FAILED: 1}
    assert sum(_counted(database).values()) == 0
    assert documents.store(database, [], owner="a", now=NOW) == frozenset()


KILLED = """
import os, signal, sys
from sqlalchemy import event
from db.database import open_database
from db import documents
from test_db_store import NOW, _stored

database = open_database(sys.argv[1])

@event.listens_for(database.engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.startswith("INSERT INTO findings"):
        os.kill(os.getpid(), signal.SIGKILL)

documents.store(database, [_stored(1), _stored(2)], owner="a", now=NOW)
"""


def test_a_process_killed_while_it_stores_leaves_no_half_of_a_batch(database_url: str) -> None:
    with open_database(database_url) as database:
        ids = _claimed(database, 1, 2)
        assert ids == [1, 2]
        path = os.pathsep.join(p for p in sys.path if p)
        run = subprocess.run(
            [sys.executable, "-c", KILLED, database_url], env={**os.environ, "PYTHONPATH": path}
        )
        assert run.returncode == -signal.SIGKILL
        assert sum(_counted(database).values()) == 0
        assert documents.counts(database) == {State.CLAIMED: 2}
        late = NOW + timedelta(hours=1)
        left = documents.unfinished(database, owner="b", now=late, lease_s=600)
        assert [p.document_id for p in left] == ids
        documents.store(database, [_stored(i) for i in ids], owner="b", now=late)
        assert _counted(database) == {name: 2 * n for name, n in ONE_SET.items()}


def test_failure_has_a_reason_and_is_noted_once(database: Database) -> None:
    (document_id,) = _claimed(database, 1)
    for _ in range(2):
        assert documents.fail(database, document_id, "empty", "No bytes.", owner="a", now=NOW)
    found = documents.document(database, document_id)
    assert (found.summary.reason_code, found.summary.reason) == ("empty", "No bytes.")
    assert [t.after for t in found.history] == [State.CLAIMED, State.FAILED]
    assert found.extraction is None
    with pytest.raises(DoctallyError) as caught:
        documents.document(database, 999)
    assert caught.value.code == "no_such_document"


def test_a_document_that_ended_well_cannot_fail(database: Database) -> None:
    (document_id,) = _claimed(database, 1)
    documents.store(database, [_stored(document_id, outcome=State.ACCEPTED)], owner="a", now=NOW)
    with pytest.raises(IllegalTransition):
        documents.fail(database, document_id, "late", "x", owner="a", now=NOW)


def test_the_same_number_of_the_same_supplier_is_found_however_it_is_written(
    database: Database,
) -> None:
    ids = _claimed(database, 1, 2)
    documents.store(database, [_stored(ids[0])], owner="a", now=NOW)
    other = {"document_type": "invoice", "not_sha256": f"{2:064x}"}

    def look(number: str, **given: str) -> int | None:
        found = documents.same_number(database, document_number=number, **{**other, **given})
        return found.document_id if found else None

    assert look("re2024-17", supplier_name="MÜLLER & SOHNE GMBH") == ids[0]
    assert look("RE 2024 17", supplier_tax_id="DE 123 456 789") == ids[0]
    assert look("RE-2024/17", supplier_name="Meier", supplier_tax_id="DE123456789") == ids[0]
    assert look("RE-2024/17", supplier_name="Meier") is None
    assert look("RE-2024/18", supplier_name="Müller & Söhne GmbH") is None
    assert look("RE-2024/17") is None
    assert look("", supplier_name="Müller & Söhne GmbH") is None
    name = "Müller & Söhne GmbH"
    assert look("RE-2024/17", supplier_name=name, not_sha256=f"{1:064x}") is None
    assert look("RE-2024/17", supplier_name=name, document_type="credit_note") is None


def test_old_failures_and_arrivals_are_purged_with_all_that_belongs_to_them(
    database: Database,
) -> None:
    ids = _claimed(database, 1, 2, 1)
    assert ids[0] == ids[2]
    documents.store(database, [_stored(ids[1], duplicate_of=ids[0])], owner="a", now=NOW)
    documents.fail(database, ids[0], "empty", "No bytes.", owner="a", now=NOW)
    assert documents.purge_older(database, before=NOW) == 0
    assert documents.purge_older(database, before=NOW + timedelta(days=1)) == 2
    assert documents.counts(database) == {State.REVIEW: 1}
    assert documents.document(database, ids[1]).duplicate_of is None
    with database.read() as session:
        assert set(session.scalars(select(TransitionRow.document_id))) == {ids[1]}


def test_the_newest_come_first_and_can_be_asked_by_state(database: Database) -> None:
    ids = _claimed(database, 1, 2, 3)
    documents.store(database, [_stored(ids[0])], owner="a", now=NOW + timedelta(seconds=1))
    assert [s.document_id for s in documents.recent(database)] == [ids[0], ids[2], ids[1]]
    assert [s.document_id for s in documents.recent(database, limit=1)] == [ids[0]]
    claimed = documents.recent(database, state=State.CLAIMED)
    assert [s.document_id for s in claimed] == [ids[2], ids[1]]


def test_a_value_that_its_type_cannot_hold_is_kept_as_text_only(database: Database) -> None:
    fields = {
        "total_net": FieldValue("123456789012345678.99", float("nan"), source="human"),
        "total_tax": FieldValue("twelve", 1.5),
        "issue_date": FieldValue("2024-02-30", -1.0),
        "unknown_name": FieldValue("kept", 0.5),
    }
    odd = Extraction("other", 0.5, fields, ({"quantity": FieldValue("NaN", 0.5)},))
    (document_id,) = _claimed(database, 1)
    documents.store(database, [_stored(document_id, extraction=odd)], owner="a", now=NOW)
    found = documents.document(database, document_id).extraction
    assert found is not None
    assert {n: v.value for n, v in found.fields.items()} == {n: v.value for n, v in fields.items()}
    assert [found.fields[n].confidence for n in fields] == [0.0, 1.0, 0.0, 0.5]
    assert found.line_items[0]["quantity"].value == "NaN"
    with database.read() as session:
        assert set(session.scalars(select(FieldValueRow.number))) == {None}
        assert session.scalars(select(LineItemRow.quantity)).all() == [None]


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        (Kind.AMOUNT, "1234.50", Decimal("1234.50")),
        (Kind.AMOUNT, "99999999999999.9999", Decimal("99999999999999.9999")),
        (Kind.AMOUNT, "99999999999999.99999", None),
        (Kind.AMOUNT, "Infinity", None),
        (Kind.TIME, "2024-05-01T10:30:00+02:00", datetime(2024, 5, 1, 10, 30)),
        (Kind.TIME, "2024-05-01", datetime(2024, 5, 1)),
        (Kind.TIME, "noon", None),
        (Kind.STATUS, "delivered", "delivered"),
    ],
)
def test_values_take_the_type_of_their_kind(kind: Kind, value: str, wanted: Any) -> None:
    assert typed(kind, value) == wanted


def test_keys_keep_letters_and_digits_of_any_script() -> None:
    assert key_of("Ærø  Groß-Händler, № 7") == "ærøgroßhandlerno7".replace("ß", "ss")
    assert key_of("株式会社 トヨタ") == "株式会社トヨタ"
    assert key_of("--- / ---") == ""
    assert len(key_of("x" * 500)) == 64


def test_words_survive_packing_to_a_hundred_thousandth_of_the_page() -> None:
    word = Word("½ \U0001f4c4\x00", Box(0.123456, 0, 1, 0.999999), 11.255, True, 0.33333)
    (found,) = unpacked(packed([word]))
    assert found == Word(word.text, Box(0.12346, 0.0, 1.0, 1.0), 11.26, True, 0.3333)
    assert unpacked(packed([])) == ()

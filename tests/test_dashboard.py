"""The dashboard's figures: counted right, on both databases, whatever is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from db import accuracy, daily
from db.database import Database
from db.tables import (
    AuditRow,
    CorrectionRow,
    DocumentRow,
    FieldValueRow,
    FindingRow,
    TransitionRow,
)
from db.waiting import model_version, waiting
from doctally.corrections import CorrectionKind
from doctally.results import Severity, State
from doctally.schemas import DocumentType

NOW = datetime(2026, 3, 5, 0, 30, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)


def put(database: Database, number: int, state: State, *, days: int = 0, **more: object) -> None:
    texts = dict.fromkeys(("tags", "reason_code", "reason", "owner", "location", "excerpt"), "")
    at = NOW - timedelta(days=days)
    row = {
        "id": number,
        "public_id": f"{number:032}",
        "sha256": f"{number:064}",
        "name": f"{number}.pdf",
        "size": 1,
        "state": state,
        "document_type": DocumentType.INVOICE,
        "attempts": 1,
        "model_version": "v1",
        "claimed_at": at,
        "updated_at": at,
        **texts,
        **more,
    }
    with database.write() as session:
        session.execute(insert(DocumentRow), [row])


@pytest.fixture
def filled(database: Database) -> Database:
    acme = {"supplier": "ACME", "currency": "EUR"}
    put(database, 1, State.ACCEPTED, amount=Decimal("100.10"), **acme)
    put(database, 2, State.ACCEPTED, amount=Decimal("0.20"), **acme)
    put(database, 3, State.REVIEW, days=1, amount=Decimal("7"), **acme)
    put(database, 4, State.CONFIRMED, days=1, supplier="Other", currency=None)
    put(database, 5, State.FAILED, days=1, document_type=None, supplier=None)
    put(database, 6, State.CLAIMED, days=2, document_type=None)
    put(database, 7, State.ACCEPTED, days=31, amount=Decimal("999"), **acme)
    return database


def test_an_empty_database_has_no_figures(database: Database) -> None:
    assert daily.days(database, since=SINCE) == []
    assert daily.amounts(database, since=SINCE) == []
    assert daily.confidence(database, since=SINCE, below=0.7) == []
    assert daily.waited(database, since=SINCE) == []
    assert accuracy.by_field(database, since=SINCE) == []
    assert accuracy.by_supplier(database, since=SINCE) == []
    assert accuracy.by_day(database, since=SINCE) == []
    assert accuracy.open_findings(database) == {}
    assert waiting(database).length == 0 and waiting(database).oldest is None
    assert model_version(database) == ""


def test_documents_are_counted_by_their_utc_day_and_state(filled: Database) -> None:
    found = daily.days(filled, since=SINCE)
    assert [(d.day.isoformat(), d.total, d.straight) for d in found] == [
        ("2026-03-03", 1, None),
        ("2026-03-04", 3, 0.0),
        ("2026-03-05", 2, 1.0),
    ]
    assert found[1].states == {State.REVIEW: 1, State.CONFIRMED: 1, State.FAILED: 1}
    assert waiting(filled).length == 1
    assert waiting(filled).oldest == NOW - timedelta(days=1)


def test_amounts_are_summed_by_type_currency_and_state(filled: Database) -> None:
    found = daily.amounts(filled, since=SINCE)
    assert [(a.state, a.currency, a.number, a.total) for a in found] == [
        (State.ACCEPTED, "EUR", 2, Decimal("100.30")),
        (State.REVIEW, "EUR", 1, Decimal("7.00")),
    ]


def test_confidence_is_that_of_the_models_own_values(filled: Database) -> None:
    given = [(1, "a", 0.9, "model"), (1, "b", 0.5, "model"), (1, "c", 1.0, "human"),
             (3, "a", 0.8, "model"), (7, "a", 0.1, "model")]  # fmt: skip
    with filled.write() as session:
        for number, name, sure, source in given:
            value = {"document_id": number, "name": name, "value": "x", "text": "x"}
            more = {"confidence": sure, "source": source, "model_version": "v1"}
            session.execute(insert(FieldValueRow), [{**value, **more}])
    found = daily.confidence(filled, since=SINCE, below=0.7)
    assert [(c.day.day, round(c.mean, 3), c.doubtful) for c in found] == [
        (4, 0.8, 0.0),
        (5, 0.7, 0.5),
    ]


def test_accuracy_is_what_people_left_as_it_was(filled: Database) -> None:
    kinds = CorrectionKind
    given = [(3, "total_gross", kinds.CONFIRMED), (4, "total_gross", kinds.CHANGED),
             (4, "issue_date", kinds.CONFIRMED), (4, "order_number", kinds.ADDED)]  # fmt: skip
    with filled.write() as session:
        for number, name, kind in given:
            row = {"document_id": number, "field": name, "kind": kind, "who": "anna"}
            session.execute(insert(CorrectionRow), [{**row, "corrected_at": NOW}])
        line = {"document_id": 4, "field": "quantity", "kind": kinds.CHANGED, "line": 1}
        session.execute(insert(CorrectionRow), [{**line, "who": "anna", "corrected_at": NOW}])
        old = {"document_id": 4, "field": "old", "kind": kinds.CHANGED, "who": "anna"}
        late = SINCE - timedelta(days=1)
        session.execute(insert(CorrectionRow), [{**old, "corrected_at": late}])
    assert [(a.name, a.right, a.judged) for a in accuracy.by_field(filled, since=SINCE)] == [
        ("order_number", 0, 1),
        ("total_gross", 1, 2),
        ("issue_date", 1, 1),
    ]
    assert [(a.name, a.right, a.judged) for a in accuracy.by_supplier(filled, since=SINCE)] == [
        ("Other", 1, 3),
        ("ACME", 1, 1),
    ]
    (day,) = accuracy.by_day(filled, since=SINCE)
    assert (day.day.day, day.right, day.judged) == (5, 2, 4)


def test_review_time_is_from_the_latest_queueing_to_the_decision(filled: Database) -> None:
    def step(number: int, hours: float) -> dict[str, object]:
        at = NOW - timedelta(hours=hours)
        return {"document_id": number, "after": State.REVIEW, "at": at, "owner": "", **rest}

    rest = {"reason_code": ""}
    with filled.write() as session:
        session.execute(insert(TransitionRow), [step(3, 9), step(3, 2), step(4, 4), step(1, 1)])
        for number, action, field in (
            (3, "confirm", "state"),
            (4, "reject", "state"),
            (4, "reject", "reason"),
            (1, "changed", "state"),
        ):
            act = {"at": NOW, "who": "anna", "action": action, "document_id": number}
            session.execute(insert(AuditRow), [{**act, "field": field}])
    (day,) = daily.waited(filled, since=SINCE)
    assert (day.number, day.median) == (2, 3 * 3600.0)


def test_open_findings_are_those_of_documents_in_review(filled: Database) -> None:
    with filled.write() as session:
        for number, code, severity in (
            (3, "totals_mismatch", Severity.REVIEW),
            (3, "totals_mismatch", Severity.REVIEW),
            (3, "noted", Severity.INFO),
            (1, "other", Severity.REVIEW),
        ):
            row = {"document_id": number, "code": code, "severity": severity, "message": ""}
            session.execute(insert(FindingRow), [{**row, "fields": []}])
    assert accuracy.open_findings(filled) == {"totals_mismatch": 1}

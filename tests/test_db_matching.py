"""Matching in SQL, on both databases: late papers, exactly once, states and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update

from db import deliveries, documents
from db.beside import beside
from db.cases import forms
from db.database import Database
from db.deliveries import Message
from db.documents import Incoming, Stored
from db.exceptions import exceptions, stale
from db.memory import numbers
from db.opinions import rematch
from db.tables import (
    DocumentRow,
    MatchLinkRow,
    MatchReasonRow,
    MatchRow,
    OpenLineRow,
    TransitionRow,
)
from db.verdicts import Matching
from doctally.matching import Tolerances
from doctally.pages import Reading
from doctally.results import Extraction, FieldValue, Finding, Severity, State
from doctally.review.matched import table_of
from doctally.schemas import DocumentType
from flows.reasons import review_reason

NOW = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
STRICT = Tolerances.model_validate({"default": {"receipt": "required"}})
BOLTS = {"description": "Hex bolt M8 x 30 galvanised", "quantity": "100", "unit": "pcs",
         "unit_price": "0.25", "amount_net": "25.00"}  # fmt: skip


def extraction(kind: str, number: str, *lines: Mapping[str, str], **fields: str) -> Extraction:
    def cells(values: Mapping[str, str]) -> dict[str, FieldValue]:
        return {name: FieldValue(value, 0.99) for name, value in values.items()}

    header = {"document_number": number, "supplier_name": "Acme Tools GmbH", "currency": "EUR"}
    return Extraction(kind, 0.99, cells({**header, **fields}), tuple(map(cells, lines)), "v1")


ORDER = extraction("purchase_order", "PO-4711", BOLTS, issue_date="2024-03-01", total_net="25.00")
BILL = extraction(
    "invoice", "R1", BOLTS, order_number="po 4711", issue_date="2024-03-20", total_gross="29.75"
)
NOTE = extraction(
    "shipment_notice", "D1", {**BOLTS, "shipped_quantity": "100"}, order_number="4711",
    ship_date="2024-03-10",
)  # fmt: skip


def matching(**more: Any) -> Matching:
    return Matching(STRICT, review_reason, **more)


def bring(
    database: Database,
    found: Extraction,
    *,
    how: Matching | None = None,
    findings: Sequence[Finding] = (),
    message: Message | None = None,
) -> int:
    number = found.fields["document_number"].value
    digest = f"{abs(hash((number, found.document_type))):064x}"[-64:]
    incoming = Incoming(digest, f"{number}.pdf", (), 10)
    claim = documents.claim(database, [incoming], owner="us", now=NOW, lease_s=60)[0]
    review = any(f.severity is not Severity.INFO for f in findings)
    item = Stored(
        claim.document_id,
        Reading("application/pdf"),
        found,
        tuple(findings),
        State.REVIEW if review else State.ACCEPTED,
        message=message,
        matched=True,
    )
    documents.store(database, [item], owner="us", now=NOW, matching=how or matching())
    return claim.document_id


def state(database: Database, number: int) -> State:
    return documents.document(database, number).summary.state


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_bill_that_came_before_its_delivery_is_held_and_accepted_when_that_comes(
    database: Database,
) -> None:
    bring(database, ORDER)
    bill = bring(database, BILL)
    held = documents.document(database, bill)
    assert held.summary.state is State.REVIEW
    assert held.summary.reason_code == "billed_not_received"
    assert [(f.code, f.severity) for f in held.findings] == [
        ("billed_not_received", Severity.REJECT)
    ]
    how = matching()
    bring(database, NOTE, how=how)
    assert state(database, bill) is State.ACCEPTED
    assert [(m.about.document_id, m.state) for m in how.moved] == [(bill, State.ACCEPTED)]
    assert documents.document(database, bill).findings == ()
    with database.read() as session:
        line = session.scalars(select(OpenLineRow)).one()
        assert (line.ordered, line.received, line.billed) == (100, 100, 100)
        assert line.billed_amount == Decimal("25.00")


def test_an_order_that_comes_last_finds_its_bill(database: Database) -> None:
    bill = bring(database, BILL)
    assert state(database, bill) is State.ACCEPTED
    bring(database, NOTE)
    dear = {**BOLTS, "unit_price": "0.20", "amount_net": "20.00"}
    bring(database, extraction("purchase_order", "PO-4711", dear, issue_date="2024-03-01"))
    assert state(database, bill) is State.REVIEW
    found = exceptions(database)
    assert [(e.document_id, e.code, e.amount) for e in found] == [
        (bill, "price_above_order", Decimal("5.00"))
    ]


def test_matching_again_changes_nothing(database: Database) -> None:
    numbers = [bring(database, found) for found in (ORDER, BILL, NOTE)]
    tables = (MatchLinkRow, MatchRow, MatchReasonRow, OpenLineRow, TransitionRow)
    before = [count(database, table) for table in tables]
    for _ in range(2):
        how = matching()
        rematch(database, numbers, how, owner="us", now=NOW)
        assert how.moved == []
    assert [count(database, table) for table in tables] == before


def test_a_paper_stored_twice_is_billed_once(database: Database) -> None:
    bring(database, ORDER)
    bring(database, NOTE)
    bill = bring(database, BILL)
    with database.write() as session:
        session.execute(
            update(DocumentRow)
            .where(DocumentRow.id == bill)
            .values(state=State.CLAIMED, owner="us")
        )
    again = Stored(bill, Reading("application/pdf"), BILL, (), State.ACCEPTED, matched=True)
    documents.store(database, [again], owner="us", now=NOW, matching=matching())
    with database.read() as session:
        assert session.scalars(select(OpenLineRow.billed)).one() == 100


def test_the_history_goes_through_matched(database: Database) -> None:
    order = bring(database, ORDER)
    steps = [step.after for step in documents.document(database, order).history]
    assert steps[-2:] == [State.MATCHED, State.ACCEPTED]


def test_a_held_bill_is_told_to_nobody_until_it_is_settled(database: Database) -> None:
    how = matching(tell=lambda about, found, findings: Message("document.accepted", about.name))
    bring(database, ORDER)
    bring(database, BILL, how=how, message=Message("document.accepted", "too early"))
    assert deliveries.deliveries(database, limit=9) == []
    bring(database, NOTE, how=how)
    due = deliveries.take_due(database, now=NOW, lease_s=60)
    assert due is not None
    assert due.body == "R1.pdf"
    assert deliveries.take_due(database, now=NOW, lease_s=60) is None


def test_what_else_asks_for_a_look_keeps_the_document_in_review(database: Database) -> None:
    doubt = Finding("low_confidence", Severity.REVIEW, "issue_date 0.4")
    bring(database, ORDER)
    bill = bring(database, BILL, findings=[doubt])
    bring(database, NOTE)
    found = documents.document(database, bill)
    assert found.summary.state is State.REVIEW
    assert [f.code for f in found.findings] == ["low_confidence"]


def test_a_rejected_bill_gives_back_what_it_had_billed(database: Database) -> None:
    bring(database, ORDER)
    bring(database, NOTE)
    bill = bring(database, BILL)
    with database.write() as session:
        session.execute(
            update(DocumentRow).where(DocumentRow.id == bill).values(state=State.FAILED)
        )
    assert bill in stale(database, after=0, limit=10)
    rematch(database, [bill], matching(), owner="us", now=NOW)
    with database.read() as session:
        assert session.scalars(select(OpenLineRow.billed)).one() == 0
        assert session.scalars(select(MatchLinkRow.document_id)).all() != [bill]


def test_without_a_number_words_and_prices_find_the_order_of_that_supplier(
    database: Database,
) -> None:
    bring(database, ORDER)
    other = extraction(
        "purchase_order", "77", {**BOLTS, "description": "paint"}, issue_date="2024-03-02"
    )
    bring(database, other)
    bare = extraction("invoice", "R2", BOLTS, issue_date="2024-03-20")
    bill = bring(database, bare)
    with database.read() as session:
        links = session.execute(
            select(MatchLinkRow.order_id, MatchLinkRow.how).where(MatchLinkRow.document_id == bill)
        ).all()
    assert [tuple(link) for link in links] == [(1, "content")]


def test_a_fault_in_matching_costs_no_document(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.verdicts.match", lambda *_args, **_more: 1 // 0)
    order = bring(database, ORDER)
    assert state(database, order) is State.ACCEPTED
    assert stale(database, after=0, limit=10) == [order]


def test_a_number_is_kept_in_every_form_that_is_surely_the_same() -> None:
    assert forms("PO-2024-0815") & forms("po 2024/0815") & forms("20240815")
    assert forms("B80151") & forms("B8OI5l")
    assert forms("--") == set()


def test_a_bill_stands_beside_its_order_and_delivery_line_by_line(database: Database) -> None:
    second = {**BOLTS, "description": "Washer M8 zinc", "unit_price": "0.05", "amount_net": "5.00"}
    order = bring(
        database, extraction("purchase_order", "PO-4711", BOLTS, second, issue_date="2024-03-01")
    )
    note = bring(database, NOTE)
    dearer = {**BOLTS, "unit_price": "0.30", "amount_net": "30.00"}
    foreign = {"description": "Express courier Paris", "quantity": "1", "amount_net": "80.00"}
    bill = bring(
        database, extraction("invoice", "R1", dearer, foreign, order_number="PO-4711",
                             issue_date="2024-03-20"),
    )  # fmt: skip
    found = beside(database, bill)
    assert found is not None and found.decision is not None
    assert [(near.document_id, near.number) for near in found.near] == [
        (order, "PO-4711"),
        (note, "D1"),
    ]
    first, other, rest = found.pairs
    assert first.ordered is not None and first.ordered.price == Decimal("0.25")
    assert (first.line, first.order_id, first.quantity) == (1, order, 100)
    assert (first.received, first.billed) == (100, 100)
    assert [said.code for said in first.said] == ["price_above_order"]
    assert (other.line, other.ordered) == (2, None)
    assert rest.line is None and rest.ordered is not None and rest.ordered.text == "Washer M8 zinc"
    table = table_of(found, {1: {"unit_price": FieldValue("0.30", 1.0)}})
    assert "≠ 0.30" in table and "≠ 0.25" in table and "≠ not ordered" in table
    named = {field for f in documents.document(database, bill).findings for field in f.fields}
    assert "line_items.0.unit_price" in named
    own = beside(database, order)
    assert own is not None and [pair.received for pair in own.pairs] == [100, 0]
    assert beside(database, 10**6) is None


def test_the_numbers_of_a_suppliers_orders_are_known_the_newest_first(database: Database) -> None:
    for number, day in (("PO-1", "2024-01-01"), ("PO-2", "2024-02-01")):
        bring(database, extraction("purchase_order", number, BOLTS, issue_date=day))
    kind = DocumentType.PURCHASE_ORDER
    assert numbers(database, kind, supplier="ACME Tools gmbh") == ["PO-2", "PO-1"]
    assert numbers(database, kind, supplier="Another") == []

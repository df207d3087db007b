"""A document in work without a browser: drafts, doubts, undo; words under a click; suggestions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest
from tiny import page_of

from db import documents, suppliers
from db.claims import Incoming
from db.database import Database
from db.memory import known, usual
from db.store import Stored
from doctally.edits import Edits
from doctally.locale import Locale
from doctally.pages import Box, Page, Reading
from doctally.people import Identity, Role
from doctally.pick import at_point, in_box
from doctally.priority import headline
from doctally.results import Extraction, FieldValue, Finding, Severity, State
from doctally.review.banner import held_by
from doctally.review.draft import Draft, cell_path
from doctally.review.hints import hints_for
from doctally.review.lines import doubted_cells
from doctally.schemas import DocumentType, Kind
from doctally.suggest import on_pages
from doctally.suppliers import Supplier
from flows.review import account_findings

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
IBAN = "DE44500105175407324931"
COMMA = Locale(day_first=True, decimal_comma=True)
POINT = Locale(day_first=True, decimal_comma=False)
PAGE = page_of(
    "Muster & Söhne GmbH          Rechnung Nr. RE-2026/17",
    "IBAN DE44 5001 0517 5407 3249 31",
    "Datum 1. März 2026           Gesamt 1.234,50 EUR",
    "Netto 1.037,39    Steuer 197,11    Gesamt 1.234,50",
)


def middle(page: Page, text: str) -> tuple[float, float]:
    word = next(word for word in page.words if word.text == text)
    return (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1.234,50", Kind.AMOUNT, "1234.50"),
        ("2026", Kind.DATE, "2026-03-01"),
        ("0517", Kind.IBAN, "DE44500105175407324931"),
        ("RE-2026/17", Kind.IDENTIFIER, "RE-2026/17"),
        ("Söhne", Kind.NAME, "Muster & Söhne GmbH"),
        ("Netto", Kind.AMOUNT, None),
    ],
)
def test_a_click_takes_the_words_that_belong_together(
    text: str, kind: Kind, value: str | None
) -> None:
    found = at_point(PAGE, *middle(PAGE, text), kind=kind, locale=COMMA)
    assert found is not None and found.value == value and found.page == 1


def test_a_click_beside_all_words_finds_nothing() -> None:
    assert at_point(PAGE, 0.9, 0.9, kind=Kind.TEXT, locale=COMMA) is None
    assert at_point(Page(1, 1, 1, ()), 0.5, 0.5, kind=Kind.TEXT, locale=COMMA) is None


def test_a_rectangle_takes_what_lies_inside_over_lines() -> None:
    x0, y0 = middle(PAGE, "Datum")
    x1, y1 = middle(PAGE, "Steuer")
    box = Box(x0 - 0.001, y0 - 0.001, x1 - 0.03, y1 + 0.001)
    found = in_box(PAGE, box, kind=Kind.TEXT, locale=COMMA)
    assert found is not None and found.value == "Datum 1. März 2026 Netto 1.037,39"
    assert in_box(PAGE, Box(0.9, 0.9, 1, 1), kind=Kind.TEXT, locale=COMMA) is None


def test_other_values_of_the_kind_are_suggested_the_most_printed_first() -> None:
    amounts = [found.value for found in on_pages([PAGE], kind=Kind.AMOUNT, locale=COMMA)]
    assert amounts[0] == "1234.50" and {"1037.39", "197.11"} <= set(amounts)
    (day,) = on_pages([PAGE], kind=Kind.DATE, locale=COMMA)
    assert (day.value, day.text) == ("2026-03-01", "1. März 2026")
    assert on_pages([PAGE], kind=Kind.NAME, locale=COMMA) == []


FIELDS = {
    "document_number": FieldValue("RE-1", 0.9),
    "issue_date": FieldValue("2026-03-01", 0.4),
    "supplier_name": FieldValue("ACME", 0.9),
    "supplier_tax_id": FieldValue("DE123456788", 0.9),
    "currency": FieldValue("EUR", 0.9),
    "total_net": FieldValue("100.00", 0.9),
    "total_tax": FieldValue("19.00", 0.9),
    "total_gross": FieldValue("120.00", 0.9),
}
LINES = (
    {"description": FieldValue("Bolts", 0.9), "amount_net": FieldValue("60.00", 0.9)},
    {"description": FieldValue("Nuts", 0.9), "amount_net": FieldValue("40.00", 0.9)},
)


def put(
    database: Database, number: int, fields: dict[str, FieldValue], outcome: State = State.REVIEW
) -> int:
    file = Incoming(f"{number:064x}", f"{number}.pdf", (), 9)
    (claim,) = documents.claim(database, [file], owner="a", now=NOW, lease_s=60)
    found = Extraction("invoice", 0.9, fields, LINES, "bank-1")
    row = Stored(claim.document_id, Reading("application/pdf"), found, (), outcome)
    documents.store(database, [row], owner="a", now=NOW)
    return claim.document_id


@pytest.fixture
def draft(database: Database) -> Draft:
    found = documents.document(database, put(database, 1, FIELDS))
    return Draft(found, (PAGE,), Edits(), accept_confidence=0.7, today=date(2026, 3, 5))


def test_doubts_stand_in_the_order_of_the_form_and_go_when_settled(draft: Draft) -> None:
    def doubts() -> list[str]:
        return draft.doubts(draft.findings())

    assert doubts() == ["issue_date", "total_net", "total_tax", "total_gross"]
    draft.accept("issue_date")
    draft.type("total_gross", "119,00")
    assert doubts() == []
    assert draft.value("total_gross") == FieldValue("119.00", 1.0, source="human", text="119,00")
    assert draft.following(["issue_date", "total_tax"], "document_number", 1) == "issue_date"
    assert draft.following(["issue_date", "total_tax"], "total_tax", 1) == "issue_date"
    assert draft.following(["issue_date", "total_tax"], "issue_date", -1) == "total_tax"


def test_a_finding_about_a_line_leads_to_its_cell(database: Database) -> None:
    found = documents.document(database, put(database, 1, FIELDS))
    finding = Finding("quantity_over", Severity.REVIEW, "12 billed", ("line_items.1.quantity",))
    whole = Finding("unknown_item", Severity.REVIEW, "not ordered", ("line_items.0",))
    found = replace(found, findings=(finding, whole))
    draft = Draft(found, (), Edits(), accept_confidence=0.1, today=date(2026, 3, 5))
    cells = ["line_items.0.description", "line_items.1.quantity"]
    assert draft.doubts((finding, whole)) == cells
    assert list(doubted_cells(draft, (whole, finding))) == cells
    draft.accept(cells[0])
    assert draft.doubts((finding, whole)) == cells[1:]
    assert doubted_cells(draft, (whole, finding)) == {cells[1]: "12 billed"}


def test_another_account_of_a_known_supplier_is_told_while_it_is_typed(database: Database) -> None:
    suppliers.put(database, [Supplier(0, "ACME", ibans=(IBAN,))], now=NOW)
    found = documents.document(database, put(database, 1, FIELDS))
    account = partial(account_findings, database)
    draft = Draft(
        found, (), Edits(), accept_confidence=0.7, today=date(2026, 3, 5), account=account
    )

    def told() -> bool:
        return "bank_account_changed" in {finding.code for finding in draft.findings()}

    assert not told()
    draft.type("supplier_iban", "GB82 WEST 1234 5698 7654 32")
    assert told()
    draft.type("supplier_iban", IBAN)
    assert not told()


def test_master_data_and_papers_of_the_supplier_are_suggested(database: Database) -> None:
    acme = Supplier(0, "ACME", ("DE123456788",), (IBAN,), aliases=("Acme Tools",), address="Rd 1")
    suppliers.put(database, [acme], now=NOW)
    found = documents.document(database, put(database, 1, FIELDS))
    draft = Draft(found, (PAGE,), Edits(), accept_confidence=0.7, today=date(2026, 3, 5))

    def offered(path: str) -> list[tuple[str, str]]:
        return [(hint.given.value, hint.source) for hint in hints_for(draft, database, path)]

    known = "master data of ACME"
    assert offered("supplier_name")[0] == ("Acme Tools", known)
    assert offered("supplier_address")[0] == ("Rd 1", known)
    assert offered("supplier_iban") == [(IBAN, known)]
    assert offered("document_number") == [("RE-2026/17", "on page 1")]
    assert offered("order_number") == [("RE-2026/17", "on page 1")]


def test_keys_of_one_field_are_one_undo_and_text_that_is_no_value_is_kept(draft: Draft) -> None:
    for text in ("3", "31", "31.", "31.13."):
        draft.type("issue_date", text)
    assert draft.faults() == {"issue_date": "this is no date"}
    draft.type("total_net", "101")
    assert draft.undo()
    assert draft.value("total_net") == FIELDS["total_net"]
    assert draft.undo()
    assert (draft.value("issue_date"), draft.faults()) == (FIELDS["issue_date"], {})
    assert not draft.undo()


def test_what_was_typed_is_discarded_as_one_change(draft: Draft) -> None:
    draft.type("total_gross", "119,00")
    draft.accept("issue_date")
    draft.add_row()
    before = draft.edits
    draft.discard()
    assert draft.edits.empty and len(draft.lines()) == len(LINES)
    assert draft.undo() and draft.edits == before


def test_typing_the_old_value_again_changes_nothing(draft: Draft) -> None:
    draft.type("document_number", " RE-1 ")
    assert draft.edits.empty and not draft.undo()
    draft.type("document_number", "")
    assert draft.value("document_number") is None
    assert "document_number" in draft.edits.fields


def test_lines_move_with_what_was_accepted_in_them(draft: Draft) -> None:
    draft.accept(cell_path(1, "amount_net"))
    assert draft.add_row(0) == 1
    assert draft.edits.accepted == (cell_path(2, "amount_net"),)
    draft.type(cell_path(1, "amount_net"), "7,50")
    assert [line.get("amount_net") for line in draft.lines()][1] == FieldValue(
        "7.50", 1.0, source="human", text="7,50"
    )
    draft.remove_row(0)
    assert draft.edits.accepted == (cell_path(1, "amount_net"),)
    assert [line["amount_net"].value for line in draft.lines()] == ["7.50", "40.00"]
    draft.remove_row(1)
    assert draft.edits.accepted == ()
    for _ in range(5):
        assert draft.undo()
    assert draft.edits.empty


def test_another_type_has_other_fields(draft: Draft) -> None:
    draft.set_type(DocumentType.SHIPMENT_NOTICE)
    assert "carrier" in {spec.name for spec in draft.specs}
    draft.set_type(DocumentType.SHIPMENT_STATUS)
    assert not draft.has_lines


def test_earlier_documents_of_the_supplier_tell_its_usual_values(database: Database) -> None:
    mine = put(database, 1, FIELDS)
    for number, tax_id in enumerate(("DE1", "DE1", "DE2"), start=2):
        fields = {**FIELDS, "supplier_tax_id": FieldValue(tax_id, 0.9)}
        put(database, number, fields, State.ACCEPTED)
    put(database, 9, {**FIELDS, "supplier_name": FieldValue("Acme Tools", 0.9)}, State.ACCEPTED)
    assert usual(database, "supplier_tax_id", supplier="ACME", but=mine) == ["DE1", "DE2"]
    assert usual(database, "supplier_tax_id", supplier="Nobody", but=mine) == []
    assert known(database, "supplier_name", "acm") == ["ACME", "Acme Tools"]
    assert known(database, "supplier_name", "a") == []


def test_priority_grows_with_doubt_and_with_the_digits_of_the_amount() -> None:
    def priority(amount: str, *findings: Finding, currency: str = "EUR") -> float:
        fields = {"total_gross": FieldValue(amount, 0.5), "currency": FieldValue(currency, 1.0)}
        return headline(Extraction("invoice", 0.9, fields), findings).priority

    low = Finding("low_confidence", Severity.REVIEW, "", ("total_gross",))
    rule = Finding("totals_mismatch", Severity.REVIEW, "", ("total_gross",))
    info = Finding("charges_not_listed", Severity.INFO, "")
    broken = Finding("schema_invalid", Severity.REJECT, "", ("issue_date",))
    assert priority("100", info) == 0
    assert priority("99", low) == pytest.approx(0.5 * 3)
    assert priority("999", low) == pytest.approx(0.5 * 4)
    assert priority("99", low, rule) == pytest.approx(0.75 * 3)
    assert priority("99", broken) == pytest.approx(0.9 * 3)
    assert priority("9900", low, currency="JPY") == priority("99", low)
    assert priority("1e30", low) == priority("1e9", low)
    assert priority("no number", low) == pytest.approx(0.5)


def test_who_has_a_document_is_a_person_only_where_people_log_in() -> None:
    assert held_by("root", Identity("root", Role.ADMIN, "local")) == "Another window has"
    assert held_by("ben", Identity("anna", Role.REVIEWER, "session")) == "ben has"

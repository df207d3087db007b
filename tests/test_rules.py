"""The rules as a whole: real labels, the decision, the record, the documented codes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from doctally.codes import CODES
from doctally.errors import RefusedRecord
from doctally.required import REQUIRED
from doctally.results import Extraction, FieldValue, Finding, Severity, State
from doctally.rules import as_record, check, decide, doubts, duplicate_finding
from doctally.schemas import DocumentType, Invoice, all_header_fields

TODAY = date(2020, 6, 1)
GOOD = {
    "document_number": "RE-20200329/499",
    "issue_date": "2020-03-29",
    "due_date": "2020-04-28",
    "supplier_name": "Lieferant GmbH",
    "supplier_tax_id": "DE136695976",
    "supplier_iban": "DE88200800000970375700",
    "supplier_bic": "COBADEFFXXX",
    "currency": "EUR",
    "total_net": "496.00",
    "total_tax": "75.04",
    "total_gross": "571.04",
}
LINES = (
    {"quantity": "1", "unit_price": "160.00", "amount_net": "160.00"},
    {"quantity": "400", "unit_price": "0.79", "amount_net": "316.00"},
    {"quantity": "800", "unit_price": "0.025", "amount_net": "20.00"},
)


def extraction(
    fields: Mapping[str, str],
    lines: tuple[Mapping[str, str], ...] = (),
    *,
    document_type: str = "invoice",
    confidence: float = 0.9,
    route: float = 0.9,
) -> Extraction:
    def cells(row: Mapping[str, str]) -> dict[str, FieldValue]:
        return {name: FieldValue(value, confidence) for name, value in row.items()}

    return Extraction(document_type, route, cells(fields), tuple(cells(row) for row in lines))


def codes(found: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in found]


def test_a_right_invoice_has_no_finding_and_is_accepted() -> None:
    right = extraction(GOOD, LINES)
    found = check(right, today=TODAY)
    assert found == ()
    assert decide(right, found, accept_confidence=0.7) is State.ACCEPTED


def test_the_record_is_typed() -> None:
    record = as_record(extraction(GOOD, LINES))
    assert isinstance(record, Invoice)
    assert record.total_gross == Decimal("571.04")
    assert record.issue_date == date(2020, 3, 29)
    assert record.line_items[2].unit_price == Decimal("0.025")
    assert record.order_number is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issue_date", "2020-02-30"),
        ("issue_date", "29.03.2020"),
        ("issue_date", "1520208000"),
        ("total_gross", "1.234,50"),
        ("total_gross", "1e3"),
        ("total_gross", "NaN"),
        ("total_gross", ""),
        ("supplier_colour", "blue"),
    ],
)
def test_a_value_that_is_not_in_normal_form_is_named_and_left_out(field: str, value: str) -> None:
    wrong = extraction({**GOOD, field: value}, LINES)
    found = check(wrong, today=TODAY)
    assert codes(found) == ["schema_invalid"]
    assert found[0].fields == (field,)
    assert found[0].severity is Severity.REJECT
    with pytest.raises(RefusedRecord, match=f"^{field}: "):
        as_record(wrong)


def test_a_cell_of_a_line_that_does_not_fit_is_named_by_its_line() -> None:
    wrong = extraction(GOOD, (*LINES, {"quantity": "many"}))
    found = check(wrong, today=TODAY)
    assert [f.fields for f in found] == [("line_items.3.quantity",)]


def test_fields_that_only_other_types_have_are_noted_not_refused() -> None:
    foreign = extraction({**GOOD, "ship_from_name": "Werk 3"}, LINES)
    found = check(foreign, today=TODAY)
    assert codes(found) == ["field_not_of_type"]
    assert decide(foreign, found, accept_confidence=0.7) is State.ACCEPTED
    assert isinstance(as_record(foreign), Invoice)
    letter = extraction({}, LINES, document_type="other")
    assert codes(check(letter, today=TODAY)) == ["field_not_of_type"]


def test_an_unknown_document_type_is_refused() -> None:
    unknown = extraction(GOOD, document_type="poem")
    assert codes(check(unknown, today=TODAY)) == ["schema_invalid"]
    with pytest.raises(RefusedRecord, match="document_type: 'poem'"):
        as_record(unknown)


def test_what_is_missing_is_said_in_one_finding_and_a_missing_total_in_another() -> None:
    found = check(extraction({"customer_name": "Kunden AG"}), today=TODAY)
    assert codes(found) == ["total_missing", "required_missing"]
    assert found[1].fields == ("document_number", "issue_date", "supplier_name")


@pytest.mark.parametrize(
    ("document_type", "fields"),
    [
        ("receipt", {"issue_date": "2020-03-29", "supplier_name": "S", "total_gross": "8.00"}),
        ("purchase_order", {"document_number": "1", "customer_name": "C"}),
        ("shipment_notice", {"delivery_note_number": "1", "ship_from_name": "S"}),
        ("shipment_status", {"tracking_number": "1Z", "status": "delivered"}),
        ("credit_note", GOOD),
        ("other", {}),
    ],
)
def test_the_least_that_each_type_needs_is_enough(
    document_type: str, fields: dict[str, str]
) -> None:
    assert check(extraction(fields, document_type=document_type), today=TODAY) == ()


def test_every_type_says_what_it_needs_in_fields_that_exist() -> None:
    names = {spec.name for spec in all_header_fields()}
    assert set(REQUIRED) == set(DocumentType)
    assert {n for groups in REQUIRED.values() for group in groups for n in group} <= names


def test_a_header_value_below_the_confidence_asks_for_review() -> None:
    unsure = extraction(GOOD, confidence=0.6)
    assert decide(unsure, (), accept_confidence=0.7) is State.REVIEW
    assert decide(unsure, (), accept_confidence=0.6) is State.ACCEPTED
    (found,) = doubts(unsure, accept_confidence=0.7)
    assert found.code == "low_confidence"
    assert found.fields == tuple(GOOD)
    assert "document_number 0.60" in found.message


def test_cells_of_lines_below_the_confidence_do_not() -> None:
    sure = extraction(GOOD)
    mixed = Extraction("invoice", 0.9, sure.fields, ({"code": FieldValue("A", 0.2)},))
    assert decide(mixed, (), accept_confidence=0.7) is State.ACCEPTED


@pytest.mark.parametrize("document_type", list(DocumentType))
def test_an_uncertain_type_asks_for_review(document_type: DocumentType) -> None:
    unsure = extraction({}, document_type=document_type, route=0.69)
    assert codes(doubts(unsure, accept_confidence=0.7)) == ["route_uncertain"]
    assert decide(unsure, (), accept_confidence=0.7) is State.REVIEW


def test_another_document_is_accepted_without_values_when_its_type_is_certain() -> None:
    letter = extraction({}, document_type="other", route=0.95)
    found = check(letter, today=TODAY)
    assert decide(letter, found, accept_confidence=0.7) is State.ACCEPTED


@pytest.mark.parametrize(
    ("severity", "state"),
    [
        (Severity.INFO, State.ACCEPTED),
        (Severity.REVIEW, State.REVIEW),
        (Severity.REJECT, State.REVIEW),
    ],
)
def test_findings_decide_by_their_severity(severity: Severity, state: State) -> None:
    findings = (Finding("from_a_reader", severity, "seen"),)
    assert decide(extraction(GOOD), findings, accept_confidence=0.7) is state


def test_a_duplicate_names_the_earlier_document() -> None:
    found = duplicate_finding(17)
    assert found.code == "duplicate_number"
    assert found.severity is Severity.REVIEW
    assert "document 17" in found.message


def test_the_documented_codes_are_those_of_the_code_with_their_severity() -> None:
    text = (Path(__file__).parent.parent / "docs" / "findings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \| (info|review|reject) \| (.+) \| (.+) \|$", text, re.M)
    assert rows == [
        (name, str(code.severity), code.meaning, code.advice) for name, code in CODES.items()
    ]


def test_every_code_is_given_somewhere() -> None:
    folder = Path(__file__).parent.parent / "doctally"
    source = "".join(
        p.read_text(encoding="utf-8") for p in folder.glob("*.py") if p.stem != "codes"
    )
    assert [name for name in CODES if f'"{name}"' not in source] == []


# What the rules may say of the shared labels, looked at one by one (docs/findings.md).
TRUE_HITS = {
    "lines_mismatch": {"corpus_ZUGFeRDv1_fail_Mustangproject_fail1.pdf"},
    "due_before_issue": {
        "corpus_ZUGFeRDv2_correct_symtrax_Beispiele_BASIC_WL_zugferd_2p1_BASIC-WL_Einfach.pdf"
    },
    "negative_total": {
        "corpus_ZUGFeRDv1_correct_Intarsys_ZUGFeRD_1p0_BASIC_Rechnungskorrektur.pdf",
        "corpus_ZUGFeRDv1_correct_Intarsys_ZUGFeRD_1p0_COMFORT_Rechnungskorrektur.pdf",
        "corpus_ZUGFeRDv1_correct_Intarsys_ZUGFeRD_1p0_EXTENDED_Rechnungskorrektur.pdf",
        "347.csv",
    },
}
INVENTED = (
    "DE123456789",
    "DE234567890",
    "DE999999999",
    "DE12123456781234567890",
    "DE12123456789012345678",
)


def test_right_documents_get_no_false_alarm(shared_data: Path) -> None:
    seen: Counter[str] = Counter()
    for name in ("adbuy/labels", "einvoice/labels", "receipts/labels_ocr"):
        for line in (shared_data / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            label: dict[str, Any] = json.loads(line)
            if label["document_type"] is None:
                continue
            seen["documents"] += 1
            for finding in check(_labelled(label), today=_arrival(label)):
                if finding.severity is Severity.INFO or _unknown(finding, label):
                    continue
                seen[finding.code] += 1
                if finding.code in ("tax_id_checksum", "iban_checksum"):
                    value = label["fields"][finding.fields[0]].replace(" ", "")
                    assert value in INVENTED, (label["file"], finding)
                else:
                    hits = TRUE_HITS.get(finding.code, set())
                    assert Path(label["file"]).name in hits, (label["file"], finding)
    assert seen["documents"] > 600
    assert seen["lines_mismatch"] == 1


def _labelled(label: dict[str, Any]) -> Extraction:
    found = extraction(
        label["fields"],
        tuple(label.get("line_items", ())),
        document_type=label["document_type"],
        confidence=1.0,
    )
    if not label["source"].startswith("einvoice"):
        return found
    xml = {n: FieldValue(c.value, 1.0, source="xml") for n, c in found.fields.items()}
    return Extraction(found.document_type, 1.0, xml, found.line_items)


def _arrival(label: dict[str, Any]) -> date:
    issued = date.fromisoformat(label["fields"].get("issue_date", "2020-12-01"))
    return issued + timedelta(days=31)


def _unknown(finding: Finding, label: dict[str, Any]) -> bool:
    """Tell whether the finding misses what the source does not label."""
    return finding.code == "required_missing" and not set(finding.fields) & set(label["labelled"])

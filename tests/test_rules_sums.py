"""Sums that hold and sums that do not, from real invoices, receipts and credit notes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from doctally.arithmetic import check_totals
from doctally.lines import check_lines
from doctally.schemas import SCHEMAS, DocumentType


def sums(
    lines: Sequence[dict[str, str]] = (),
    *,
    document_type: str = "invoice",
    structured: bool = False,
    **fields: str,
) -> list[str]:
    record = SCHEMAS[DocumentType(document_type)].model_validate({**fields, "line_items": lines})
    found = (
        *check_totals(record, structured=structured),
        *check_lines(record, structured=structured),
    )
    return [finding.code for finding in found]


@pytest.mark.parametrize(
    "fields",
    [
        {"total_net": "198.00", "total_tax": "37.62", "total_gross": "235.62"},
        {"total_net": "198.00", "total_tax": "37.62", "total_gross": "235.64"},  # rounding
        {"total_net": "380.00", "total_tax": "0.00", "total_gross": "380.00"},
        {
            "total_net": "100.00",
            "total_tax": "19.00",
            "shipping_amount": "5.80",
            "total_gross": "124.80",
        },
        {"total_net": "100.00", "total_tax": "19.00", "discount": "-9.00", "total_gross": "110.00"},
        {"total_net": "5625.00"},
        {"total_gross": "5625.00", "amount_due": "4781.25"},  # less the agency's commission
    ],
)
def test_totals_that_hold_or_cannot_be_compared_give_nothing(fields: dict[str, str]) -> None:
    assert sums(**fields) == []


def test_totals_that_do_not_add_up_are_found() -> None:
    assert sums(total_net="198.00", total_tax="37.62", total_gross="235.92") == ["totals_mismatch"]


def test_structured_documents_may_round_to_whole_units() -> None:
    totals = {"total_net": "1436.50", "total_tax": "292.20", "total_gross": "1729.00"}
    assert sums(structured=True, **totals) == []
    assert sums(structured=False, **totals) == ["totals_mismatch"]
    assert sums(structured=True, **{**totals, "total_gross": "1730.00"}) == ["totals_mismatch"]
    due = {"total_gross": "1801.78", "amount_paid": "1000.00", "amount_due": "802.00"}
    assert sums(structured=True, **due) == []
    assert sums(structured=False, **due) == ["amount_due_mismatch"]


def test_a_negative_discount_of_a_line_is_a_surcharge() -> None:
    line = {"quantity": "120", "unit_price": "50.00", "discount": "-300.00"}
    assert sums([{**line, "amount_net": "6300.00"}]) == []
    assert sums([{**line, "amount_net": "6400.00"}]) == ["line_amount_mismatch"]


def test_cash_is_rounded_to_five_cents_on_receipts_only() -> None:
    totals = {"total_net": "8.18", "total_tax": "0.49", "total_gross": "8.65"}
    assert sums(document_type="receipt", **{**totals, "total_gross": "8.70"}) == []
    assert sums(document_type="invoice", **{**totals, "total_gross": "8.70"}) == ["totals_mismatch"]


def test_signs_of_a_credit_note_may_be_printed_on_some_totals_only() -> None:
    totals = {"total_net": "-7.67", "total_tax": "1.12", "total_gross": "-8.79"}
    assert sums(document_type="credit_note", **totals) == []
    assert "totals_mismatch" in sums(document_type="invoice", **totals)


def test_a_negative_total_is_no_invoice() -> None:
    assert sums(total_gross="-8.79") == ["negative_total"]
    assert sums(document_type="credit_note", total_gross="-8.79") == []


@pytest.mark.parametrize("paid", ["50.00", "-50.00"])
def test_the_amount_due_is_the_gross_less_the_payment(paid: str) -> None:
    assert sums(total_gross="197.65", amount_paid=paid, amount_due="147.65") == []
    assert sums(total_gross="197.65", amount_paid=paid, amount_due="197.65") == [
        "amount_due_mismatch"
    ]


def test_paying_too_much_leaves_a_negative_amount_due() -> None:
    assert sums(total_gross="529.87", amount_paid="1059.74", amount_due="-529.87") == []


LINES = [
    {"quantity": "3", "unit_price": "3.3333", "amount_net": "10.00"},
    {"quantity": "5", "unit_price": "5.50", "amount_net": "27.50"},
    {"quantity": "20", "unit_price": "5.49", "amount_net": "109.80"},
    {"quantity": "20", "unit_price": "2.77", "amount_net": "55.40"},
]


def test_lines_add_up_to_the_net_total_less_discount_with_shipping() -> None:
    assert sums(LINES, total_net="202.70") == []
    assert sums(LINES, total_net="193.77", discount="14.73", shipping_amount="5.80") == []
    assert sums(LINES, total_net="187.97", discount="-14.73") == []


def test_lines_that_include_tax_add_up_to_the_gross_total() -> None:
    assert sums(LINES, total_net="170.34", total_tax="32.36", total_gross="202.70") == []


def test_where_no_net_total_is_printed_it_is_the_gross_less_the_tax() -> None:
    assert sums(LINES, total_tax="38.51", total_gross="241.21") == []
    assert sums(LINES[:3], total_tax="38.51", total_gross="241.21") == ["lines_mismatch"]


@pytest.mark.parametrize(
    ("gross", "found"),
    [
        ("202.70", []),
        ("241.21", []),
        ("300.00", ["lines_mismatch"]),
        ("200.00", ["lines_mismatch"]),
    ],
)
def test_where_only_the_gross_is_printed_the_lines_may_be_without_a_tax(
    gross: str, found: list[str]
) -> None:
    assert sums(LINES, total_gross=gross) == found


def test_a_missing_line_is_found() -> None:
    assert sums(LINES[:3], total_net="202.70") == ["lines_mismatch"]


def test_a_subtotal_taken_for_a_line_is_found() -> None:
    assert sums([*LINES, {"amount_net": "202.70"}], total_net="202.70") == ["lines_mismatch"]


def test_lines_without_amounts_are_not_added_up() -> None:
    assert sums([*LINES, {"description": "delivered free"}], total_net="999.00") == []
    assert sums(LINES) == []


def test_charges_of_a_structured_document_are_noted_but_a_shortfall_is_not_right() -> None:
    totals = {"total_net": "193.77", "discount": "14.73"}
    assert sums(LINES, structured=True, **totals) == ["charges_not_listed"]
    assert sums(LINES, structured=False, **totals) == ["lines_mismatch"]
    assert sums(LINES, structured=True, total_net="193.77") == ["lines_mismatch"]


def test_service_on_a_receipt_is_noted_up_to_fifteen_percent() -> None:
    lines = [{"amount_gross": "5.97"}, {"amount_gross": "0.83"}, {"amount_gross": "2.26"}]
    totals = {"total_tax": "1.86", "total_gross": "9.97"}
    assert sums(lines, document_type="receipt", **totals) == ["charges_not_listed"]
    assert sums(lines, document_type="invoice", **totals) == ["lines_mismatch"]
    assert sums(lines[:2], document_type="receipt", **totals) == ["lines_mismatch"]


def test_a_correction_with_a_negative_discount_adds_up() -> None:
    lines = [
        {"quantity": "-5", "unit_price": "1.00", "amount_net": "-5.00"},
        {"quantity": "-2", "unit_price": "1.45", "amount_net": "-2.90"},
    ]
    totals = {"total_net": "-7.67", "total_tax": "-1.12", "total_gross": "-8.79"}
    assert sums(lines, document_type="credit_note", discount="-0.23", **totals) == []


@pytest.mark.parametrize(
    "line",
    [
        {"quantity": "3", "unit_price": "3.3333", "amount_net": "10.00"},
        {"quantity": "800", "unit_price": "0.03", "amount_net": "24.00"},
        {"quantity": "100", "unit_price": "12.35", "amount_net": "1234.50"},  # price 12.345
        {"quantity": "5000", "unit_price": "12.00", "amount_net": "60.00"},  # price of 1000
        {"quantity": "10", "unit_price": "10.00", "discount": "5.00", "amount_net": "95.00"},
        {"quantity": "10", "unit_price": "10.00", "discount": "0.50", "amount_net": "95.00"},
        {"quantity": "10", "unit_price": "9.50", "discount": "0.50", "amount_net": "95.00"},
        {"quantity": "-5", "unit_price": "1.00", "discount": "0.50", "amount_net": "-4.50"},
        {"quantity": "2", "unit_price": "10.00", "tax_rate": "19", "amount_gross": "23.80"},
        {"quantity": "2", "unit_price": "11.90", "tax_rate": "19", "amount_gross": "23.80"},
        {"quantity": "2", "amount_net": "23.80"},
        {"quantity": "0", "unit_price": "9.00", "amount_net": "0.00"},
    ],
)
def test_lines_as_real_invoices_print_them_hold(line: dict[str, str]) -> None:
    assert sums([line]) == []


@pytest.mark.parametrize(
    "line",
    [
        {"quantity": "2", "unit_price": "10.00", "amount_net": "21.00"},
        {"quantity": "400.00001", "unit_price": "0.79", "amount_net": "361.00"},
        {"quantity": "10", "unit_price": "10.00", "discount": "5.00", "amount_net": "105.00"},
        {"quantity": "10", "unit_price": "0.10", "amount_net": "1.05"},
    ],
)
def test_lines_that_do_not_multiply_are_found(line: dict[str, str]) -> None:
    assert sums([line]) == ["line_amount_mismatch"]


def test_wrong_lines_are_one_finding_that_names_each() -> None:
    wrong = {"quantity": "2", "unit_price": "10.00", "amount_net": "21.00"}
    record = SCHEMAS[DocumentType.INVOICE].model_validate({"line_items": [LINES[0], wrong, wrong]})
    (found,) = check_lines(record, structured=False)
    assert found.fields == ("line_items.1.amount_net", "line_items.2.amount_net")
    assert found.message == "2 of 3 lines; line 2: 2 x 10.00 is not 21.00"

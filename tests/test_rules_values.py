"""Dates in order, and check digits of published example numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from doctally.identifiers import check_identifiers
from doctally.schemas import SCHEMAS, DocumentType
from doctally.timeline import check_dates

TODAY = date(2020, 6, 1)


def dates(document_type: str = "invoice", **fields: str) -> list[tuple[str, tuple[str, ...]]]:
    record = SCHEMAS[DocumentType(document_type)].model_validate(fields)
    return [(f.code, f.fields) for f in check_dates(record, today=TODAY)]


def identifiers(document_type: str = "invoice", **fields: Any) -> list[str]:
    record = SCHEMAS[DocumentType(document_type)].model_validate(fields)
    return [f.code for f in check_identifiers(record)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"issue_date": "2020-06-02"}, None),  # our tomorrow is today elsewhere
        ({"issue_date": "2020-06-03"}, "date_in_future"),
        ({"issue_date": "2010-06-01"}, None),
        ({"issue_date": "2010-05-31"}, "date_long_ago"),
        ({"issue_date": "2020-05-01", "due_date": "2020-05-01"}, None),
        ({"issue_date": "2020-05-01", "due_date": "2020-04-30"}, "due_before_issue"),
        ({"service_start": "2020-05-01", "service_end": "2020-05-01"}, None),
        ({"service_start": "2020-05-02", "service_end": "2020-05-01"}, "service_period_reversed"),
        ({"issue_date": "2020-05-01", "delivery_date": "2020-01-01"}, None),  # billed late
    ],
)
def test_dates_of_an_invoice(fields: dict[str, str], code: str | None) -> None:
    assert [c for c, _ in dates(**fields)] == ([code] if code else [])


def test_ten_years_ago_is_counted_on_a_leap_day_too() -> None:
    record = SCHEMAS[DocumentType.INVOICE].model_validate({"issue_date": "2010-02-28"})
    assert [f.code for f in check_dates(record, today=date(2020, 2, 29))] == ["date_long_ago"]


def test_a_delivery_long_before_its_order_is_found() -> None:
    order = {"issue_date": "2020-05-01"}
    assert dates("purchase_order", **order, expected_delivery_date="2020-04-20") == []
    assert dates("purchase_order", **order, expected_delivery_date="2019-05-20") == [
        ("delivery_before_order", ("expected_delivery_date", "issue_date"))
    ]


def test_goods_do_not_arrive_before_they_leave() -> None:
    sent = {"ship_date": "2020-05-10"}
    assert dates("shipment_notice", **sent, expected_delivery_date="2020-05-10") == []
    assert dates("shipment_notice", **sent, delivery_date="2020-05-09") == [
        ("delivery_before_shipment", ("delivery_date", "ship_date"))
    ]


def test_an_event_in_the_future_is_found() -> None:
    assert dates("shipment_status", event_time="2020-06-01T10:00:00+02:00") == []
    assert dates("shipment_status", event_time="2020-07-01") == [
        ("date_in_future", ("event_time",))
    ]


# valid numbers of the national authorities' and stdnum's documentation; the last digit changed
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("DE136695976", "DE136695978"),
        ("ATU13585627", "ATU13585626"),
        ("FR40303265045", "FR41303265045"),
        ("GB980780684", "GB802311781"),
        ("NL004495445B01", "NL123456789B90"),
        ("EL094259216", "EL123456781"),
        ("XI980780684", "XI802311781"),
        ("CHE107787577IVA", "CHE107787578IVA"),
    ],
)
def test_tax_ids_with_a_country_prefix_have_their_check_digit(right: str, wrong: str) -> None:
    assert identifiers(supplier_tax_id=right) == []
    assert identifiers(supplier_tax_id=wrong) == ["tax_id_checksum"]
    assert identifiers(customer_tax_id=wrong) == ["tax_id_checksum"]


@pytest.mark.parametrize("value", ["201/113/40209", "5133081508159", "03/167/4132/6", "12-3456789"])
def test_numbers_without_a_country_prefix_are_not_judged(value: str) -> None:
    assert identifiers(supplier_tax_id=value) == []


def test_a_number_that_is_not_of_the_countrys_form_is_not_judged() -> None:
    assert identifiers(supplier_tax_id="DE12345") == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("DE88200800000970375700", []),
        ("DE88 2008 0000 0970 3757 00", []),
        ("GB82WEST12345698765432", []),
        ("DE88200800000970375701", ["iban_checksum"]),
        ("DE8820080000097037570", ["iban_checksum"]),
        ("XX88200800000970375700", ["iban_checksum"]),
    ],
)
def test_ibans_have_their_length_and_check_digits(value: str, found: list[str]) -> None:
    assert identifiers(supplier_iban=value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [("COBADEFFXXX", []), ("GENODEF1M04", []), ("COBADEFXXX", ["bic_invalid"])],
)
def test_bics_have_their_form(value: str, found: list[str]) -> None:
    assert identifiers(supplier_bic=value) == found


def test_the_currency_is_a_code_of_iso_4217() -> None:
    assert identifiers(currency="MYR") == []
    assert identifiers(currency="EURO") == ["currency_unknown"]
    assert identifiers(currency="eur") == ["currency_unknown"]


def test_item_codes_shaped_like_a_gtin_have_its_check_digit() -> None:
    assert identifiers(line_items=[{"code": "4012345001235"}, {"code": "TB100A4"}]) == []
    assert identifiers(line_items=[{"code": "12345678"}]) == []  # an article number of its own
    record = SCHEMAS[DocumentType.INVOICE].model_validate(
        {"line_items": [{"code": "1"}, {"code": "4012345001236"}]}
    )
    (found,) = check_identifiers(record)
    assert (found.code, found.fields) == ("gtin_checksum", ("line_items.1.code",))


def test_numbers_that_the_text_names_are_judged() -> None:
    named = "GLN 4333741000005 Lief-Nr: 549910 MUSTERLIEFERANT GMBH"
    assert identifiers(supplier_name=named) == []
    assert identifiers(supplier_name=named.replace("0005", "0006")) == ["gln_checksum"]
    line = {"description": "GTIN: 4012345001236 Trennblätter A4"}
    assert identifiers(line_items=[line]) == ["gtin_checksum"]


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("106141412345678908", []),  # example of the GS1 General Specifications
        ("(00)106141412345678908", []),
        ("00106141412345678908", []),
        ("106141412345678907", ["sscc_checksum"]),
        ("(00) 106141412345678907", ["sscc_checksum"]),
        ("1Z999AA10123456784", []),  # a carrier's own number
        ("9400110200881234567890", []),
    ],
)
def test_tracking_numbers_shaped_like_an_sscc_have_its_check_digit(
    number: str, found: list[str]
) -> None:
    assert identifiers("shipment_notice", tracking_number=number) == found

"""Printed text to normal form: real strings of US, Malaysian, German and other paper."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from babel.dates import format_date
from babel.numbers import format_currency

from doctally.schemas import Kind, ShipmentState, all_header_fields, item_fields
from doctally.values import Locale, infer_locale, normalise, parse_date, parse_number, same

DAY_FIRST = Locale(day_first=True, decimal_comma=False)
MONTH_FIRST = Locale(day_first=False, decimal_comma=False)
COMMA = Locale(day_first=True, decimal_comma=True)


@pytest.mark.parametrize(
    "text",
    [
        "2020-03-29",
        "2020/3/29",
        "29.03.2020",
        "29. 03. 2020",
        "29/03/2020",
        "03/29/20",
        "3/29/2020",
        "29-Mar-20",
        "29MAR2020",
        "Mar 29, 2020",
        "MAR29/20",
        "March 29th, 2020",
        "29 MARCH 2020",
        "29. März 2020",
        "29 mars 2020",
        "29 de marzo de 2020",
        "29 marzo 2020",
        "29 maart 2020",
        "29 marca 2020",
        "29 de março de 2020",
        "20200329",
        "2020年3月29日",
        "29/03/2020 11:32:15 AM",
        "29.03.2020 14:30 Uhr",
        "2020-03-29T14:30:00Z",
        "Sun 03/29/20",
        "Sonntag, 29. März 2020",
        "dimanche 29 mars 2020",
        "29/03/2020 (Sun)",
        "(29.03.2020),",
        "29-03-'20",
        "O3/29/2020",
    ],
)
def test_a_date_that_can_be_read_one_way_only_is_the_same_in_every_locale(text: str) -> None:
    assert parse_date(text, DAY_FIRST) == date(2020, 3, 29)
    assert parse_date(text, MONTH_FIRST) == date(2020, 3, 29)


def test_the_locale_orders_day_and_month() -> None:
    assert normalise(Kind.DATE, "03/04/20", DAY_FIRST) == "2020-04-03"
    assert normalise(Kind.DATE, "03/04/20", MONTH_FIRST) == "2020-03-04"


def test_two_digit_years_turn_at_seventy() -> None:
    assert parse_date("01.02.98", DAY_FIRST) == date(1998, 2, 1)
    assert parse_date("01.02.49", DAY_FIRST) == date(2049, 2, 1)
    assert parse_date("01.02.69", DAY_FIRST) is None  # 2069 is beyond the years we read


@pytest.mark.parametrize(
    "text",
    [
        "31/04/2018",
        "30.02.2020",
        "13/13/2020",
        "03/29/1889",
        "12.50",
        "1,234.50",
        "12:30",
        "March 2020",
        "Marz",
        "03/02/20 03/08/20",
        "Week: 06/01/20",
        "INV 29-Mar-20",
        "29-Foo-20",
        "950658-1",
        "4012345001235",
        "00000000",
        "(555) 23 78 -0",
        "",
    ],
)
def test_what_is_not_one_real_date_is_no_date(text: str) -> None:
    assert parse_date(text, DAY_FIRST) is None
    assert parse_date(text, MONTH_FIRST) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2018-03-18T11:32:15+08:00", "2018-03-18T11:32:15+08:00"),
        ("2018-03-18T11:32:15Z", "2018-03-18T11:32:15+00:00"),
        ("18/03/2018 11:32:15 PM", "2018-03-18T23:32:15"),
        ("18/03/2018 12:05 AM", "2018-03-18T00:05:00"),
        ("March 3, 2020 at 4:30 p.m.", "2020-03-03T16:30:00"),
        ("18.03.2018 14.20 Uhr", "2018-03-18T14:20:00"),
        ("18.03.2018", "2018-03-18"),
        ("18.03.2018 25:10", None),
        ("14:30", None),
    ],
)
def test_moments_are_iso_8601_and_no_time_is_invented(text: str, value: str | None) -> None:
    assert normalise(Kind.TIME, text, DAY_FIRST) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$ 5,625.00", "5625.00"),
        ("$5, 625.00", "5625.00"),
        ("1.234,50 €", "1234.50"),
        ("EUR 1.234,50", "1234.50"),
        ("RM86.00", "86.00"),
        ("12,00 zł", "12.00"),
        ("Fr. 1'234.50", "1234.50"),
        ("1’234.50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50\u00a0€", "1234.50"),
        ("1,23,456.00", "123456.00"),
        ("1.234.567", "1234567.00"),
        ("12.-", "12.00"),
        ("12,-- €", "12.00"),
        (".50", "0.50"),
        ("0,123", "0.123"),
        ("3.3333", "3.3333"),
        ("9.9000", "9.90"),
        ("190", "190.00"),
        ("(120.00)", "-120.00"),
        ("($120.00)", "-120.00"),
        ("120.00-", "-120.00"),
        ("\u2212120.00", "-120.00"),
        ("$-120.00", "-120.00"),
        ("120.00 CR", "-120.00"),
        ("-0.00", "0.00"),
        ("*5,625.00*", "5625.00"),
    ],
)
def test_amounts_that_explain_themselves_are_the_same_in_every_locale(
    text: str, value: str
) -> None:
    assert normalise(Kind.AMOUNT, text, DAY_FIRST) == value
    assert normalise(Kind.AMOUNT, text, COMMA) == value


def test_one_separator_before_three_digits_is_read_by_the_locale() -> None:
    assert parse_number("1,234", DAY_FIRST) == Decimal(1234)
    assert parse_number("1,234", COMMA) == Decimal("1.234")
    assert parse_number("1.234", DAY_FIRST) == Decimal("1.234")
    assert parse_number("1.234", COMMA) == Decimal(1234)


@pytest.mark.parametrize(
    "text",
    [
        "12:30",
        "12 34",
        "1.234.50",
        "00123",
        "A12",
        "20 kg",
        "3/29/20",
        "12.00%",
        "--5",
        "(5",
        "5)",
        "Total",
        "Total 5.00",
        "",
        "$",
        "5 - 6",
        "٣٤",
    ],
)
def test_what_is_not_one_number_is_no_amount(text: str) -> None:
    assert normalise(Kind.AMOUNT, text, DAY_FIRST) is None
    assert normalise(Kind.AMOUNT, text, COMMA) is None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.QUANTITY, "20", "20"),
        (Kind.QUANTITY, "20,0000", "20"),
        (Kind.QUANTITY, "4 Stück", "4"),
        (Kind.QUANTITY, "29,1000 m²", "29.1"),
        (Kind.QUANTITY, "-5", "-5"),
        (Kind.QUANTITY, "3x", "3"),
        (Kind.QUANTITY, "each", None),
        (Kind.PERCENT, "19%", "19"),
        (Kind.PERCENT, "19,00 %", "19"),
        (Kind.PERCENT, "5.5", "5.5"),
        (Kind.PERCENT, "190", None),
        (Kind.CURRENCY, "€", "EUR"),
        (Kind.CURRENCY, "EUR", "EUR"),
        (Kind.CURRENCY, "$", "USD"),
        (Kind.CURRENCY, "US$", "USD"),
        (Kind.CURRENCY, "£", "GBP"),
        (Kind.CURRENCY, "RM", "MYR"),
        (Kind.CURRENCY, "RM86.00", "MYR"),
        (Kind.CURRENCY, "5,00€", "EUR"),
        (Kind.CURRENCY, "zł", "PLN"),
        (Kind.CURRENCY, "US dollars", "USD"),
        (Kind.CURRENCY, "Schweizer Franken", "CHF"),
        (Kind.CURRENCY, "kr", None),
        (Kind.CURRENCY, "all", None),
        (Kind.CURRENCY, "XYZ", None),
        (Kind.IDENTIFIER, "No. 950658-1", "950658-1"),
        (Kind.IDENTIFIER, "#: RE-20140519/499", "RE-20140519/499"),
        (Kind.IDENTIFIER, "Nr: 471102,", "471102"),
        (Kind.IDENTIFIER, "NO123", "NO123"),
        (Kind.IDENTIFIER, "PO  445", "PO 445"),
        (Kind.IDENTIFIER, " -- ", None),
        (Kind.TAX_ID, "USt-IdNr.: DE 136 695 976", "DE136695976"),
        (Kind.TAX_ID, "VAT No: GB 980 7806 84", "GB980780684"),
        (Kind.TAX_ID, "201/113/40209", "201/113/40209"),
        (Kind.TAX_ID, "Steuernummer", None),
        (Kind.IBAN, "IBAN: DE88 2008 0000 0970 3757 00", "DE88200800000970375700"),
        (Kind.IBAN, "DE88", None),
        (Kind.BIC, "BIC: COBADEFFXXX", "COBADEFFXXX"),
        (Kind.BIC, "Rechnung", None),
        (Kind.BIC, "COBAQQFFXXX", None),
        (Kind.EMAIL, "E-Mail: Max@Mustermann.de", "Max@Mustermann.de"),
        (Kind.EMAIL, "<info@localhost.local>,", "info@localhost.local"),
        (Kind.EMAIL, "www.example.com", None),
        (Kind.PHONE, "Tel.: +49 932 431 500", "+49 932 431 500"),
        (Kind.PHONE, "++49(0)237823", "++49(0)237823"),
        (Kind.PHONE, "29.03.2020", None),
        (Kind.NAME, " Michael  Bloomberg 2020, Inc.", "Michael Bloomberg 2020, Inc."),
        (Kind.NAME, "12345", None),
        (Kind.ADDRESS, "NO.50,\nJALAN PBS 14/11,", "NO.50, JALAN PBS 14/11"),
        (Kind.TEXT, "30 days\n net", "30 days net"),
        (Kind.STATUS, "Out for delivery", "out_for_delivery"),
        (Kind.STATUS, "IN-TRANSIT", "in_transit"),
        (Kind.STATUS, "lost", None),
    ],
)
def test_each_kind_has_its_normal_form(kind: Kind, text: str, value: str | None) -> None:
    assert normalise(kind, text, DAY_FIRST) == value


def test_every_shipment_state_is_its_own_normal_form() -> None:
    assert {normalise(Kind.STATUS, s, DAY_FIRST) for s in ShipmentState} == set(ShipmentState)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_refuses_emptiness(kind: Kind) -> None:
    assert normalise(kind, " \n", DAY_FIRST) is None


@pytest.mark.parametrize(
    ("kind", "a", "b", "equal"),
    [
        (Kind.AMOUNT, "5625.00", "5625", True),
        (Kind.AMOUNT, "5625.00", "5625.01", False),
        (Kind.AMOUNT, "-0.00", "0", True),
        (Kind.AMOUNT, "abc", "5", False),
        (Kind.QUANTITY, "20", "20.0", True),
        (Kind.DATE, "2020-03-29", "2020-03-28", False),
        (Kind.CURRENCY, "EUR", "USD", False),
        (Kind.IDENTIFIER, "re 18-31", "RE18-31", True),
        (Kind.IDENTIFIER, "RE18-31", "RE1831", False),
        (Kind.IBAN, "DE88 2008 0000 0970 3757 00", "DE88200800000970375700", True),
        (Kind.TAX_ID, "DE 136.695.976", "DE136695976", True),
        (Kind.NAME, "C W KHOO HARDWARE SDN. BHD.", "C W Khoo Hardware Sdn Bhd", True),
        (Kind.NAME, "Straße", "STRASSE", True),
        (Kind.NAME, "Kunden AG Mitte", "Kunden AG West", False),
        (Kind.NAME, "---", "***", False),
        (Kind.ADDRESS, "NO.50,JALAN PBS 14/11", "NO. 50, JALAN PBS 14/11,", True),
    ],
)
def test_values_are_equal_as_evaluation_counts_them(
    kind: Kind, a: str, b: str, equal: bool
) -> None:
    assert same(kind, a, b) is equal
    assert same(kind, b, a) is equal


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("Schedule Dates 04/21/20-04/27/20 Gross $1,215.00", MONTH_FIRST),
        ("DATE 18/03/2018 11:32 TOTAL RM 86.00", DAY_FIRST),
        ("Rechnung vom 05.03.2018, 12345 Berlin, Betrag 235,62", COMMA),
        ("Date 03/04/2018, Columbus, OH 43212", MONTH_FIRST),
        ("Date 03/04/2018, total $12", MONTH_FIRST),
        ("Date 03/04/2018, total A$12", DAY_FIRST),
        ("Date 03/04/2018, total £12", DAY_FIRST),
        ("IBAN DE 12345 vom 05.03.2018 1.200,00", COMMA),
        ("Facture no 5", COMMA),
        ("13.05.2020 10:30 11.12 EUR", DAY_FIRST),
        ("", DAY_FIRST),
    ],
)
def test_dates_amounts_and_signs_tell_the_locale(text: str, locale: Locale) -> None:
    assert infer_locale(text) == locale


@pytest.mark.parametrize("language", ["en_US", "en_GB", "de", "fr", "es", "it", "nl", "pl", "pt"])
@pytest.mark.parametrize("style", ["short", "medium", "long", "full"])
def test_dates_as_cldr_prints_them_are_read_back(language: str, style: str) -> None:
    locale = Locale(day_first=language != "en_US", decimal_comma=False)
    days = [date(1990, 1, 1) + timedelta(days=n) for n in range(0, 21_900, 199)]
    wrong = [
        (printed, day)
        for day in days
        if parse_date(printed := format_date(day, style, locale=language), locale) != day
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "language",
    ["en_US", "en_GB", "en_IN", "de", "de_CH", "fr", "fr_CA", "es", "it", "nl", "pl", "pt"],
)
@pytest.mark.parametrize("currency", ["EUR", "USD", "CHF", "PLN"])
def test_amounts_as_cldr_prints_them_are_read_back(language: str, currency: str) -> None:
    comma = language[:2] != "en" and language != "de_CH"
    locale = Locale(day_first=True, decimal_comma=comma)
    for value in map(Decimal, ("0.50", "-12.50", "999.99", "1234.50", "-1234567.89", "100000.00")):
        for style in ("standard", "accounting"):
            printed = format_currency(value, currency, locale=language, format_type=style)
            assert parse_number(printed, locale) == value, printed
            assert normalise(Kind.CURRENCY, printed, locale) == currency, printed


def test_the_labelled_values_are_fixed_points_of_their_kind(shared_data: Path) -> None:
    kinds = {s.name: s.kind for s in all_header_fields()}
    item_kinds = {s.name: s.kind for s in item_fields()}
    wrong = {"COBADEFXXX", "38506210"}  # a BIC of ten letters, a number for a name
    seen = 0
    for name in ("adbuy/labels.jsonl", "einvoice/labels.jsonl", "receipts/labels_ocr.jsonl"):
        for line in (shared_data / name).read_text(encoding="utf-8").splitlines():
            label = json.loads(line)
            cells = [(kinds[n], v) for n, v in label["fields"].items()]
            cells += [(item_kinds[n], v) for i in label.get("line_items", []) for n, v in i.items()]
            for kind, value in cells:
                form = normalise(kind, value, DAY_FIRST)
                assert value in wrong or (form and same(kind, form, value)), (kind, value, form)
                seen += 1
    assert seen > 4000

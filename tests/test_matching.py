"""Orders, deliveries and bills against each other: found, said, at stake."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from doctally.companies import likeness
from doctally.errors import ConfigurationError
from doctally.matching import (
    REASONS,
    Decision,
    Line,
    Paper,
    Reconciliation,
    TextScorer,
    Tolerances,
    load_tolerances,
    numbers,
    paper_of,
    reconcile,
)
from doctally.matching.charges import is_charge
from doctally.matching.papers import several
from doctally.matching.units import ratio
from doctally.results import Extraction, FieldValue
from doctally.schemas import DocumentType

D = Decimal


def line(number: int, text: str, quantity: str, price: str = "", **more: object) -> Line:
    return Line(number, text, quantity=D(quantity), price=D(price) if price else None, **more)  # type: ignore[arg-type]


def order(*lines: Line, **more: object) -> Paper:
    given: dict[str, object] = {
        "number": "PO-4711", "supplier": "Acme Tools GmbH", "day": date(2024, 3, 1),
        "currency": "EUR", "net": sum((x.value or D(0) for x in lines), D(0)), "lines": lines,
    }  # fmt: skip
    return Paper("po", DocumentType.PURCHASE_ORDER, **{**given, **more})  # type: ignore[arg-type]


def bill(paper_id: str, *lines: Line, **more: object) -> Paper:
    given: dict[str, object] = {
        "number": paper_id.upper(), "supplier": "ACME Tools", "day": date(2024, 3, 20),
        "currency": "EUR", "orders": ("PO 4711",), "lines": lines,
        "net": sum((x.value or D(0) for x in lines), D(0)),
    }  # fmt: skip
    given["gross"] = given["net"]
    return Paper(paper_id, DocumentType.INVOICE, **{**given, **more})  # type: ignore[arg-type]


def delivery(paper_id: str, *lines: Line, **more: object) -> Paper:
    bare = tuple(replace(x, price=None, amount=None) for x in lines)
    given: dict[str, object] = {
        "number": paper_id.upper(), "notes": (paper_id.upper(),), "supplier": "Acme Tools GmbH",
        "day": date(2024, 3, 10), "orders": ("4711",), "lines": bare,
    }  # fmt: skip
    return Paper(paper_id, DocumentType.SHIPMENT_NOTICE, **{**given, **more})  # type: ignore[arg-type]


def codes(found: Reconciliation, paper: str) -> dict[str, Decimal]:
    return {r.code: r.amount for r in found.verdict(paper).reasons}


BOLTS = line(1, "Hex bolt M8 x 30 galvanised", "100", "0.25")
HAMMER = line(2, "Claw hammer 500 g", "4", "18.90")


def test_a_bill_that_repeats_order_and_delivery_is_approved() -> None:
    papers = [
        order(BOLTS, HAMMER),
        delivery("dn", HAMMER, BOLTS),
        bill(
            "re",
            line(1, "HAMMER, CLAW 500G", "4", "18.90"),
            line(2, "bolt hex galv. M8x30", "100", "0.25"),
        ),
    ]
    found = reconcile(papers)
    verdict = found.verdict("re")
    assert verdict.decision is Decision.APPROVE
    assert verdict.reasons == ()
    assert {(m.line, m.order_line) for m in verdict.lines} == {(1, 2), (2, 1)}
    assert all(x.open == 0 for x in found.open_lines)


def test_a_bill_before_its_delivery_note_is_held_and_approved_when_it_comes() -> None:
    early = [order(BOLTS), bill("re", BOLTS)]
    strict = Tolerances.model_validate({"default": {"receipt": "required"}})
    held = reconcile(early, tolerances=strict).verdict("re")
    assert held.decision is Decision.HOLD
    assert [(r.code, r.amount) for r in held.reasons] == [("billed_not_received", D("25.00"))]
    late = reconcile([*early, delivery("dn", BOLTS)], tolerances=strict)
    assert late.verdict("re").decision is Decision.APPROVE


def test_a_dearer_price_is_told_with_the_difference_to_the_cent() -> None:
    dearer = replace(BOLTS, price=D("0.27"))
    found = reconcile([order(BOLTS), bill("re", dearer)])
    assert codes(found, "re") == {"price_above_order": D("2.00")}
    assert found.verdict("re").decision is Decision.REVIEW


def test_many_bills_add_up_and_the_surplus_alone_is_at_stake() -> None:
    parts = [
        bill(f"re{n}", replace(BOLTS, quantity=D(40)), day=date(2024, 4, n)) for n in (1, 2, 3)
    ]
    found = reconcile([order(BOLTS), *(replace(p, gross=D(n)) for n, p in enumerate(parts))])
    assert codes(found, "re1") == codes(found, "re2") == {}
    said = codes(found, "re3")
    assert said in ({"quantity_over": D("5.00")}, {"duplicate_billing": D(2)})
    other = [*parts[:2], bill("re3", replace(BOLTS, quantity=D(30)), day=date(2024, 4, 3))]
    assert codes(reconcile([order(BOLTS), *other]), "re3") == {"quantity_over": D("2.50")}


def test_the_same_bill_under_another_number_is_a_duplicate() -> None:
    again = bill("again", BOLTS, day=date(2024, 4, 2))
    found = reconcile([order(BOLTS), bill("re", BOLTS), again])
    assert codes(found, "again") == {"duplicate_billing": D("25.00")}
    assert found.verdict("again").decision is Decision.HOLD
    assert next(iter(found.open_lines)).billed == 100


def test_boxes_dozens_and_pieces_convert() -> None:
    ordered = line(1, "nitrile gloves size M", "600", "0.10", unit="pcs")
    for unit, quantity, price in (
        ("box of 100", "6", "10.00"), ("100er Karton", "6", "10.00"), ("dz", "50", "1.20"),
        ("box", "6", "10.00"), ("PK100", "6", "10.00"),
    ):  # fmt: skip
        billed = line(1, "Nitrile glove M", quantity, price, unit=unit)
        found = reconcile([order(ordered), bill("re", billed)])
        assert codes(found, "re") == {}, unit
        assert found.verdict("re").lines[0].quantity == 600, unit


def test_kilograms_and_pieces_do_not_convert() -> None:
    kilos = line(1, "screws", "3", "4.00", unit="kg")
    pieces = line(1, "screws", "3", "4.00", unit="pcs")
    assert ratio(kilos, pieces) is None
    assert ratio(line(1, "x", "2", unit="t"), line(1, "x", "1", unit="kg")) == 1000
    assert "unit_mismatch" in codes(reconcile([order(pieces), bill("re", kilos)]), "re")


def test_freight_without_an_order_line_is_a_charge_not_an_unknown_item() -> None:
    freight = Line(2, "Frachtkosten", quantity=D(1), amount=D("12.50"))
    found = reconcile([order(BOLTS), bill("re", BOLTS, freight)])
    assert codes(found, "re") == {"charge_not_ordered": D("12.50")}
    allowed = Tolerances.model_validate({"default": {"charges_amount": "15"}})
    assert (
        codes(reconcile([order(BOLTS), bill("re", BOLTS, freight)], tolerances=allowed), "re") == {}
    )
    assert not is_charge(Line(1, "shipping label 100 x 150 mm"))
    assert is_charge(Line(1, "Express delivery DHL"))


def test_an_item_that_nobody_ordered_is_told_with_its_amount() -> None:
    found = reconcile([order(BOLTS), bill("re", BOLTS, line(2, "garden hose 20 m", "1", "39.00"))])
    assert codes(found, "re") == {"unknown_item": D("39.00")}


def test_another_item_in_an_ordered_ones_place_is_a_substitute() -> None:
    other = line(2, "Claw hammer 750 g fibre", "4", "19.50")
    found = reconcile([order(BOLTS, HAMMER), bill("re", BOLTS, other)])
    assert codes(found, "re") == {"substituted_item": D("78.00")}


def test_one_line_for_two_order_lines_of_an_item_is_spread_and_two_for_one_add_up() -> None:
    twice = order(replace(BOLTS, quantity=D(40)), replace(BOLTS, number=2, quantity=D(60)))
    found = reconcile([twice, bill("re", BOLTS)])
    shares = {m.order_line: (m.quantity, m.amount) for m in found.verdict("re").lines}
    assert shares == {1: (D(40), D("10.00")), 2: (D(60), D("15.00"))}
    halves = [replace(BOLTS, number=n, quantity=D(50)) for n in (1, 2)]
    split = reconcile([order(BOLTS), bill("re", *halves)])
    assert codes(split, "re") == {}
    assert split.open_lines[0].billed == 100


def test_one_bill_for_several_orders_finds_each() -> None:
    second = replace(order(HAMMER, number="PO-4712"), id="po2")
    found = reconcile(
        [order(BOLTS), second, bill("re", BOLTS, HAMMER, orders=several("PO-4711, PO-4712"))]
    )
    assert {link.order_id for link in found.links} == {"po", "po2"}
    assert found.verdict("re").decision is Decision.APPROVE


def test_without_a_number_the_content_finds_the_order_of_the_same_supplier() -> None:
    elsewhere = replace(order(BOLTS, supplier="Zeta Metall AG"), id="other", number="9")
    found = reconcile([order(BOLTS, HAMMER), elsewhere, bill("re", HAMMER, BOLTS, orders=())])
    assert [(x.order_id, x.how) for x in found.links] == [("po", "content")]


def test_currencies_are_compared_with_a_known_rate_only() -> None:
    dollars = bill("re", replace(BOLTS, price=D("0.275")), currency="USD")
    assert "currency_mismatch" in codes(reconcile([order(BOLTS), dollars]), "re")
    rates = Tolerances.model_validate({"rates": {"EUR/USD": "1.1"}})
    assert codes(reconcile([order(BOLTS), dollars], tolerances=rates), "re") == {}


def test_a_credit_note_gives_back_what_a_later_bill_may_bill_again() -> None:
    credit = replace(
        bill("gs", replace(BOLTS, quantity=D(30)), day=date(2024, 3, 25)),
        kind=DocumentType.CREDIT_NOTE,
    )
    found = reconcile([order(BOLTS), bill("re", BOLTS), credit])
    assert codes(found, "gs") == {}
    assert found.open_lines[0].billed == 70
    assert found.open_lines[0].billed_amount == D("17.50")
    more = replace(credit, lines=(replace(BOLTS, quantity=D(120)),))
    assert codes(reconcile([order(BOLTS), bill("re", BOLTS), more]), "gs") == {
        "credit_over": D("5.00")
    }


def test_closed_orders_other_suppliers_wrong_tax_and_missing_discounts_are_told() -> None:
    closed = reconcile([order(BOLTS, closed=True), bill("re", BOLTS)])
    assert codes(closed, "re") == {"order_closed": D("25.00")}
    foreign = reconcile([order(BOLTS), bill("re", BOLTS, supplier="Quite Another Ltd")])
    assert codes(foreign, "re") == {"supplier_mismatch": D("25.00")}
    taxed = reconcile(
        [order(replace(BOLTS, tax_rate=D(7))), bill("re", replace(BOLTS, tax_rate=D(19)))]
    )
    assert codes(taxed, "re") == {"tax_mismatch": D("3.00")}
    dear = reconcile([order(BOLTS, discount=D("2.50")), bill("re", BOLTS)])
    assert codes(dear, "re") == {"discount_missing": D("2.50")}


def test_a_delivery_tells_what_is_too_much_what_is_to_come_and_what_nobody_billed() -> None:
    found = reconcile([order(BOLTS, HAMMER), delivery("dn", replace(BOLTS, quantity=D(110)))])
    assert codes(found, "dn") == {"delivered_over": D("2.50"), "received_not_billed": D("27.50")}
    part = reconcile(
        [
            order(BOLTS),
            delivery("dn", replace(BOLTS, quantity=D(90))),
            bill("re", replace(BOLTS, quantity=D(90))),
        ]
    )
    assert codes(part, "dn") == {"back_order": D("2.50")}


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [("PO-2024-0815", "po 2024/0815", 1.0), ("4500017", "PO4500017", 0.95),
     ("B80151", "B8O15l", 0.9),
     ("2024-44123", "44123", 0.8), ("4500017883", "4500017833", 0.7)],
)  # fmt: skip
def test_order_numbers_are_known_in_other_dress(one: str, other: str, least: float) -> None:
    assert least <= numbers.likeness(one, other) <= 1


def test_other_numbers_stay_other_numbers() -> None:
    for one, other in (("4711", "4712"), ("PO-1", "PO-2"), ("20240815", "20241815"), ("", "4711")):
        assert numbers.likeness(one, other) < 0.75


def test_the_text_scorer_forgives_spelling_and_order_but_not_sizes() -> None:
    right = ["Hex bolt M8 x 30 galvanised", "Hex bolt M8 x 40 galvanised", "Claw hammer"]
    scores = TextScorer()(["BOLT HEX galv. M8X30", "hammr claw"], right)
    assert scores[0].argmax() == 0 and scores[0, 0] > 0.8
    assert scores[1].argmax() == 2 and scores[1, 2] > 0.7
    assert TextScorer()([""], right).max() == 0


def test_firms_are_known_by_name_in_other_dress() -> None:
    assert likeness("Müller & Söhne GmbH", "MUELLER UND SOEHNE") == 1
    assert likeness("A.B.C. Handels GmbH & Co. KG", "ABC Handels") >= 0.85
    assert likeness("Acme Tools GmbH", "Zeta Metall AG") < 0.6


def test_tolerances_of_a_supplier_go_before_those_of_all(tmp_path: Path) -> None:
    path = tmp_path / "tolerances.toml"
    path.write_text(
        '[default]\nprice_percent = 1.5\n[[rule]]\nsupplier = "Acme Tools"\nprice_percent = 10\n'
        '[[rule]]\ncategory = "freight"\ncharges_amount = 99\n[rates]\n"USD/EUR" = 0.9\n'
    )
    found = load_tolerances(path)
    assert found.of(supplier="Zeta").price_percent == D("1.5")
    assert found.of(supplier="ACME TOOLS").price_percent == 10
    assert found.of(supplier="Zeta", category="Freight").charges_amount == 99
    assert found.rate("USD", "EUR") == D("0.9")
    path.write_text('[[rule]]\nsupplier = "A"\nprice_percnt = 10\n')
    with pytest.raises(ConfigurationError, match="price_percnt"):
        load_tolerances(path)


def test_an_extraction_becomes_a_paper_and_other_types_none() -> None:
    def cells(**values: str) -> dict[str, FieldValue]:
        return {name: FieldValue(value, 1.0) for name, value in values.items()}

    found = paper_of(
        Extraction(
            "invoice",
            1.0,
            cells(document_number="7", order_number="PO-1 / PO-2", total_gross="119.00"),
            (cells(description="x", quantity="2", amount_gross="119.00", tax_rate="19"),),
        ),
        paper_id="a",
    )
    assert found is not None
    assert found.orders == ("PO-1", "PO-2")
    assert found.lines[0].value == D("100.00")
    assert paper_of(Extraction("other", 1.0, {}), paper_id="b") is None


def test_every_code_that_is_said_is_in_the_table() -> None:
    folder = Path(__file__).parent.parent / "doctally" / "matching"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    for code in REASONS:
        assert text.count(f'"{code}"') >= 2, code

"""What lines are called: other languages, references, letter sizes, codes; and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from test_matching import HAMMER, bill, codes, delivery, line, order

from doctally.matching import TextScorer, reconcile
from doctally.matching.texts import disjoint, tokens

D = Decimal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hex bolt, black", "Sechskantschraube schwarz"),
        ("wood screw brass", "Holzschraube Messing"),
        ("stainless steel hose", "manguera de acero inoxidable"),
        ("white cotton glove", "guante de algodón blanco"),
        ("copper pipe", "Kupferrohr"),
    ],
)
def test_words_of_the_trade_are_one_in_every_language(one: str, other: str) -> None:
    assert TextScorer()([one], [other])[0, 0] >= 0.6
    assert TextScorer()(["hex bolt, black"], ["Gummischlauch weiß"])[0, 0] < 0.2


def test_references_are_no_sizes_and_letters_after_size_are() -> None:
    assert not disjoint("paper napkin, 48 pieces", "paper napkin acc. to drawing 4-112")
    assert disjoint("nitrile glove size M", "nitrile glove size L")
    assert disjoint("hose 0,5 l", "hose IP65")
    assert tokens("0,5 l") == ("0.5", "l")


def test_parts_of_one_order_line_in_other_words_are_known_by_their_common_code() -> None:
    ordered = order(line(1, "Rundlitze", "120", "5.05", code="M539440"))
    parts = (
        line(1, "Rundlitze lose", "94", "5.05", code="RF5639N"),
        line(2, "stranded conductor", "26", "5.05", code="RF5639N"),
    )
    found = reconcile([ordered, bill("r1", *parts)])
    assert [x.order_line for x in found.verdict("r1").lines] == [1, 1]
    assert found.verdict("r1").decision == "approve"


def test_a_line_that_names_its_order_goes_to_no_other() -> None:
    one = order(line(1, "pipe elbow XL", "24", "2.17", code="195402"), number="PO-1001")
    two = replace(order(line(1, "elbow Tyrell", "200", "2.17"), number="PO-2002"), id="po2")
    lines = (
        line(1, "pipe elbow XL", "24", "2.17", code="195402", order_number="PO-1001"),
        line(2, "ROH. WHT", "200", "2.17", code="195402", order_number="PO-2002"),
    )
    found = reconcile([one, two, bill("r1", *lines, orders=("PO-1001", "PO-2002"))])
    assert [(x.line, x.order_id) for x in found.verdict("r1").lines] == [(1, "po"), (2, "po2")]
    assert codes(found, "r1") == {}


def test_a_delivery_without_a_number_takes_what_named_ones_leave() -> None:
    first = order(HAMMER, number="PO-1001", day=date(2024, 3, 1))
    second = replace(order(HAMMER, number="PO-2002", day=date(2024, 3, 5)), id="po2")
    nameless = delivery("d1", HAMMER, orders=(), day=date(2024, 3, 8))
    named = delivery("d2", HAMMER, orders=("PO-2002",), day=date(2024, 3, 12))
    found = reconcile([first, second, nameless, named])
    assert {(x.paper_id, x.order_id) for x in found.links} == {("d1", "po"), ("d2", "po2")}
    assert "delivered_over" not in {r.code for v in found.verdicts for r in v.reasons}


def test_the_discount_is_asked_of_what_was_ordered_not_of_a_raised_price() -> None:
    ordered = order(line(1, "claw hammer", "10", "20"), discount=D(10))
    dearer = bill("r1", line(1, "claw hammer", "10", "22"), discount=D(10))
    assert codes(reconcile([ordered, dearer]), "r1") == {"price_above_order": D(20)}

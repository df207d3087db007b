"""A written text may say nothing that its facts do not; the plain sentences never do."""

from __future__ import annotations

import pytest

from doctally.faithful import lacking, unfounded
from doctally.matching import paper_of, reconcile
from doctally.results import Extraction, FieldValue
from doctally.telling import Difference, differences_of, digest_facts, draft_facts, plain
from synth.cases import world
from synth.generate import make_paper

FACTS = "from: Müller GmbH & Co. KG\nnumber: RE-4711\ndate: 2026-03-01\ntotal: 119.00 EUR\nlines: 3"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Müller GmbH & Co. KG sent invoice RE-4711 of 2026-03-01 over 119.00 EUR.", ()),
        ("Müller's invoice (RE-4711) comes to 119.00 EUR, with 3 lines.", ()),
        ("The invoice RE-4712 comes to 119.00 EUR.", ("RE-4712",)),
        ("The invoice comes to 191.00 EUR.", ("191.00",)),
        ("The invoice comes to €119.00.", ("€119.00",)),
        ("It is of 1 March 2026.", ("1", "March", "2026")),
        ("It is due in thirty days.", ("thirty",)),
        ("It went to Meier AG.", ("Meier", "AG")),
        ("It comes to 119.00 USD.", ("USD",)),
        ("It has a discount of 3%.", ("3%",)),
    ],
)
def test_numbers_dates_ids_and_names_that_are_not_in_the_facts_are_found(
    text: str, wrong: tuple[str, ...]
) -> None:
    assert unfounded(text, FACTS) == wrong


def test_what_has_to_be_said_and_is_not_is_found_whatever_the_spaces() -> None:
    assert lacking("Re-4711 over\n119.00 EUR", ("RE-4711", "119.00 EUR")) == ()
    assert lacking("a bill", ("RE-4711",)) == ("RE-4711",)


def extraction(labels: dict[str, object]) -> Extraction:
    fields = labels["fields"]
    assert isinstance(fields, dict)
    told = {n: FieldValue(str(v), 1.0) for n, v in fields.items() if v is not None}
    rows = labels.get("line_items") or []
    assert isinstance(rows, list)
    items = tuple({n: FieldValue(str(v), 1.0) for n, v in row.items()} for row in rows)
    return Extraction(str(labels["document_type"]), 1.0, told, items)


def test_the_plain_digest_of_any_synthetic_document_is_borne_out_and_whole() -> None:
    for index in range(24):
        facts = digest_facts(extraction(make_paper(33, index).labels("x")))
        assert unfounded(plain(facts), facts.text) == ()
        assert lacking(plain(facts), facts.needed) == ()


def test_the_plain_letter_about_any_planted_difference_is_borne_out_and_whole() -> None:
    made = world(33, 40)
    known = {name: one for name, one, _ in made.papers}
    papers = [paper_of(one, paper_id=name, closed=closed) for name, one, closed in made.papers]
    written = 0
    for verdict in reconcile([p for p in papers if p is not None]).verdicts:
        differences = differences_of(verdict, known[verdict.paper_id])
        if differences:
            facts = draft_facts(known[verdict.paper_id], differences)
            assert unfounded(plain(facts), facts.text) == ()
            assert lacking(plain(facts), facts.needed) == ()
            written += 1
    assert written > 10


def test_an_order_goes_from_the_buyer_to_the_supplier() -> None:
    fields = {"supplier_name": "Acme", "customer_name": "Bolt", "document_number": "17"}
    told = {name: FieldValue(value, 1.0) for name, value in fields.items()}
    said = {
        kind: plain(digest_facts(Extraction(kind, 1.0, told)))
        for kind in ("invoice", "purchase_order")
    }
    assert said["invoice"].startswith("Acme sent invoice 17 to Bolt.")
    assert said["purchase_order"].startswith("Bolt sent purchase order 17 to Acme.")


def test_a_letter_lists_the_costliest_differences_and_what_is_at_stake() -> None:
    told = {"document_number": FieldValue("17", 1.0), "order_number": FieldValue("9", 1.0)}
    differences = [
        Difference(f"{n} billed, 4 ordered", f"{n}.00 EUR", "bolt") for n in range(9, 5, -1)
    ]
    letter = plain(draft_facts(Extraction("invoice", 1.0, told), differences))
    assert "order 9: bolt: 9 billed, 4 ordered; bolt: 8 billed, 4 ordered" in letter
    assert "9.00 EUR" in letter and "6 billed" not in letter

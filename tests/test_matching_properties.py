"""What holds for any papers: exact sums, no dependence on the order of arrival, seeded worlds."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from doctally.matching import Line, Paper, Weight, paper_of, reconcile
from doctally.matching.ledger import shared_out
from doctally.schemas import DocumentType
from synth.cases import world

cents = st.integers(1, 10**7).map(lambda n: Decimal(n) / 100)


@given(cents, st.lists(st.integers(1, 1000).map(Decimal), min_size=1, max_size=8))
def test_shares_of_an_amount_add_up_to_it(amount: Decimal, parts: list[Decimal]) -> None:
    shares = shared_out(amount, parts)
    assert sum(shares) == amount
    assert len(shares) == len(parts)


@settings(max_examples=25, deadline=None)
@given(cents, st.lists(st.tuples(st.integers(1, 40), cents), min_size=1, max_size=12))
def test_cumulative_billing_is_exact_over_any_number_of_bills(
    price: Decimal, parts: list[tuple[int, Decimal]]
) -> None:
    ordered = Line(1, "copper pipe 15 mm", quantity=Decimal(60), price=price)
    order = Paper(
        "po", DocumentType.PURCHASE_ORDER, number="PO-77123", lines=(ordered,), currency="EUR"
    )
    start = date(2024, 1, 1)
    bills = [
        Paper(
            f"re{n}", DocumentType.INVOICE, number=f"R{n}", orders=("PO-77123",), currency="EUR",
            day=start + timedelta(days=n), gross=amount, net=amount,
            lines=(Line(1, "copper pipe 15mm", quantity=Decimal(quantity), amount=amount),),
        )
        for n, (quantity, amount) in enumerate(parts)
    ]  # fmt: skip
    found = reconcile([order, *bills])
    booked = [
        v for v in found.verdicts
        if not {"duplicate_billing", "order_closed"} & {r.code for r in v.reasons}
    ]  # fmt: skip
    state = found.open_lines[0]
    assert state.billed_amount == sum(
        (m.amount or Decimal(0) for v in booked for m in v.lines), Decimal(0)
    )
    assert state.billed == sum(
        (m.quantity or Decimal(0) for v in booked for m in v.lines), Decimal(0)
    )
    assert all(r.amount >= 0 for v in found.verdicts for r in v.reasons)
    over = sum(1 for v in booked for r in v.reasons if r.code == "quantity_over")
    assert over == (1 if state.billed > 60 else 0)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 50))
def test_the_result_does_not_depend_on_the_order_in_which_papers_come(seed: int) -> None:
    made = world(seed, 4)
    papers = [p for i, e, c in made.papers if (p := paper_of(e, paper_id=i, closed=c))]
    first = reconcile(papers)
    random.Random(seed).shuffle(papers)
    again = reconcile(papers)
    for verdict in first.verdicts:
        assert again.verdict(verdict.paper_id) == verdict
    assert sorted(map(str, again.links)) == sorted(map(str, first.links))


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 50))
def test_papers_that_agree_word_for_word_are_approved(seed: int) -> None:
    made = world(seed, 3, planted=0)
    orders = [p for i, e, c in made.papers if (p := paper_of(e, paper_id=i)) and "-po" in i]
    bills = [
        replace(
            order, id=f"re-{order.id}", kind=DocumentType.INVOICE, orders=(order.number,),
            number=f"RE{n}",
        )
        for n, order in enumerate(orders)
    ]  # fmt: skip
    for verdict in reconcile([*orders, *bills]).verdicts:
        assert [r for r in verdict.reasons if r.weight is not Weight.INFO] == []


def test_planted_differences_are_found_with_their_amounts() -> None:
    made = world(5, 40)
    papers = [p for i, e, c in made.papers if (p := paper_of(e, paper_id=i, closed=c))]
    found = reconcile(papers)
    links = {(x.paper_id, x.order_id) for x in found.links}
    assert len(links & made.links) >= 0.97 * len(made.links)
    lines = {
        (v.paper_id, m.line, m.order_id, m.order_line) for v in found.verdicts for m in v.lines
    }
    assert len(lines & made.lines) >= 0.95 * len(made.lines)
    said = {(v.paper_id, r.code, r.amount) for v in found.verdicts for r in v.reasons}
    wanted = [(p.paper, p.code, p.amount) for p in made.planted if p.code != "order_missing"]
    assert sum(w in said for w in wanted) >= 0.9 * len(wanted)

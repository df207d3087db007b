"""Reconcile all papers that belong together: deliveries first, then bills in the order of dates.

The result depends on the papers alone, not on the order in which they came: a bill that came
before its delivery note is looked at again, and approved, when that arrives.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from doctally.matching import numbers
from doctally.matching.allocation import Share, allocate
from doctally.matching.bills import Bill, check_lines, credit_lines
from doctally.matching.deliveries import Delivery, receive, still_open
from doctally.matching.doubts import Doubts, Judge
from doctally.matching.ledger import Ledger
from doctally.matching.linking import Place, agreement, by_number, link, names_order
from doctally.matching.pairing import learn, pair_lines
from doctally.matching.papers import BILLS, Paper
from doctally.matching.reasons import Decision, Weight
from doctally.matching.repeated import Repeats
from doctally.matching.texts import Scorer, TextScorer
from doctally.matching.tolerance import Tolerance, Tolerances
from doctally.matching.verdicts import Link, Reason, Reconciliation, Verdict
from doctally.schemas import DocumentType

OTHER_SUPPLIER = 0.6
_BARRED = frozenset({"duplicate_billing", "order_closed"})
"""Nothing of such a bill is booked, or it would use up what the right one bills."""


def reconcile(
    papers: Sequence[Paper],
    *,
    tolerances: Tolerances | None = None,
    scorer: Scorer | None = None,
    judge: Judge | None = None,
    delivering: Collection[str] = (),
    booked: Mapping[tuple[str, int], tuple[Decimal, Decimal, Decimal]] | None = None,
) -> Reconciliation:
    """Return links, verdicts on deliveries and bills, and what is open of each order.

    ``judge`` is asked, once, about the lines that the texts leave in doubt.

    ``delivering`` names suppliers known for sending delivery notes (``Tolerance.receipt`` seen);
    those of a delivery among the papers are known anyway. ``booked`` is what is received, billed
    and billed in money of order lines (order, line) by papers that are not among these.
    """
    doubts = Doubts()

    def once() -> Reconciliation:
        return _reconcile(
            papers, tolerances or Tolerances(), scorer or TextScorer(), doubts, delivering, booked
        )

    found = once()
    return once() if judge is not None and doubts.ask(judge) else found


def _reconcile(
    papers: Sequence[Paper],
    allowed: Tolerances,
    scorer: Scorer,
    doubts: Doubts,
    delivering: Collection[str],
    booked: Mapping[tuple[str, int], tuple[Decimal, Decimal, Decimal]] | None,
) -> Reconciliation:
    orders = _dated(papers, DocumentType.PURCHASE_ORDER)
    ledger = Ledger.of(orders)
    for place_of, (received, billed, amount) in (booked or {}).items():
        entry = ledger.entries[place_of]
        entry.received, entry.billed, entry.billed_amount = received, billed, amount
    notes: dict[str, tuple[str, ...]] = {}
    place = Place(orders, ledger, notes, scorer, doubts)
    for paper in _dated(papers, *BILLS):  # a bill that names both tells where a note belongs
        named = tuple(x.order_id for x in by_number(paper, place)) if paper.notes else ()
        for note in paper.notes if named else ():
            notes[numbers.key(note)] = named
    others = _dated(papers, DocumentType.SHIPMENT_NOTICE, *BILLS)
    for paper in others if len(others) > 1 else ():
        ids = [x.order_id for x in by_number(paper, place)]
        learn(paper, ledger.of_orders(ids), place.scorer)
    deliveries = _received(papers, place, allowed)
    links = [x for delivery in deliveries for x in delivery.links]
    senders = {numbers.key(s) for s in delivering}
    senders |= {numbers.key(d.paper.supplier) for d in deliveries} - {""}
    delivered = {x.order_id for d in deliveries for x in d.links}
    repeats = Repeats()
    bills: list[Verdict] = []
    for paper in _dated(papers, *BILLS):
        found = link(paper, place, _tolerance(allowed, paper))
        links += found
        linked = {x.order_id for x in found}
        firms = {numbers.key(o.supplier) for o in orders if o.id in linked}
        expects = bool(firms & senders or linked & delivered)
        bills.append(_bill(paper, found, place, allowed, repeats, expects=expects))
    still_open(deliveries)
    verdicts = [_verdict(d.paper, d.shares, d.reasons, allowed) for d in deliveries]
    return Reconciliation(tuple(links), (*verdicts, *bills), tuple(ledger.open_lines()))


def _received(papers: Sequence[Paper], place: Place, allowed: Tolerances) -> list[Delivery]:
    """Return the deliveries by date, in the ledger.

    Which order they belong to is asked first of those that name one, so that the others find
    only what these leave.
    """
    sent = _dated(papers, DocumentType.SHIPMENT_NOTICE)
    asked = sorted(sent, key=lambda p: not names_order(p, place))
    before = {key: entry.received for key, entry in place.ledger.entries.items()}
    done: dict[str, Delivery] = {}
    for paper in asked:
        tolerance = _tolerance(allowed, paper)
        found = link(paper, place, tolerance)
        done[paper.id] = receive(paper, found, place.ledger, place.scorer, tolerance, place.doubts)
        for note in paper.notes if found else ():
            place.notes[numbers.key(note)] = tuple(x.order_id for x in found)
    if asked != sent:
        for key, received in before.items():
            place.ledger.entries[key].received = received
        for paper in sent:
            tolerance, found = _tolerance(allowed, paper), done[paper.id].links
            done[paper.id] = receive(
                paper, found, place.ledger, place.scorer, tolerance, place.doubts
            )
    return [done[paper.id] for paper in sent]


def _dated(papers: Sequence[Paper], *kinds: DocumentType) -> list[Paper]:
    chosen = [paper for paper in papers if paper.kind in kinds]
    return sorted(chosen, key=lambda p: (p.day or date.max, p.sign < 0, p.id))


def _tolerance(allowed: Tolerances, paper: Paper) -> Tolerance:
    return allowed.of(
        supplier=paper.supplier, supplier_id=paper.supplier_id, category=paper.category
    )


def _bill(
    paper: Paper,
    links: Sequence[Link],
    place: Place,
    allowed: Tolerances,
    repeats: Repeats,
    *,
    expects: bool,
) -> Verdict:
    tolerance = _tolerance(allowed, paper)
    ids = [x.order_id for x in links]
    orders = [order for order in place.orders if order.id in ids]
    entries = place.ledger.of_orders(ids)
    pairs = pair_lines(paper, entries, place.scorer, place.doubts, note=True)
    credit = paper.sign < 0
    shares = allocate(
        paper, pairs, entries, left=lambda entry: entry.billed if credit else entry.to_bill
    )
    bill = Bill(
        paper,
        orders,
        shares,
        tolerance,
        allowed.rate(paper.currency, orders[0].currency) if orders else None,
        receipts=tolerance.receipt == "required" or (tolerance.receipt == "seen" and expects),
    )
    again = repeats.earlier(paper, frozenset(ids), shares)
    repeats.add(paper, frozenset(ids))
    bill.reasons += _whole(bill, place.ledger, again)
    if orders and not credit and not any(r.code in _BARRED for r in bill.reasons):
        check_lines(bill, place.ledger)
    elif orders and credit and again is None:
        credit_lines(bill, place.ledger)
    return _verdict(paper, shares, bill.reasons, allowed)


def _whole(bill: Bill, ledger: Ledger, again: Paper | None) -> list[Reason]:
    """Return the reasons that concern the bill as a whole; the whole of it is at stake."""
    paper, stake = bill.paper, bill.paper.stake
    found: list[Reason] = []
    if again is not None:
        found.append(
            Reason("duplicate_billing", stake, f"{again.number or again.id} has billed the same")
        )
    if not bill.orders:
        if bill.tolerance.order_required and paper.sign > 0:
            found.append(Reason("order_missing", stake, ", ".join(paper.orders) or "none named"))
        return found
    for order in bill.orders:
        same = agreement(paper, order)
        if same is not None and same < OTHER_SUPPLIER:
            found.append(Reason("supplier_mismatch", stake, f"ordered from {order.supplier}"))
            break
    if paper.sign < 0:
        return found
    if again is None:
        closed = [o for o in bill.orders if o.closed]
        if not closed and all(ledger.all_billed(order.id) for order in bill.orders):
            closed = list(bill.orders)
        if closed:
            told = ", ".join(order.number or order.id for order in closed)
            found.append(Reason("order_closed", stake, f"nothing is open of {told}"))
    if bill.rate is None:
        told = f"{paper.currency} against {bill.orders[0].currency}"
        found.append(Reason("currency_mismatch", stake, told))
    days = [(order.day - paper.day).days for order in bill.orders if order.day and paper.day]
    if days and min(days) > bill.tolerance.days_early:
        found.append(Reason("bill_before_order", stake, f"{min(days)} days before"))
    return found


def _verdict(
    paper: Paper, shares: Sequence[Share], reasons: Sequence[Reason], allowed: Tolerances
) -> Verdict:
    verdict = Verdict(
        paper.id,
        Decision.APPROVE,
        paper.currency,
        tuple(share.match() for share in shares),
        tuple(reasons),
    )
    weights = {reason.weight for reason in reasons}
    small = verdict.stake <= _tolerance(allowed, paper).total_amount
    if Weight.HOLD in weights:
        return replace(verdict, decision=Decision.HOLD)
    if Weight.REVIEW in weights and not (small and verdict.stake > 0):
        return replace(verdict, decision=Decision.REVIEW)
    return verdict

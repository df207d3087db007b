"""Which order a delivery or bill belongs to: by number, by delivery note, else by content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from doctally import companies
from doctally.matching import numbers
from doctally.matching.charges import is_charge
from doctally.matching.doubts import Doubts
from doctally.matching.ledger import Entry, Ledger, same_item
from doctally.matching.pairing import Pair, pair_lines
from doctally.matching.papers import HARDLY, ZERO, Line, Paper
from doctally.matching.texts import Scorer
from doctally.matching.tolerance import Tolerance
from doctally.matching.verdicts import How, Link
from doctally.schemas import DocumentType

SAME_SUPPLIER = 0.85
_COVERED = 0.6
_MOSTLY = 0.85
_ROOM = Decimal("1.5")
_ENOUGH = 2
"""Fewer lines that are left bring a further order only where they are just that order."""
_AT_MOST = 6
"""Orders that one paper without numbers is spread over."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is known when a paper is linked: the orders' accounts and where delivery notes went."""

    orders: Sequence[Paper]
    ledger: Ledger
    notes: dict[str, tuple[str, ...]]
    scorer: Scorer
    doubts: Doubts


def agreement(a: Paper, b: Paper) -> float | None:
    """Return how surely two papers are of one supplier, None where nothing is known."""
    if a.supplier_id and b.supplier_id and numbers.key(a.supplier_id) == numbers.key(b.supplier_id):
        return 1.0
    if a.supplier and b.supplier:
        return companies.likeness(a.supplier, b.supplier)
    return 0.0 if a.supplier_id and b.supplier_id else None


def link(paper: Paper, place: Place, tolerance: Tolerance) -> tuple[Link, ...]:
    """Return the orders that a paper belongs to, none where nothing speaks for one."""
    found = {x.order_id: x for x in by_number(paper, place)}
    if not found:
        found = {x.order_id: x for x in _by_note(paper, place)}
    if not found:
        found = {x.order_id: x for x in _by_content(paper, place, tolerance)}
    return tuple(found.values())


def names_order(paper: Paper, place: Place) -> bool:
    """Tell whether a paper names an order that is there, or a delivery note known to go to one."""
    return any(by_number(paper, place)) or any(_by_note(paper, place))


def by_number(paper: Paper, place: Place) -> Iterable[Link]:
    """Yield the orders whose numbers a paper names, each by its best fit."""
    for named in paper.orders:
        ranked: list[tuple[float, float, Paper]] = []
        for order in place.orders:
            like = numbers.likeness(named, order.number)
            if not like:
                continue
            same = agreement(paper, order)
            sure = 0.5 if same is None else same
            if like >= numbers.SURE or (sure >= SAME_SUPPLIER and _covered(paper, order, place)):
                ranked.append((like, sure, order))
        if ranked:
            like, sure, order = max(ranked, key=lambda r: (r[1] >= SAME_SUPPLIER, r[0], r[1]))
            how: How = "number" if like >= numbers.SURE else "similar_number"
            yield Link(paper.id, order.id, how, like)


def _by_note(paper: Paper, place: Place) -> Iterable[Link]:
    for note in paper.notes:
        for order_id in place.notes.get(numbers.key(note), ()):
            yield Link(paper.id, order_id, "delivery_note", 0.95)


def _covered(paper: Paper, order: Paper, place: Place) -> bool:
    return _cover(paper, _pairs(paper, order, place)) >= 0.3


def _pairs(paper: Paper, order: Paper, place: Place) -> list[Pair]:
    entries = place.ledger.of_orders([order.id])
    return pair_lines(paper, entries, place.scorer, place.doubts)


def _cover(paper: Paper, pairs: Sequence[Pair]) -> float:
    """Return the share of the paper's goods, by amount, that has found a line."""
    goods = [line for line in paper.lines if not is_charge(line)]
    found = {pair.line.number for pair in pairs if pair.kind == "item"}
    whole = sum((_weight(line) for line in goods), ZERO)
    part = sum((_weight(line) for line in goods if line.number in found), ZERO)
    return float(part / whole) if whole else 0.0


def _weight(line: Line) -> Decimal:
    return abs(line.value) if line.value else Decimal(1)


def _by_content(paper: Paper, place: Place, tolerance: Tolerance) -> Iterable[Link]:
    """Yield the orders whose lines a paper repeats, best first, until its lines are covered."""
    orders = [order for order in place.orders if _possible(paper, order, tolerance)]
    rest, shipped = paper, paper.kind is DocumentType.SHIPMENT_NOTICE
    needed = _MOSTLY if paper.orders else _COVERED
    for _ in range(_AT_MOST):
        ranked = []
        for order in orders:
            fit, share, pairs = _fit(rest, order, place)
            if (
                rest is not paper
                and len(rest.lines) < _ENOUGH
                and not _just(pairs, order, shipped=shipped)
            ):
                continue
            whole_order = len(pairs) >= 0.8 * len(order.lines) and share >= 0.25
            if share >= needed or (whole_order and not paper.orders):
                ranked.append((fit, order, pairs))
        if not ranked:
            return
        fit, order, pairs = max(ranked, key=lambda r: (r[0], r[1].id))
        yield Link(paper.id, order.id, "content", round(min(fit, 1.0), 4))
        found = {pair.line.number for pair in pairs}
        left = tuple(x for x in rest.lines if x.number not in found and not is_charge(x))
        if len(left) == len(rest.lines) or not left:
            return
        rest = replace(rest, lines=left)
        orders = [other for other in orders if other.id != order.id]


def _possible(paper: Paper, order: Paper, tolerance: Tolerance) -> bool:
    same = agreement(paper, order)
    if same is not None and same < SAME_SUPPLIER:
        return False
    if paper.day is None or order.day is None:
        return True
    days = (paper.day - order.day).days
    return -tolerance.days_early <= days <= tolerance.days_apart


def _takes(pair: Pair, paper: Paper, entries: Sequence[Entry], *, shipped: bool) -> bool:
    """Tell whether an order's lines of one item have room for what no number assigns to them.

    What repeats the whole of a line is let in, too: it may be a bill that was sent twice.
    """
    if pair.kind != "item":
        return False
    left = pair.entry.to_receive if shipped else pair.entry.to_bill
    if left is not None:
        twins = [e for e in entries if e is not pair.entry and same_item(e, pair.entry)]
        left += sum(((e.to_receive if shipped else e.to_bill) or ZERO for e in twins), ZERO)
    if paper.sign < 0 or left is None or pair.line.quantity is None or pair.times is None:
        return True
    quantity = abs(pair.line.quantity) * pair.times
    return quantity <= left * _ROOM or abs(quantity - (pair.entry.ordered or ZERO)) <= HARDLY


def _exact(pair: Pair, *, shipped: bool) -> bool:
    """Tell whether a line takes just what is left of the order's."""
    quantity, left = _asked(pair), pair.entry.to_receive if shipped else pair.entry.to_bill
    return quantity is not None and left is not None and abs(quantity - left) <= HARDLY


def _asked(pair: Pair) -> Decimal | None:
    """Return a line's quantity in the order's unit, None where it cannot be said."""
    if pair.line.quantity is None or pair.times is None:
        return None
    return abs(pair.line.quantity) * pair.times


def _just(pairs: Sequence[Pair], order: Paper, *, shipped: bool) -> bool:
    """Tell whether the pairs take all that is left of an order, neither more nor less."""
    goods = [line for line in order.lines if not is_charge(line)]
    return len(pairs) == len(goods) and all(_exact(pair, shipped=shipped) for pair in pairs)


def _roomy(pairs: Sequence[Pair], *, shipped: bool) -> list[Pair]:
    """Return the pairs without those that find no room beside others of the same order line."""
    kept: list[Pair] = []
    room: dict[int, Decimal] = {}
    for pair in sorted(pairs, key=lambda p: (not _exact(p, shipped=shipped), -p.score)):
        left = pair.entry.to_receive if shipped else pair.entry.to_bill
        quantity = _asked(pair)
        if left is not None and quantity is not None:
            free = room.get(id(pair.entry))
            if free is not None and quantity > free + HARDLY:
                continue
            room[id(pair.entry)] = max((left if free is None else free) - quantity, ZERO)
        kept.append(pair)
    return kept


def _fit(paper: Paper, order: Paper, place: Place) -> tuple[float, float, list[Pair]]:
    """Return how well an order fits, the share of the paper it covers, and the pairs."""
    shipped = paper.kind is DocumentType.SHIPMENT_NOTICE
    entries = place.ledger.of_orders([order.id])
    pairs = [
        pair
        for pair in _pairs(paper, order, place)
        if _takes(pair, paper, entries, shipped=shipped)
    ]
    if paper.sign > 0:
        pairs = _roomy(pairs, shipped=shipped)
    share = _cover(paper, pairs)
    if not pairs:
        return 0.0, 0.0, []
    quality = sum(pair.score for pair in pairs) / len(pairs)
    equal = paper.net is not None and order.net is not None and abs(paper.net) == abs(order.net)
    bill = paper.sign > 0
    still = not place.ledger.all_billed(order.id) if bill else True
    near = 0.0
    if paper.day and order.day:
        near = max(0.0, 1 - abs((paper.day - order.day).days) / 90)
    known = 0.0 if agreement(paper, order) is None else 0.05
    exact = sum(_exact(pair, shipped=shipped) for pair in pairs) / len(pairs)
    fit = (
        0.45 * share
        + 0.2 * quality
        + 0.15 * exact
        + 0.08 * equal
        + 0.1 * near
        + 0.05 * still
        + known
    )
    return fit, share, pairs

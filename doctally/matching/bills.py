"""A bill against its orders and deliveries, line by line; then booked into the ledger.

Every reason says what is at stake: exact cents, from what the bill itself charges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from doctally.matching.allocation import Share
from doctally.matching.charges import is_charge
from doctally.matching.deliveries import number
from doctally.matching.ledger import Ledger
from doctally.matching.papers import CENT, HARDLY, ZERO, Paper
from doctally.matching.tolerance import Tolerance
from doctally.matching.units import measure
from doctally.matching.verdicts import Reason

_ALLOWANCE = Decimal("0.5")
_HIGHEST_TAX = Decimal("0.28")
_TIME = ("min", "day")


@dataclass(slots=True)
class Bill:
    """An invoice or credit note on its way through the checks.

    ``rate`` turns its currency into the orders'; None when nobody knows it.
    """

    paper: Paper
    orders: Sequence[Paper]
    shares: list[Share]
    tolerance: Tolerance
    rate: Decimal | None
    receipts: bool
    reasons: list[Reason] = field(default_factory=list)

    @property
    def exchanged(self) -> bool:
        """Tell whether amounts are compared across currencies."""
        return self.rate is not None and self.rate != 1


def check_lines(bill: Bill, ledger: Ledger) -> None:
    """Compare every share of an invoice with its order line and book it."""
    for share in bill.shares:
        bill.reasons += _substitute(share)
        bill.reasons += _price(bill, share)
        bill.reasons += _tax(bill, share)
        bill.reasons += _quantity(bill, share)
    matched = {share.line.number for share in bill.shares}
    for line in bill.paper.lines:
        if line.number not in matched and not is_charge(line) and (line.text or line.code):
            amount = abs(line.value or ZERO)
            bill.reasons.append(Reason("unknown_item", amount, line.text, line.number))
    _charges(bill, ledger)
    _discount(bill)
    _whole_tax(bill)


def credit_lines(bill: Bill, ledger: Ledger) -> None:
    """Take what a credit note gives back off the ledger."""
    for share in bill.shares:
        entry, amount = share.entry, share.amount or ZERO
        if share.kind == "charge":
            continue
        entry.billed_amount -= _turned(bill, amount)
        if share.quantity is None or not share.convertible or _is_allowance(bill, share):
            continue
        entry.billed -= share.quantity
        if entry.billed < -HARDLY:
            surplus = min(-entry.billed, share.quantity)
            stake = (surplus * amount / share.quantity).quantize(CENT) if share.quantity else ZERO
            text = f"{number(surplus)} more credited than billed"
            bill.reasons.append(Reason("credit_over", stake, text, share.line.number))
    matched = {share.line.number for share in bill.shares}
    for line in bill.paper.lines:
        if line.number not in matched and not is_charge(line) and (line.text or line.code):
            amount = abs(line.value or ZERO)
            bill.reasons.append(Reason("unknown_item", amount, line.text, line.number))
    for line in bill.paper.lines:
        if is_charge(line) and bill.orders:
            first = bill.orders[0].id
            ledger.charges[first] = ledger.charges.get(first, ZERO) - abs(line.value or ZERO)


def _is_allowance(bill: Bill, share: Share) -> bool:
    """Tell whether a credit lowers a price instead of giving goods back."""
    ordered = share.entry.line.each
    if not ordered or not share.quantity or share.amount is None or bill.rate is None:
        return False
    return share.amount * bill.rate / share.quantity < ordered * _ALLOWANCE


def _turned(bill: Bill, amount: Decimal) -> Decimal:
    """Return an amount of the bill in the orders' currency; as it is where no rate is known."""
    return (amount * bill.rate).quantize(CENT) if bill.exchanged and bill.rate else amount


def _substitute(share: Share) -> Iterator[Reason]:
    if share.kind == "substitute":
        text = f"{share.line.text} instead of {share.entry.line.text}"
        yield Reason("substituted_item", share.amount or ZERO, text, share.line.number)
    if not share.convertible:
        text = f"{share.line.unit} against {share.entry.line.unit}"
        yield Reason("unit_mismatch", share.amount or ZERO, text, share.line.number)


def _price(bill: Bill, share: Share) -> Iterator[Reason]:
    ordered, quantity, amount = share.entry.line.each, share.quantity, share.amount
    if share.kind != "item" or not share.convertible or bill.rate is None:
        return
    if ordered is None or not quantity or amount is None:
        return
    worth = quantity * ordered
    apart = amount * bill.rate - worth
    percent = bill.tolerance.price_percent
    if bill.exchanged:
        percent = max(percent, bill.tolerance.exchange_percent)
    if abs(apart) <= max(worth * percent / 100, bill.tolerance.price_amount):
        return
    code = "price_above_order" if apart > 0 else "price_below_order"
    stake = abs(apart / bill.rate).quantize(CENT)
    text = f"{(amount / quantity).quantize(CENT)} billed, {ordered.quantize(CENT)} ordered"
    yield Reason(code, stake, text, share.line.number)


def _tax(bill: Bill, share: Share) -> Iterator[Reason]:
    ours, theirs = share.line.tax_rate, share.entry.line.tax_rate
    if ours is None or theirs is None or ours == theirs or share.amount is None:
        return
    stake = (share.amount * abs(ours - theirs) / 100).quantize(CENT)
    if stake > bill.tolerance.tax_amount:
        text = f"{number(ours)} % billed, {number(theirs)} % ordered"
        yield Reason("tax_mismatch", stake, text, share.line.number)


def _quantity(bill: Bill, share: Share) -> Iterator[Reason]:
    entry, quantity, amount = share.entry, share.quantity, share.amount or ZERO
    if share.kind == "charge":
        return
    before, paid = entry.billed, entry.billed_amount
    entry.billed_amount += _turned(bill, amount)
    if quantity is None or entry.ordered is None or not share.convertible:
        over = entry.billed_amount - max(entry.amount, paid)
        if entry.amount and over > bill.tolerance.price_amount and quantity is None:
            text = f"{entry.billed_amount} billed, {entry.amount} ordered"
            yield Reason("amount_over", over, text, share.line.number)
        if quantity is not None and share.convertible:
            entry.billed += quantity
        return
    entry.billed += quantity
    each = amount / quantity if quantity else ZERO
    most = entry.ordered * (1 + bill.tolerance.quantity_percent / 100)
    over = entry.billed - max(entry.ordered, before)
    if entry.billed > most and over > HARDLY:
        text = f"{number(entry.billed)} billed, {number(entry.ordered)} ordered"
        yield Reason("quantity_over", (over * each).quantize(CENT), text, share.line.number)
    if bill.receipts and measure(entry.line.unit).base not in _TIME:
        missing = min(quantity, min(entry.billed, entry.ordered) - entry.received)
        if missing > HARDLY:
            text = f"{number(entry.billed)} billed, {number(entry.received)} received"
            stake = (missing * each).quantize(CENT)
            yield Reason("billed_not_received", stake, text, share.line.number)


def _charges(bill: Bill, ledger: Ledger) -> None:
    """Compare freight and the like, over all bills of the orders, with what was ordered."""
    lines = [line for line in bill.paper.lines if is_charge(line)]
    billed = sum((line.value or ZERO for line in lines), ZERO)
    if not lines:
        billed = abs(bill.paper.shipping or ZERO)
    if not billed or not bill.orders:
        return
    ordered = sum((_ordered_charges(order) for order in bill.orders), ZERO)
    before = sum((ledger.charges.get(order.id, ZERO) for order in bill.orders), ZERO)
    turned = _turned(bill, billed)
    first = bill.orders[0].id
    ledger.charges[first] = ledger.charges.get(first, ZERO) + turned
    over = before + turned - max(ordered, before)
    if over > bill.tolerance.charges_amount:
        text = "; ".join(line.text for line in lines) or "freight"
        stake = (over / (bill.rate or 1)).quantize(CENT)
        line = lines[0].number if len(lines) == 1 else None
        bill.reasons.append(Reason("charge_not_ordered", stake, text, line))


def _ordered_charges(order: Paper) -> Decimal:
    lines = [line.value or ZERO for line in order.lines if is_charge(line)]
    return sum(lines, ZERO) if lines else abs(order.shipping or ZERO)


def _discount(bill: Bill) -> None:
    """Ask for the orders' discount in proportion to what is billed of them."""
    expected = ZERO
    for order in bill.orders:
        goods = sum((line.value or ZERO for line in order.lines if not is_charge(line)), ZERO)
        billed = sum((_within(bill, s) for s in bill.shares if s.entry.order.id == order.id), ZERO)
        if order.discount and goods:
            expected += abs(order.discount) * billed / goods
    missing = expected.quantize(CENT) - abs(bill.paper.discount or ZERO)
    if expected and missing > max(bill.tolerance.price_amount, expected / 100):
        text = f"{expected.quantize(CENT)} expected, {abs(bill.paper.discount or ZERO)} given"
        bill.reasons.append(Reason("discount_missing", missing, text))


def _within(bill: Bill, share: Share) -> Decimal:
    """Return what a share bills of its order line, at most the whole of it."""
    amount = share.amount or ZERO
    return min(amount, share.entry.amount) if bill.rate == 1 and share.entry.amount else amount


def _whole_tax(bill: Bill) -> None:
    """Compare the tax total with the one rate of the orders, where lines name no rates."""
    paper = bill.paper
    rates = {e.line.tax_rate for e in (s.entry for s in bill.shares)}
    if any(line.tax_rate is not None for line in paper.lines) and rates != {None}:
        return
    if rates == {None} or not rates:
        rates = {_rate(order) for order in bill.orders}
    rate = next(iter(rates)) if len(rates) == 1 else None
    if rate is None or paper.tax is None or paper.net is None:
        return
    apart = abs(abs(paper.tax) - (abs(paper.net) * rate / 100).quantize(CENT))
    charged = sum((abs(x.value or ZERO) for x in paper.lines if is_charge(x)), ZERO)
    if apart <= (charged or abs(paper.shipping or ZERO)) * _HIGHEST_TAX:
        return  # freight may have a rate of its own
    if apart > bill.tolerance.tax_amount + CENT * len(paper.lines):
        text = f"{paper.tax} billed, {number(rate)} % of {paper.net} ordered"
        bill.reasons.append(Reason("tax_mismatch", apart, text))


def _rate(order: Paper) -> Decimal | None:
    """Return the one tax rate of an order, from its totals if its lines name none."""
    rates = {line.tax_rate for line in order.lines}
    if len(rates) == 1 and (only := next(iter(rates))) is not None:
        return only
    if rates != {None} or not order.net or order.tax is None:
        return None
    rate = order.tax / order.net * 100
    whole = (rate * 2).to_integral_value() / 2
    apart = abs(order.tax - order.net * whole / 100)
    return whole if apart <= CENT * (len(order.lines) + 1) else None

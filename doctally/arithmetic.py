"""Sums that must hold on priced documents, with the rounding that real paper shows.

Tolerances, in units of the currency: totals 0.02, plus 0.01 for each line where lines are added
up, 0.05 where cash is rounded (receipts, amounts due). A line's printed price may be rounded by
half a cent a unit, up to 0.2 % of its amount. A check runs only when all its terms are known.
Not handled: compound taxes, commission, prices per odd amounts (per 10, 100, 1000 are known).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import product

from pydantic import BaseModel

from doctally.codes import finding
from doctally.results import Finding
from doctally.schemas import CreditNote, LineItem, Receipt

TOLERANCE = Decimal("0.02")
PER_LINE = Decimal("0.01")
CASH = Decimal("0.05")
HALF_CENT = Decimal("0.005")
ROUNDED_PRICE = Decimal("0.002")
PRICE_UNITS = (1, 10, 100, 1000)
ZERO = Decimal(0)


def check_sums(record: BaseModel, *, structured: bool) -> Iterator[Finding]:
    """Yield a finding for each sum of the record that does not hold.

    ``structured`` says that the totals came as data: their net total may then hold charges that
    we have no field for, where a page would have shown us another line.
    """
    yield from _totals(record)
    yield from _due(record)
    lines = _lines(record)
    if lines:
        yield from _line_sum(record, lines, structured=structured)
        yield from _line_amounts(lines)


def _amount(record: BaseModel, name: str) -> Decimal | None:
    value = getattr(record, name, None)
    return value if isinstance(value, Decimal) else None


def _lines(record: BaseModel) -> tuple[LineItem, ...]:
    lines: tuple[LineItem, ...] = getattr(record, "line_items", ())
    return lines


def _near(value: Decimal, candidates: Iterable[Decimal], tolerance: Decimal) -> bool:
    return any(abs(value - candidate) <= tolerance for candidate in candidates)


def _charges(record: BaseModel) -> list[Decimal]:
    """Return what shipping and discount, each counted already or not, can add to a total.

    Signs are printed or not; on a negative total both turn.
    """
    shipping = abs(_amount(record, "shipping_amount") or ZERO)
    discount = abs(_amount(record, "discount") or ZERO)
    total = _amount(record, "total_gross") or _amount(record, "total_net") or ZERO
    side = -1 if total < 0 else 1
    return [side * (add - less) for add, less in product((ZERO, shipping), (ZERO, discount))]


def _totals(record: BaseModel) -> Iterator[Finding]:
    net, tax, gross = (_amount(record, f"total_{name}") for name in ("net", "tax", "gross"))
    if gross is not None and gross < 0 and not isinstance(record, CreditNote):
        yield finding("negative_total", f"the total is {gross}", "total_gross")
    if net is None or tax is None or gross is None:
        return
    tolerance = CASH if isinstance(record, Receipt) else TOLERANCE
    sums = [net + tax + charge for charge in _charges(record)]
    if isinstance(record, CreditNote):  # signs are printed on some of the three only
        sums += [side * (abs(net) + abs(tax)) for side in (1, -1)]
    if not _near(gross, sums, tolerance):
        yield finding(
            "totals_mismatch",
            f"net {net} and tax {tax} give {net + tax}, the gross total is {gross}",
            "total_net",
            "total_tax",
            "total_gross",
        )


def _due(record: BaseModel) -> Iterator[Finding]:
    gross, paid, due = (_amount(record, n) for n in ("total_gross", "amount_paid", "amount_due"))
    if gross is None or paid is None or due is None:
        return
    if not _near(abs(due), (abs(gross - paid), abs(gross + paid)), CASH):
        yield finding(
            "amount_due_mismatch",
            f"{gross} less {paid} paid is {gross - paid}, the amount due is {due}",
            "total_gross",
            "amount_paid",
            "amount_due",
        )


def _line_sum(
    record: BaseModel, lines: tuple[LineItem, ...], *, structured: bool
) -> Iterator[Finding]:
    """Compare the lines with the net total, or with the gross where prices include tax."""
    totals = [
        total
        for name in ("total_net", "total_gross")
        if (total := _amount(record, name)) is not None
    ]
    sums = []
    for name in ("amount_net", "amount_gross"):
        amounts = [amount for line in lines if (amount := getattr(line, name)) is not None]
        if len(amounts) == len(lines):
            sums.append(sum(amounts, ZERO))
    if not totals or not sums:
        return
    tolerance = TOLERANCE + PER_LINE * len(lines)
    wanted = [total - charge for total in totals for charge in _charges(record)]
    if isinstance(record, CreditNote):
        wanted += [-total for total in wanted]
    if any(_near(added, wanted, tolerance) for added in sums):
        return
    net = _amount(record, "total_net")
    surplus = net is not None and sums[0] < net + abs(_amount(record, "discount") or ZERO)
    yield finding(
        "charges_not_listed" if structured and surplus else "lines_mismatch",
        f"{len(lines)} lines add up to {sums[0]}, the total is {totals[0]}",
        "line_items",
        "total_gross" if net is None else "total_net",
    )


def _line_amounts(lines: tuple[LineItem, ...]) -> Iterator[Finding]:
    wrong = [number for number, line in enumerate(lines) if not _line_holds(line)]
    if wrong:
        first = lines[wrong[0]]
        amount = first.amount_net if first.amount_net is not None else first.amount_gross
        yield finding(
            "line_amount_mismatch",
            f"{len(wrong)} of {len(lines)} lines; line {wrong[0] + 1}: "
            f"{first.quantity} x {first.unit_price} is not {amount}",
            *(f"line_items.{number}.amount_net" for number in wrong),
        )


def _line_holds(line: LineItem) -> bool:
    quantity, price = line.quantity, line.unit_price
    amounts = [a for a in (line.amount_net, line.amount_gross) if a is not None]
    if quantity is None or price is None or not amounts:
        return True
    discount = abs(line.discount or ZERO)
    rate = 1 + (line.tax_rate or ZERO) / 100
    whole = quantity * price
    side = -1 if whole < 0 else 1
    # the discount may be in the price already, be of the line, or be of each unit
    values = [whole, whole - side * discount, whole - quantity * discount]
    values += [value * rate for value in values] if line.tax_rate else []
    rounded = abs(quantity) * HALF_CENT
    return any(
        _near(
            amount,
            (value / unit for value in values for unit in PRICE_UNITS),
            max(TOLERANCE, min(rounded, ROUNDED_PRICE * abs(amount))),
        )
        for amount in amounts
    )

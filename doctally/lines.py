"""Sums over the lines of priced documents: each line's own, and all of them against the totals.

Tolerances, in units of the currency: 0.02, plus 0.01 for each line where lines are added up. A
line's printed price may be rounded by half a cent a unit, up to 0.2 % of its amount. A check runs
only when all its terms are known. Not handled: prices per odd amounts (per 10, 100, 1000 are
known), discounts in percent.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pydantic import BaseModel

from doctally.arithmetic import TOLERANCE, ZERO, amount_of, charges, near
from doctally.codes import finding
from doctally.results import Finding
from doctally.schemas import CreditNote, LineItem, Receipt

PER_LINE = Decimal("0.01")
HALF_CENT = Decimal("0.005")
ROUNDED_PRICE = Decimal("0.002")
PRICE_UNITS = (1, 10, 100, 1000)
SERVICE = Decimal("1.15")
HIGHEST_TAX = Decimal("1.28")  # above Hungary's 27 %


def check_lines(record: BaseModel, *, structured: bool) -> Iterator[Finding]:
    """Yield a finding for each sum over the record's lines that does not hold.

    ``structured`` says that the totals came as data: their net total may then hold charges that
    we have no field for, where a page would have shown us another line.
    """
    lines: tuple[LineItem, ...] = getattr(record, "line_items", ())
    if lines:
        yield from _line_sum(record, lines, structured=structured)
        yield from _line_amounts(lines)


def _line_sum(
    record: BaseModel, lines: tuple[LineItem, ...], *, structured: bool
) -> Iterator[Finding]:
    """Compare the lines with the net total, or with the gross where prices include tax."""
    net, tax, gross = (amount_of(record, f"total_{name}") for name in ("net", "tax", "gross"))
    if net is None and gross is not None and tax is not None:
        net = gross - tax
    sums = []
    for name in ("amount_net", "amount_gross"):
        amounts = [amount for line in lines if (amount := getattr(line, name)) is not None]
        if len(amounts) == len(lines):
            sums.append(sum(amounts, ZERO))
    totals = [total for total in (net, gross) if total is not None]
    if not totals or not sums:
        return
    wanted = [total - charge for total in totals for charge in charges(record)]
    if isinstance(record, CreditNote):
        wanted += [-total for total in wanted]
    tolerance = TOLERANCE + PER_LINE * len(lines)
    if any(near(added, wanted, tolerance) for added in sums):
        return
    if net is None and any(_above(total, sums[0], HIGHEST_TAX) for total in wanted):
        return  # the tax was not told
    if structured:
        charged = net is not None and sums[0] < net + abs(amount_of(record, "discount") or ZERO)
    else:
        charged = isinstance(record, Receipt) and _above(totals[-1], sums[0], SERVICE)
    yield finding(
        "charges_not_listed" if charged else "lines_mismatch",
        f"{len(lines)} lines add up to {sums[0]}, the total is {totals[0]}",
        "line_items",
        "total_gross" if net is None else "total_net",
    )


def _above(total: Decimal, added: Decimal, most: Decimal) -> bool:
    """Tell whether the total is above the sum of the lines, at most ``most`` times as high."""
    return abs(added) < abs(total) <= abs(added) * most and (added < 0) == (total < 0)


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
    if line.discount is not None and line.discount < 0:  # a surcharge, or a printed minus
        values.append(whole + side * discount)
    values += [value * rate for value in values] if line.tax_rate else []
    rounded = abs(quantity) * HALF_CENT
    return any(
        near(
            amount,
            (value / unit for value in values for unit in PRICE_UNITS),
            max(TOLERANCE, min(rounded, ROUNDED_PRICE * abs(amount))),
        )
        for amount in amounts
    )

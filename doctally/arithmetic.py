"""Sums over the totals of priced documents, with the rounding that real paper shows.

Tolerances, in units of the currency: totals 0.02; 0.05 where cash is rounded (receipts, amounts
due); 0.50 where a structured document rounds to whole units (EN 16931, BT-114). A check runs only
when all its terms are known. Not handled: compound taxes, commission.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import product

from pydantic import BaseModel

from doctally.codes import finding
from doctally.results import Finding
from doctally.schemas import CreditNote, Receipt

TOLERANCE = Decimal("0.02")
CASH = Decimal("0.05")
WHOLE = Decimal("0.50")
ZERO = Decimal(0)


def check_totals(record: BaseModel, *, structured: bool) -> Iterator[Finding]:
    """Yield a finding for each sum of the record's totals that does not hold.

    ``structured`` says that the totals came as data, where a rounding has a field of its own.
    """
    yield from _totals(record, structured=structured)
    yield from _due(record, structured=structured)


def amount_of(record: BaseModel, name: str) -> Decimal | None:
    """Return an amount of the record, None if it has none or no such field."""
    value = getattr(record, name, None)
    return value if isinstance(value, Decimal) else None


def near(value: Decimal, candidates: Iterable[Decimal], tolerance: Decimal) -> bool:
    """Tell whether one of the candidates is within the tolerance."""
    return any(abs(value - candidate) <= tolerance for candidate in candidates)


def charges(record: BaseModel) -> list[Decimal]:
    """Return what shipping and discount, each counted already or not, can add to a total.

    Signs are printed or not; on a negative total both turn.
    """
    shipping = abs(amount_of(record, "shipping_amount") or ZERO)
    discount = abs(amount_of(record, "discount") or ZERO)
    total = amount_of(record, "total_gross") or amount_of(record, "total_net") or ZERO
    side = -1 if total < 0 else 1
    return [side * (add - less) for add, less in product((ZERO, shipping), (ZERO, discount))]


def _totals(record: BaseModel, *, structured: bool) -> Iterator[Finding]:
    net, tax, gross = (amount_of(record, f"total_{name}") for name in ("net", "tax", "gross"))
    if gross is not None and gross < 0 and not isinstance(record, CreditNote):
        yield finding("negative_total", f"the total is {gross}", "total_gross")
    if net is None or tax is None or gross is None:
        return
    tolerance = CASH if isinstance(record, Receipt) else TOLERANCE
    if structured and _is_whole(gross):
        tolerance = WHOLE
    sums = [net + tax + charge for charge in charges(record)]
    if isinstance(record, CreditNote):  # signs are printed on some of the three only
        sums += [side * (abs(net) + abs(tax)) for side in (1, -1)]
    if not near(gross, sums, tolerance):
        yield finding(
            "totals_mismatch",
            f"net {net} and tax {tax} give {net + tax}, the gross total is {gross}",
            "total_net",
            "total_tax",
            "total_gross",
        )


def _due(record: BaseModel, *, structured: bool) -> Iterator[Finding]:
    gross, paid, due = (amount_of(record, n) for n in ("total_gross", "amount_paid", "amount_due"))
    if gross is None or paid is None or due is None:
        return
    tolerance = WHOLE if structured and _is_whole(due) else CASH
    if not near(abs(due), (abs(gross - paid), abs(gross + paid)), tolerance):
        yield finding(
            "amount_due_mismatch",
            f"{gross} less {paid} paid is {gross - paid}, the amount due is {due}",
            "total_gross",
            "amount_paid",
            "amount_due",
        )


def _is_whole(amount: Decimal) -> bool:
    return amount == amount.to_integral_value()

"""How well one line fits a line of an order: text first, then code, price and quantity."""

from __future__ import annotations

from decimal import Decimal

from doctally.matching import numbers
from doctally.matching.ledger import Entry
from doctally.matching.papers import Line

SAME_PRICE = 0.005
_SLIGHTLY_OVER = Decimal("1.5")
_FAR_OVER = -0.6
"""A line far above what its order line has left is more likely another's."""


def score(line: Line, entry: Entry, text: float, times: Decimal | None, *, shipped: bool) -> float:
    """Return 0..1: the text first, unless the codes agree; price and quantity tell twins apart."""
    quantity = quantity_fit(line, entry, times, shipped=shipped)
    price = price_fit(line, entry, times)
    place = 0.03 if line.position and line.position == entry.line.position else 0.0
    if known_code(line, entry):
        return 0.62 + 0.17 * text + 0.1 * (0.5 if price is None else price) + 0.1 * quantity
    if price is None:
        return 0.8 * text + 0.17 * quantity + place
    return 0.62 * text + 0.25 * price + 0.1 * quantity + place


def known_code(line: Line, entry: Entry) -> bool:
    """Tell whether both have one code, or the line has one that another paper gave the entry."""
    return numbers.key(line.code) in entry.codes or same_code(line, entry.line)


def same_code(a: Line, b: Line) -> bool:
    """Tell whether both name one code, one of them perhaps within its text."""
    one, other = numbers.key(a.code), numbers.key(b.code)
    if one and other and one == other:
        return True
    if len(one) >= 5 and one in numbers.key(b.text):
        return True
    return len(other) >= 5 and other in numbers.key(a.text)


def price_fit(line: Line, entry: Entry, times: Decimal | None) -> float | None:
    """Return 1 for the same unit price, less the further apart, None where one is unknown."""
    ours, theirs = line.each, entry.line.each
    if ours is None or theirs is None:
        return None
    if not theirs or not times:
        return 0.0
    apart = abs(float(ours / times / theirs) - 1)
    return max(0.0, 0.9 - apart / 0.5) if apart > SAME_PRICE else 1.0


def quantity_fit(line: Line, entry: Entry, times: Decimal | None, *, shipped: bool) -> float:
    """Return 1 for just what is left, less for a part, below 0 for far too much."""
    left = (entry.to_receive if shipped else entry.to_bill) or entry.ordered
    if line.quantity is None or left is None:
        return 0.5
    if times is None:
        return 0.0
    ours = abs(line.quantity) * times
    if abs(ours - left) <= left / 100:
        return 1.0
    if ours < left:
        return 0.6
    return 0.2 if ours <= left * _SLIGHTLY_OVER else _FAR_OVER

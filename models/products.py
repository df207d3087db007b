"""Rows that add up: quantity times price is the amount, and a tax is no line.

Arithmetic holds in every layout and language; where a row contradicts it and another number
printed in the row does not, that number is the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from doctally.amounts import parse_number, plain
from doctally.pages import Box, Page
from doctally.results import FieldValue
from doctally.values import Locale

Row = Mapping[str, FieldValue]

HIGHEST_TAX = Decimal("0.28")  # no value added or sales tax is higher (Hungary: 27 %)
TOLERANCE = Decimal("0.011")  # of a sum or product in money: a rounded cent

_FACTORS = ("quantity", "unit_price")
_AMOUNTS = ("amount_net", "amount_gross")
_UNSURE = 0.9  # times the least sure of the cells that a number was found by


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number printed in a row."""

    value: Decimal
    box: Box
    text: str


def made_to_multiply(row: Row, page: Page, locale: Locale) -> Row:
    """Return the row with a quantity, price or amount read anew where that makes it add up.

    A number takes the place of the least sure cell that it can; without quantity and price, the
    only pair of numbers that makes the amount does.
    """
    names = [*_FACTORS, _amount_name(row)]
    known = [name for name in names if name in row]
    if multiplies(row) or len(known) == 0 or _explained(row):
        return row
    figures = _figures(page, row, locale)
    for name in sorted(names, key=lambda n: row[n].confidence if n in row else -1.0):
        others = [n for n in names if n != name]
        if not all(n in row for n in others):
            continue
        wanted = _wanted(name, [Decimal(row[n].value) for n in others])
        fits = [
            f
            for f in figures
            if wanted(f.value) and not any(_touches(f.box, row[n].box) for n in others)
        ]
        if fits and len({f.value for f in fits}) == 1:
            cell = _cell(name, fits[0], [row[n] for n in others], page)
            return _counted(_without(row, fits[0]) | {name: cell})
    return _with_factors(row, figures, page) if known == names[2:] else row


def multiplies(row: Row) -> bool:
    """Tell whether quantity and price are there and make the amount."""
    names = (*_FACTORS, _amount_name(row))
    return all(n in row for n in names) and _is_product(*(Decimal(row[n].value) for n in names))


def is_tax(row: Row, page: Page, locale: Locale) -> bool:
    """Tell whether a row is a rate's share of a number beside it: a line of a tax summary."""
    amount = row.get(_amount_name(row))
    if amount is None or row.keys() & {"position", "code"} or multiplies(row):
        return False
    total = Decimal(amount.value)
    beside = {n: v for n, v in row.items() if n in (_amount_name(row), "tax_rate")}
    numbers = [f.value for f in _figures(page, beside, locale) if not _touches(f.box, amount.box)]
    rates = [n for n in numbers if 0 < n <= 100 * HIGHEST_TAX]
    return bool(total) and any(
        abs(base) > 1 and abs(base * rate / 100 - total) < TOLERANCE
        for rate in rates
        for base in numbers
    )


def _amount_name(row: Row) -> str:
    return next((name for name in _AMOUNTS if name in row), "amount_net")


def _explained(row: Row) -> bool:
    """Tell whether a discount explains that the product is not the amount."""
    names = (*_FACTORS, _amount_name(row), "discount")
    if not all(name in row for name in names):
        return False
    quantity, price, total, discount = (Decimal(row[name].value) for name in names)
    return _is_product(quantity, price, total + abs(discount)) or _is_product(
        quantity, price - abs(discount), total
    )


def _is_product(quantity: Decimal, price: Decimal, total: Decimal) -> bool:
    """Tell whether the product is the total; prices are often rounded to the cent."""
    return bool(total) and abs(quantity * price - total) <= max(
        TOLERANCE, abs(quantity) * Decimal("0.0005")
    )


def _wanted(name: str, others: Sequence[Decimal]) -> Callable[[Decimal], bool]:
    """Return what a number must fulfil to be the cell, given the two others in their order."""
    if name in _FACTORS:
        return lambda n: _is_product(n, others[0], others[1])
    return lambda n: _is_product(others[0], others[1], n)


def _with_factors(row: Row, figures: Sequence[_Figure], page: Page) -> Row:
    """Return the row with the only two numbers whose product is its amount, one whole."""
    amount = row[_amount_name(row)]
    total = Decimal(amount.value)
    rest = [f for f in figures if f.value not in (0, 1, total) and not _touches(f.box, amount.box)]
    pairs = {
        tuple(sorted((a.value, b.value))): (a, b)
        for a, b in combinations(rest, 2)
        if _is_product(a.value, b.value, total)
    }
    if len(pairs) != 1:
        return row
    count, price = sorted(next(iter(pairs.values())), key=lambda f: f.value % 1 != 0)
    if count.value % 1 or not price.value % 1:
        return row
    found = dict(_without(_without(row, count), price))
    return found | {
        "quantity": _cell("quantity", count, [amount], page),
        "unit_price": _cell("unit_price", price, [amount], page),
    }


def _counted(row: Row) -> Row:
    """Return the row with the whole number as quantity, where the other of the two is none."""
    quantity, price = (row[name] for name in _FACTORS)
    if Decimal(quantity.value) % 1 == 0 or Decimal(price.value) % 1:
        return row
    swapped = {"quantity": price, "unit_price": quantity}
    return {
        **row,
        **{n: replace(v, value=_printed(n, Decimal(v.value))) for n, v in swapped.items()},
    }


def _figures(page: Page, row: Row, locale: Locale) -> list[_Figure]:
    """Return the numbers on the visual lines of a row's cells, descriptions aside."""
    spans = [v.box for n, v in row.items() if n != "description" and v.box is not None]
    inside = [
        word
        for word in page.words
        if any(box.y0 <= (word.box.y0 + word.box.y1) / 2 <= box.y1 for box in spans)
    ]
    numbers = [(parse_number(w.text.rstrip("%"), locale), w) for w in inside]
    return [_Figure(number, w.box, w.text) for number, w in numbers if number is not None]


def _touches(box: Box, other: Box | None) -> bool:
    return (
        other is not None
        and min(box.x1, other.x1) > max(box.x0, other.x0)
        and min(box.y1, other.y1) > max(box.y0, other.y0)
    )


def _without(row: Row, figure: _Figure) -> dict[str, FieldValue]:
    """Return the row without a discount that is the figure."""
    discount = row.get("discount")
    taken = discount is not None and _touches(figure.box, discount.box)
    return {n: v for n, v in row.items() if not (taken and n == "discount")}


def _cell(name: str, figure: _Figure, by: Sequence[FieldValue], page: Page) -> FieldValue:
    return FieldValue(
        value=_printed(name, figure.value),
        confidence=_UNSURE * min(v.confidence for v in by),
        page=page.number,
        box=figure.box,
        text=figure.text,
    )


def _printed(name: str, value: Decimal) -> str:
    return plain(value, least=0, most=6) if name == "quantity" else plain(value, least=2, most=4)

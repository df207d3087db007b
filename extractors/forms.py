"""Values of structured documents in the contract's normal forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from doctally.amounts import plain
from doctally.schemas import header_fields, item_fields

_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(
    r"(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII
)
_LONG_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def amount(text: str) -> str:
    """Return a decimal with two to four places, or nothing when the text is not a number."""
    value = decimal_of(text)
    return "" if value is None else plain(value, least=2, most=4)


def nonzero(text: str) -> str:
    """Return the amount, or nothing for zero (a sum that does not apply)."""
    value = amount(text)
    return value if value.strip("-0.") else ""


def price_per_unit(price: str, basis: str) -> str:
    """Return the price of one unit when ``price`` is that of ``basis`` units (empty: one)."""
    value, units = decimal_of(price), decimal_of(basis or "1")
    if value is None or units is None or units <= 0 or units == 1:
        return amount(price)
    return plain(value / units, least=2, most=6)


def quantity(text: str) -> str:
    """Return a decimal without trailing zeros, or nothing when the text is not a number."""
    value = decimal_of(text)
    return "" if value is None else plain(value, least=0, most=6)


def day(text: str) -> str:
    """Return the ISO date at the start of ``20180305`` or ``2018-03-05T...``, or nothing."""
    found = _LONG_DAY.match(text) or _COMPACT_DAY.match(text)
    if not found:
        return ""
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return ""


def moment(date_text: str, time_text: str) -> str:
    """Return ``2018-03-05T14:30:00``, the date alone without a time, or nothing.

    A time zone is kept where it is written; fractions of seconds are not.
    """
    start = day(date_text)
    found = _TIME.match(time_text)
    if not start or not found:
        return start
    hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3))
    if hour > 23 or minute > 59 or second > 59:
        return start
    return f"{start}T{hour:02}:{minute:02}:{second:02}{found[4] or ''}"


def kept(values: Mapping[str, str], document_type: str) -> dict[str, str]:
    """Return the values that are not empty and that the type's schema has a field for."""
    names = {spec.name for spec in header_fields(document_type)}
    return {name: value for name, value in values.items() if value and name in names}


def kept_cells(values: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of a line item that are not empty."""
    names = {spec.name for spec in item_fields()}
    return {name: value for name, value in values.items() if value and name in names}


def decimal_of(text: str) -> Decimal | None:
    """Return the number, or None when the text is none or has more than 15 digits."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < Decimal(10) ** 15 else None

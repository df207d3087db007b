"""Values of EDI elements in the contract's normal forms."""

from __future__ import annotations

from decimal import Decimal

from doctally.amounts import plain
from extractors import forms


def amount(text: str) -> str:
    """Return a decimal with two to four places; the decimal mark may be a comma (ISO 9735)."""
    return forms.amount(text.replace(",", "."))


def quantity(text: str) -> str:
    """Return a decimal without trailing zeros."""
    return forms.quantity(text.replace(",", "."))


def cents(text: str) -> str:
    """Return the amount of X12's type N2, whose last two digits are decimals."""
    value = forms.decimal_of(text) if text.lstrip("-").isdigit() else None
    return "" if value is None else plain(value / 100, least=2, most=2)


def nonzero(text: str) -> str:
    """Return the amount, or nothing for zero."""
    return forms.nonzero(text.replace(",", "."))


def added(*texts: str) -> str:
    """Return the sum of the amounts that are there, or nothing when none is."""
    values = [v for text in texts if (v := forms.decimal_of(text)) is not None]
    return plain(sum(values, Decimal(0)), least=2, most=4) if values else ""


def per_unit(price: str, basis: str) -> str:
    """Return the price of one unit."""
    return forms.price_per_unit(price.replace(",", "."), basis.replace(",", "."))


def day(text: str) -> str:
    """Return the ISO date of ``CCYYMMDD`` or ``YYMMDD`` (2000 to 2099 for the latter)."""
    if len(text) == 6 and text.isdigit():
        text = f"20{text}"
    return forms.day(text) if len(text) >= 8 else ""


def moment(date: str, time: str) -> str:
    """Return the ISO date and time; the date alone without a time."""
    return forms.moment(day(date), time)


def joined(*lines: str) -> str:
    """Return the lines of an address that are there, with commas between."""
    return ", ".join(line for line in lines if line)

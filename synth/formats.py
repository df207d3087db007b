"""How dates and numbers are printed, and their normal forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_TOKEN = re.compile(r"dd|dth|d|mm|m|MMMM|MMM|MM|yyyy|yy")


def cents(value: Decimal) -> Decimal:
    """Return the amount rounded half up to two decimals."""
    return value.quantize(CENT, ROUND_HALF_UP)


def day(value: date, pattern: str, long: Sequence[str], short: Sequence[str]) -> str:
    """Return the date as printed by a pattern of dd, d, mm, m, MMM, MMMM, yy, yyyy, dth."""

    def part(match: re.Match[str]) -> str:
        number = value.day
        match match.group():
            case "dd":
                return f"{number:02d}"
            case "d":
                return str(number)
            case "dth":
                ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
                return f"{number}{'th' if 10 < number < 14 else ending}"
            case "mm":
                return f"{value.month:02d}"
            case "m":
                return str(value.month)
            case "MMMM":
                return long[value.month - 1]
            case "MMM":
                return short[value.month - 1]
            case "MM":
                return short[value.month - 1].upper()
            case "yyyy":
                return f"{value.year:04d}"
            case _:
                return f"{value.year % 100:02d}"

    if " de " in pattern:
        return " de ".join(_TOKEN.sub(part, piece) for piece in pattern.split(" de "))
    return _TOKEN.sub(part, pattern)


def number(value: Decimal, style: str, places: int | None = 2) -> str:
    """Return the number printed like the sample ``1.234,50``; places None keeps what is there."""
    point = style[-3]
    group = style[1] if not style[1].isdigit() else ""
    if places is not None:
        value = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign, digits = ("-", -value) if value < 0 else ("", value)
    text = f"{digits:f}"
    whole, _, fraction = text.partition(".")
    if group:
        whole = f"{int(whole):,}".replace(",", group)
    return sign + whole + (point + fraction if fraction else "")


def normal(value: Decimal) -> str:
    """Return an amount in normal form, two decimals or more."""
    text = f"{value:f}"
    if "." not in text or len(text.rpartition(".")[2]) < 2:
        return f"{value:.2f}"
    return text


def trimmed(value: Decimal) -> str:
    """Return a quantity in normal form, without needless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

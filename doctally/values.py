"""How printed text becomes a value in normal form, kind by kind, and when two values are equal.

Normal forms: dates ``2020-03-29``, moments ``2020-03-29T14:30:00`` (with an offset if printed),
amounts ``1234.50`` (two to four decimals), quantities and percent plain decimals, currency ISO
4217; the rest as printed with white space collapsed. What is not clearly of its kind gives None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache

from babel.core import get_global
from stdnum.eu import vat

from doctally.amounts import currency_of, parse_number, plain
from doctally.dates import parse_date, parse_moment
from doctally.locale import Locale, infer_locale
from doctally.schemas import Kind, ShipmentState

__all__ = ["Locale", "infer_locale", "normalise", "parse_date", "parse_number", "same"]

_LABEL = re.compile(
    r"(?:(?:no|nr|num|number|nummer|id|ref|code|num[ée]ro|numero)\s*[.:#]+|n[°º]\.?|№\s*[.:]?|"
    r"(?:no|nr|number|nummer)\s|#\s*:?|:)\s*(?=\S)",
    re.IGNORECASE,
)
_TAX_LABEL = re.compile(
    r"(?:(?:ust|umsatzsteuer|mwst|vat|tva|iva|btw|gst|abn|tax|tin|ein|st(?:euer)?)\.?[\s-]*"
    r"(?:id(?:ent(?:ifikations)?)?|reg(?:istration)?)?[.\s-]*"
    r"(?:no|nr|nummer|number|id)?\s*[.:#]+|vat\s|ust-?id\s)\s*(?=\S)",
    re.IGNORECASE,
)
_PHONE_LABEL = re.compile(
    r"(?:telephone|telefon|t[ée]l|tel|phone|fon|ph|mobile|mobil|t)\s*[.:]+\s*|(?:tel|phone)\s+",
    re.IGNORECASE,
)
_EMAIL_LABEL = re.compile(r"(?:e-?mail|mail|mailto)\s*:\s*", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
_PHONE = re.compile(r"\+{0,2}[\d(][\d\s()/.\-]{4,24}\d(?:\s?(?:x|ext\.?)\s?\d{1,5})?")
_TAX = re.compile(r"[A-Za-z0-9][A-Za-z0-9/.\- ]{4,23}[A-Za-z0-9]")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_QUANTITY = re.compile(r"(.*\d)\s?([^\W\d_]{1,8}[²³23]?\.?)|[x×]\s?([\d.,]+)", re.IGNORECASE)
_EDGES = " \t,;:|*_"


def normalise(kind: Kind, text: str, locale: Locale) -> str | None:
    """Return the normal form of a printed text, or None if it is not clearly of the kind."""
    return _READERS[kind](text, locale)


def same(kind: Kind, a: str, b: str) -> bool:
    """Tell whether two values in normal form are the same value.

    Numbers compare as numbers, identifiers without case and spaces, tax ids, IBAN, BIC and phone
    by their letters and digits, names, addresses and texts by letters and digits after NFKC.
    """
    if a == b:
        return True
    if kind in (Kind.AMOUNT, Kind.QUANTITY, Kind.PERCENT):
        try:
            return Decimal(a) == Decimal(b)
        except InvalidOperation:
            return False
    if kind in (Kind.DATE, Kind.TIME, Kind.STATUS):
        return False
    if kind in (Kind.IDENTIFIER, Kind.CURRENCY, Kind.EMAIL):
        return "".join(a.casefold().split()) == "".join(b.casefold().split())
    key = _letters_and_digits(a)
    return bool(key) and key == _letters_and_digits(b)


def _letters_and_digits(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in unicodedata.normalize("NFKC", folded) if c.isalnum())


def _collapse(text: str) -> str:
    return " ".join(text.split())


def _text(text: str, _locale: Locale) -> str | None:
    return _collapse(text) or None


def _name(text: str, _locale: Locale) -> str | None:
    name = _collapse(text).strip(_EDGES)
    return name if any(c.isalpha() for c in name) else None


def _identifier(text: str, _locale: Locale) -> str | None:
    value = _collapse(text).lstrip(_EDGES + ".")
    value = _LABEL.sub("", value, count=1) if _LABEL.match(value) else value
    value = value.strip(_EDGES).rstrip(".-/")
    if value.startswith("(") and value.endswith(")") and value.count("(") == 1:
        value = value[1:-1].strip()
    elif value.endswith(")") and "(" not in value:
        value = value[:-1].rstrip()
    elif value.startswith("(") and ")" not in value:
        value = value[1:].lstrip()
    return value if len(value) <= 80 and any(c.isalnum() for c in value) else None


def _date(text: str, locale: Locale) -> str | None:
    day = parse_date(text, locale)
    return day.isoformat() if day else None


def _moment(text: str, locale: Locale) -> str | None:
    moment = parse_moment(text, locale)
    return moment.isoformat() if moment else None


def _amount(text: str, locale: Locale) -> str | None:
    value = parse_number(text, locale)
    return None if value is None else plain(value, least=2, most=4)


def _quantity(text: str, locale: Locale) -> str | None:
    value = parse_number(text, locale)
    if value is None and (match := _QUANTITY.fullmatch(text.strip(_EDGES))):
        value = parse_number(match[1] or match[3], locale)
    return None if value is None else plain(value, least=0, most=6)


def _percent(text: str, locale: Locale) -> str | None:
    value = parse_number(text.strip(_EDGES).removesuffix("%"), locale)
    return plain(value, least=0, most=4) if value is not None and 0 <= value <= 100 else None


def _currency(text: str, _locale: Locale) -> str | None:
    return currency_of(text)


def _tax_id(text: str, _locale: Locale) -> str | None:
    value = _TAX_LABEL.sub("", _collapse(text).strip(_EDGES), count=1)
    value = _LABEL.sub("", value, count=1) if _LABEL.match(value) else value
    value = value.strip(_EDGES + ".-/()")
    if sum(c.isdigit() for c in value) < 5 or not _TAX.fullmatch(value):
        return None
    compact = re.sub(r"[\s.\-]", "", value).upper()
    if vat.is_valid(compact):
        return compact
    return re.sub(r"\s", "", value).upper()


def _iban(text: str, _locale: Locale) -> str | None:
    value = re.sub(r"^\W*IBAN\W*|[\s\-.:]", "", text, flags=re.IGNORECASE).upper()
    return value if _IBAN.fullmatch(value) else None


def _bic(text: str, _locale: Locale) -> str | None:
    value = re.sub(r"^\W*(?:BIC|SWIFT)(?:[\s/-]*(?:BIC|SWIFT|CODE))*\W+|\s", "", text).strip(".,;:")
    match = _BIC.fullmatch(value)
    return value if match and match[1] in _countries() else None


@cache
def _countries() -> frozenset[str]:
    return frozenset(get_global("territory_currencies"))


def _email(text: str, _locale: Locale) -> str | None:
    value = _EMAIL_LABEL.sub("", text.strip(" \t<>()[]\"',;:."), count=1)
    return value if _EMAIL.fullmatch(value) else None


def _phone(text: str, locale: Locale) -> str | None:
    value = _PHONE_LABEL.sub("", _collapse(text).strip(_EDGES), count=1)
    if not _PHONE.fullmatch(value) or not 6 <= sum(c.isdigit() for c in value) <= 17:
        return None
    return None if parse_date(value, locale) and not value.isdigit() else value


def _status(text: str, _locale: Locale) -> str | None:
    value = re.sub(r"[\s\-]+", "_", text.strip(_EDGES + ".").casefold())
    return value if value in set(ShipmentState) else None


_READERS: Mapping[Kind, Callable[[str, Locale], str | None]] = {
    Kind.TEXT: _text,
    Kind.NAME: _name,
    Kind.ADDRESS: _name,
    Kind.IDENTIFIER: _identifier,
    Kind.DATE: _date,
    Kind.TIME: _moment,
    Kind.AMOUNT: _amount,
    Kind.QUANTITY: _quantity,
    Kind.PERCENT: _percent,
    Kind.CURRENCY: _currency,
    Kind.TAX_ID: _tax_id,
    Kind.IBAN: _iban,
    Kind.BIC: _bic,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.STATUS: _status,
}

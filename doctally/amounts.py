"""Numbers, amounts and currencies as documents print them.

Strict: the whole text must be one number, with a currency sign or code and a sign around it at
most. Two different separators explain themselves (``1.234,50``); a single one before exactly
three digits is read by the document's locale. Not handled: numbers in words, fractions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

from babel import Locale as BabelLocale
from babel.core import get_global
from babel.numbers import get_currency_name

from doctally.dates import LANGUAGES
from doctally.locale import Locale

_LONGEST = 32
_MINUS = "-\u2212\u2013\u2014"
_SPACES = str.maketrans("\u00a0\u202f\u2009\u2007\u2019\u00b4`", "    '''")
_MARK = r"\$\s?(?:US|CA)\b|[^\W\d_]{0,5}\.?[$€£¥₹₽₺₩₪₫฿₱₴₦₡]|[^\W\d_]{1,8}\.?"
_NUMBER = re.compile(
    rf"(?P<open>\()?\s?(?P<s1>[{_MINUS}+])?\s?(?P<before>{_MARK})?\s?(?P<s2>[{_MINUS}+])?\s?"
    rf"(?P<open2>\()?(?P<body>\.?\d(?:[\d.,' ]*\d)?)(?:[.,][{_MINUS}]{{1,2}})?"
    rf"\s?(?P<s3>[{_MINUS}])?(?P<close>\))?\s?(?P<after>{_MARK})?\s?(?P<s4>[{_MINUS}])?(?P<close2>\))?"
)
_GROUPED = re.compile(r"(?:[1-9]\d{0,2}(?:([.,' ])\d{3})(?:\1\d{3})*|[1-9]\d?(?:,\d\d)+,\d{3})")
_SPLIT_BY_OCR = re.compile(r"\d{1,3}(?:([.,]) ?\d{3})*[.,] ?\d{2}")

# Signs that babel does not know as such; None: more than one country uses it.
_SIGNS: Mapping[str, str | None] = {
    "€": "EUR", "$": "USD", "us$": "USD", "$us": "USD", "$ us": "USD", "usd$": "USD",
    "£": "GBP", "¥": None, "₹": "INR",
    "₽": "RUB", "₺": "TRY", "₩": "KRW", "₪": "ILS", "₫": "VND", "฿": "THB", "₱": "PHP",
    "₴": "UAH", "₦": "NGN", "₡": "CRC", "rm": "MYR", "rm$": "MYR", "rs": None, "fr": "CHF",
    "sfr": "CHF", "frs": None, "kr": None, "zł": "PLN", "zl": "PLN", "kč": "CZK", "kc": "CZK",
    "ft": "HUF", "lei": "RON", "лв": "BGN", "r$": "BRL", "c$": "CAD", "ca$": "CAD", "$ca": "CAD",
    "$ ca": "CAD", "can$": "CAD",
    "a$": "AUD", "au$": "AUD", "nz$": "NZD", "s$": "SGD", "sg$": "SGD", "hk$": "HKD",
    "nt$": "TWD", "mx$": "MXN", "cn¥": "CNY", "jp¥": "JPY", "rmb": "CNY", "euro": "EUR",
    "euros": "EUR", "dollar": None, "dollars": None, "pound": None, "pounds": None,
    "pounds sterling": "GBP", "sterling": "GBP", "ringgit": "MYR", "yen": "JPY",
    "franken": "CHF", "zloty": "PLN", "złoty": "PLN", "złotych": "PLN",
}  # fmt: skip


def parse_number(text: str, locale: Locale) -> Decimal | None:
    """Return the one number that the text is, signed, or None; currency marks are ignored."""
    if len(text) > _LONGEST:
        return None
    found = _parse(text, locale.decimal_comma)
    return found[0] if found else None


def currency_of(text: str) -> str | None:
    """Return the ISO 4217 code that the text names by sign, code or name, or None.

    An amount with its currency ("RM86.00") names it too; a sign of several countries does not.
    """
    word = text.strip(" \t\r\n.,:;()[]*/")
    if word in iso_codes():
        return word
    if word.casefold() in currency_words():
        return currency_words()[word.casefold()]
    if len(text) > _LONGEST or not any(c.isdigit() for c in word):
        return None
    found = _parse(text, False)
    return found[1] if found else None


@cache
def currency_words() -> Mapping[str, str | None]:
    """Return every known sign and name, casefolded, with its ISO 4217 code.

    None marks a word that stands for several currencies. Names are babel's (CLDR).
    """
    words: dict[str, str | None] = dict(_SIGNS)
    codes = iso_codes()
    for language in LANGUAGES:
        for code, name in BabelLocale.parse(language).currencies.items():
            if code in codes:
                words.setdefault(name.casefold(), code)
    for code in codes:
        words.setdefault(get_currency_name(code, count=2, locale="en").casefold(), code)
    return words


@cache
def iso_codes() -> frozenset[str]:
    """Return the ISO 4217 codes of legal tender now or since 2010."""
    return frozenset(
        code
        for uses in get_global("territory_currencies").values()
        for code, _start, end, tender in uses
        if tender and (end is None or end[0] >= 2010)
    )


@lru_cache(maxsize=65536)
def _parse(text: str, decimal_comma: bool) -> tuple[Decimal, str | None] | None:
    """Return the number and the currency beside it."""
    plain = text.translate(_SPACES).strip(" \t\r\n*:;,=")
    credit = plain[-2:].casefold()
    if credit in ("cr", "dr") and len(plain) > 2 and not plain[-3].isalpha():
        plain = plain[:-2].rstrip()
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return None
    opened = bool(match["open"] or match["open2"])
    if opened != bool(match["close"] or match["close2"]):
        return None
    currency = None
    for mark in (match["before"], match["after"]):
        if mark:
            word = mark.rstrip(".")
            if word in iso_codes():
                currency = word
            elif word.casefold() in currency_words():
                currency = currency_words()[word.casefold()] or currency
            else:
                return None
    value = _value(match["body"], decimal_comma)
    if value is None:
        return None
    signs = [match[name] for name in ("s1", "s2", "s3", "s4") if match[name]]
    if len(signs) > 1:
        return None
    negative = opened or credit == "cr" or bool(signs and signs[0] in _MINUS)
    return (-value if negative and value else value), currency


def _value(body: str, decimal_comma: bool) -> Decimal | None:
    if " " in body and not _GROUPED.match(body) and _SPLIT_BY_OCR.fullmatch(body):
        body = body.replace(" ", "")  # "5, 625.00"
    if _GROUPED.fullmatch(body) and not _decimal_by_locale(body, decimal_comma):
        return Decimal(re.sub(r"\D", "", body))
    mark = max(body.rfind("."), body.rfind(","))
    whole, part = (body[:mark], body[mark + 1 :]) if mark >= 0 else (body, "")
    if not (whole.isascii() and part.isascii()) or len(part) > 6 or (part and not part.isdigit()):
        return None
    if whole.isdigit() or not whole:
        if len(whole) > 15 or (len(whole) > 1 and whole[0] == "0"):
            return None
    elif not _GROUPED.fullmatch(whole) or (mark >= 0 and body[mark] in whole) or len(whole) > 20:
        return None
    digits = re.sub(r"\D", "", whole) or "0"
    return Decimal(f"{digits}.{part}") if part else Decimal(digits)


def _decimal_by_locale(body: str, decimal_comma: bool) -> bool:
    """Tell whether the one separator before the last three digits is the decimal mark."""
    own = "," if decimal_comma else "."
    return body.count(own) == 1 and not any(c in body for c in ".,' ".replace(own, ""))


def plain(value: Decimal, *, least: int, most: int) -> str:
    """Return a number with a dot and between ``least`` and ``most`` decimals, no zeros beyond."""
    rounded = value.quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_UP)
    whole, _, part = f"{rounded:f}".partition(".")
    part = part.rstrip("0").ljust(least, "0")
    text = f"{whole}.{part}" if part else whole
    return text.removeprefix("-") if not rounded else text

"""How a document writes dates and numbers: which comes first, and what separates decimals.

Decided once for a document from all of its text. Dates and amounts that can be read one way only
decide by majority. Else: dates with dots and signs of another country mean day first; US
addresses, "USA" or "$" mean month first; without any sign the day is first. Words of a
decimal-comma language mean comma. Not handled: documents that mix both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Locale:
    """``day_first``: 03/04/2020 is 3 April; ``decimal_comma``: 1,234 is a bit over one."""

    day_first: bool
    decimal_comma: bool


# "04/20/20-04/26/20" is two dates; "12-03-04-05" is none
_NUMERIC_DATE = re.compile(
    r"(?<![\d/.])(\d{1,2})\s?([/.])\s?(\d{1,2})\s?\2\s?(?:\d{4}|\d{2})(?!\d|[/.]\d)|"
    r"(?<![\d/.-])(\d{1,2})(-)(\d{1,2})-(?:\d{4}|\d{2})(?![\d/.-])"
)
_POINT = re.compile(r"(?<![\d.,])\d{1,3}(?:[,' \u00a0\u202f]?\d{3})*\.\d{2}(?![.,]?\d)")
_COMMA = re.compile(r"(?<![\d.,])\d{1,3}(?:[.' \u00a0\u202f]?\d{3})*,\d{2}(?![.,]?\d)")

_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|"
    "NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR"
)
_UNITED_STATES = re.compile(
    rf"\b(?:{_STATES})\.?,?\s+\d{{5}}(?:-\d{{4}})?\b|\bUSA\b|\bU\.S\.A\.|\bUnited States\b"
)
_ELSEWHERE = re.compile(
    r"\d\s?[€£₹]|[€£₹]\s?\d|\b(?:EUR|GBP|CAD|AUD|NZD|SGD|HKD|MYR|INR|CHF|RM\s?\d|GST|ABN|SDN|Canada|Australia|"
    r"New Zealand|Singapore|Hong Kong|United Kingdom)|\b(?:CA?|AU?|NZ|S|HK)\$"
)
_COMMA_WORDS = re.compile(
    r"\b(?:rechnung|lieferschein|bestellung|betrag|mwst|ust|datum|facture|commande|montant|tva|"
    r"factura|pedido|importe|fattura|ordine|importo|iva|factuur|bestelling|bedrag|btw|faktura|"
    r"zamówienie|kwota|vat nr|fatura|encomenda)\b",
    re.IGNORECASE,
)


# in no other language of business papers here; "total" and "date" are in several
_ENGLISH_WORDS = re.compile(
    r"\b(?:invoice|receipt|amount|number|order|delivery|address|tax|cash|change|thank|you|price|"
    r"customer|payment|rounding|the|due|goods|sold)\b",
    re.IGNORECASE,
)
_ENGLISH = 2  # different words


def is_english(text: str) -> bool:
    """Tell whether a text is surely English: some of its words, none of another language's."""
    words = {word.casefold() for word in _ENGLISH_WORDS.findall(text)}
    return len(words) >= _ENGLISH and not _COMMA_WORDS.search(text)


def infer_locale(text: str) -> Locale:
    """Return how the document with this text writes dates and numbers."""
    return Locale(day_first=_day_first(text), decimal_comma=_decimal_comma(text))


def _day_first(text: str) -> bool:
    votes = dotted = slashed = 0
    for match in _NUMERIC_DATE.finditer(text):
        first, second = int(match[1] or match[4]), int(match[3] or match[6])
        if 12 < first <= 31 and 1 <= second <= 12:
            votes += 1
        elif 12 < second <= 31 and 1 <= first <= 12:
            votes -= 1
        dotted += match[2] == "."
        slashed += match[2] == "/"
    if votes:
        return votes > 0
    if dotted > slashed or _ELSEWHERE.search(text):
        return True
    return "$" not in text and not _UNITED_STATES.search(text)


def _decimal_comma(text: str) -> bool:
    points, commas = len(_POINT.findall(text)), len(_COMMA.findall(text))
    if points != commas:
        return commas > points
    return bool(_COMMA_WORDS.search(text))

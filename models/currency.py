"""The currency of a document: what its codes and signs say together, no model needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from doctally.pages import Box, Page
from doctally.results import FieldValue
from doctally.schemas import Kind, header_fields
from doctally.values import Locale, normalise

_PLAIN = Locale(day_first=True, decimal_comma=False)


def currency_of(pages: Sequence[Page], document_type: str) -> dict[str, FieldValue]:
    """Return {"currency": value} if the pages name one, else {}.

    Confidence is the share of the signs and codes that agree.
    """
    if all(spec.name != "currency" for spec in header_fields(document_type)):
        return {}
    votes: Counter[str] = Counter()
    first: dict[str, tuple[int, Box, str]] = {}
    for page in pages:
        for word in page.words:
            sign = _sign(word.text)
            value = normalise(Kind.CURRENCY, sign, _PLAIN) if sign else None
            if value is not None:
                votes[value] += 1
                first.setdefault(value, (page.number, word.box, sign))
    if not votes:
        return {}
    value, count = votes.most_common(1)[0]
    page_number, box, text = first[value]
    return {
        "currency": FieldValue(
            value=value,
            confidence=min(0.99, count / votes.total()),
            page=page_number,
            box=box,
            text=text,
        )
    }


def _sign(text: str) -> str:
    """Return the currency sign or code in a word, '' if it holds none."""
    rest = text.strip("()[]:;,./-+*=")
    if any(c.isdigit() for c in rest):
        sign = "".join(c for c in rest if not (c.isdigit() or c in ".,'-()+%"))
        return sign if sign and (not sign.isalpha() or sign in _CODES) else ""
    if len(rest) == 1 and not rest.isalpha():
        return rest
    return rest if rest in _CODES else ""


_CODES = frozenset(
    {"EUR", "USD", "GBP", "CHF", "MYR", "RM", "PLN", "zł", "AUD", "CAD", "NZD", "SEK", "DKK"}
    | {"NOK", "CZK", "HUF", "JPY", "CNY", "INR", "SGD", "HKD", "BRL", "MXN", "ZAR", "US$", "C$"}
    | {"A$", "S$", "R$", "HK$", "NZ$", "Kč", "Ft"}
)

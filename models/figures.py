"""What the numbers of a document say about each other, as flags on the words that print them.

A total is mostly a large amount and the sum of others. The encoder sees digits as word pieces and
cannot add; these flags tell it, whatever the language or layout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from doctally.pages import Page
from doctally.values import Locale, parse_number
from models.shapes import SHAPES, shape

FIGURE_FLAGS = ("largest", "second", "sum", "part", "repeated")
_AMOUNTS = frozenset(SHAPES.index(name) for name in ("amount", "grouped"))
_MOST = 40  # distinct amounts searched for sums

Flags = tuple[bool, bool, bool, bool, bool]
_NONE: Flags = (False, False, False, False, False)


def figure_flags(pages: Sequence[Page], locale: Locale) -> list[list[Flags]]:
    """Return per page and word: is it the largest or second largest amount of the document,
    the sum of two others, a part of such a sum, a figure that is printed several times?
    """
    values: list[list[Decimal | None]] = [
        [_amount(word.text, locale) for word in page.words] for page in pages
    ]
    distinct = sorted({v for row in values for v in row if v}, reverse=True)[:_MOST]
    sums, parts = _sums(distinct)
    counts = Counter(w.text for page in pages for w in page.words if _figure(w.text))
    top = distinct[0] if distinct else None
    second = distinct[1] if len(distinct) > 1 else None
    return [
        [
            (
                value is not None and value == top,
                value is not None and value == second,
                value in sums,
                value in parts,
                counts[word.text] > 1,
            )
            if value is not None or counts[word.text] > 1
            else _NONE
            for word, value in zip(page.words, row, strict=True)
        ]
        for page, row in zip(pages, values, strict=True)
    ]


def _figure(text: str) -> bool:
    return len(text) > 2 and any(map(str.isdigit, text))


def _amount(text: str, locale: Locale) -> Decimal | None:
    if shape(text) not in _AMOUNTS:
        return None
    value = parse_number(text, locale)
    return abs(value) if value else None


def _sums(amounts: Sequence[Decimal]) -> tuple[frozenset[Decimal], frozenset[Decimal]]:
    """Return the amounts that are the sum of two others, and those others."""
    known = set(amounts)
    sums: set[Decimal] = set()
    parts: set[Decimal] = set()
    for total in amounts:
        for part in amounts:
            rest = total - part
            if 0 < rest <= part and rest in known:
                sums.add(total)
                parts.update((part, rest))
    return frozenset(sums), frozenset(parts)

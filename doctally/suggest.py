"""Other values that a field may have: everything on the pages that reads as one of its kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from doctally.locale import Locale
from doctally.pages import Page, Word
from doctally.pick import LOOSE, MOST_WORDS, Picked, joined, runs_of
from doctally.schemas import Kind
from doctally.values import normalise

_LONGEST = 24
"""A line of more words is running text, in which nothing is looked for."""
_UNLIKELY = frozenset({*LOOSE, Kind.QUANTITY, Kind.PERCENT, Kind.STATUS})
"""Kinds that nearly everything reads as, or nothing printed does."""
_USUAL = 4
_SHORTEST = 4  # letters and digits of a number worth to suggest
_CAPTION = re.compile(r"[:#№]$|^(no|nr|num|number|nummer|ref|id|n°|nº)\.?$", re.IGNORECASE)


def on_pages(pages: Sequence[Page], *, kind: Kind, locale: Locale, most: int = 6) -> list[Picked]:
    """Return different values of a kind with their places, those printed most often first.

    Nothing for kinds that nearly every word reads as; of numbers those with a caption before them.
    """
    if kind in _UNLIKELY:
        return []
    counted: Counter[str] = Counter()
    first: dict[str, Picked] = {}
    for page in pages:
        for picked in _values(page, kind, locale):
            if picked.value is not None:
                counted[picked.value] += 1
                first.setdefault(picked.value, picked)
    return [first[value] for value, _ in counted.most_common(most)]


def _values(page: Page, kind: Kind, locale: Locale) -> Iterator[Picked]:
    """Yield the longest readable runs of each line, none inside another."""
    most = MOST_WORDS.get(kind, _USUAL)
    for line in _lines(page.words):
        if kind is Kind.IDENTIFIER:
            yield from _captioned(line, page, locale)
            continue
        place = 0
        while place < len(line):
            found = None
            for run in runs_of(line, place, most=most):
                found = joined(run, page.number, kind, locale)
                if found.value is not None and _likely(found.text, kind):
                    place += len(run) - 1
                    yield found
                    break
            place += 1


def _captioned(line: Sequence[Word], page: Page, locale: Locale) -> Iterator[Picked]:
    """Yield the words with digits that a caption stands before: ``Order No.: 4711``."""
    for before, word in pairwise(line):
        signs = [sign for sign in word.text if sign.isalnum()]
        enough = len(signs) >= _SHORTEST and any(sign.isdigit() for sign in signs)
        if enough and _CAPTION.search(before.text):
            found = joined([word], page.number, Kind.IDENTIFIER, locale)
            if normalise(Kind.DATE, word.text, locale) is None:
                yield found


def _likely(text: str, kind: Kind) -> bool:
    """Tell whether a readable text is worth to suggest: a number alone is rarely an amount."""
    bare = text.strip(".,;:")
    return any(letter.isalnum() for letter in text) and not (kind is Kind.AMOUNT and bare.isdigit())


def _lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    line: list[Word] = []
    for word in words:
        if line and word.box.y0 > (line[-1].box.y0 + line[-1].box.y1) / 2:
            if len(line) <= _LONGEST:
                yield line
            line = []
        line.append(word)
    if line and len(line) <= _LONGEST:
        yield line

"""What belongs to a name or an address though the model left it out: the other half of a whole.

A firm's legal form is part of its name, and an address has a street and a postal line, one below
the other. Both hold in every layout, so they are said here and not learnt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from doctally.pages import Page
from models.blocks import Blocks
from models.labels import without_country

Piece = tuple[int, ...]

_FORMS = frozenset(
    {
        *("ab", "ag", "aps", "as", "asa", "bhd", "bv", "co", "corp", "corporation", "ek", "eg"),
        *("ev", "gbr", "gesmbh", "gmbh", "inc", "incorporated", "kft", "kg", "kgaa", "lda", "lp"),
        *("limited", "llc", "llp", "ltd", "mbh", "nv", "ohg", "oy", "oyj", "plc", "pty", "sa"),
        *("sarl", "sas", "sdn", "sl", "slu", "spa", "spzoo", "srl", "srls", "sro", "ug"),
    }
)
_POSTAL = re.compile(
    r"(\d{2}-\d{3}|\d{4}-\d{3}|\d{4}\s?[A-Z]{2}|\d{4,6})\s+[^\W\d_].*"
    r"|[^\W\d_].*,?\s[A-Z]{2,3}\.?\s+\d{4,5}(-\d{4})?"
    r"|.*\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
)
_STREET = re.compile(r"(?=.*\d)(?=.*[^\W\d_]{3}).{5,60}")
_MOST = 7  # words of a line of an address
_LONGEST = 6  # words of a name before its legal form


def whole_name(page: Page, blocks: Blocks, piece: Piece) -> Piece:
    """Return a name with the legal form beside it, or the name beside a legal form alone."""
    segment = blocks.segments[blocks.segment_of[piece[0]]]
    first, last = piece[0], piece[-1]
    while last + 1 < segment.stop and _is_form(page.words[last + 1].text):
        last += 1
    joint = last + 2 < segment.stop and page.words[last + 1].text in ("&", "+")
    if joint and _is_form(page.words[last + 2].text):
        last += 2
        while last + 1 < segment.stop and _is_form(page.words[last + 1].text):
            last += 1
    own = range(first, last + 1)
    if all(_is_form(page.words[i].text) or page.words[i].text in ("&", "+") for i in own):
        while first > segment.start and last - first < _LONGEST and _names(page, first - 1):
            first -= 1
    return tuple(range(first, last + 1))


def whole_address(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> list[Piece]:
    """Return an address of one line with the postal line below it, or the street above it."""
    found = list(chain)
    if len(found) != 1:
        return found
    number = blocks.segment_of[found[0][0]]
    if found[0][0] != blocks.segments[number].start:
        return found
    text = without_country(" ".join(page.words[i].text for i in found[0]))
    if _POSTAL.fullmatch(text):
        above = [n for n, below in enumerate(blocks.below) if below == number]
        if len(above) == 1 and _is_line(page, blocks, above[0], _STREET):
            found.insert(0, tuple(blocks.segments[above[0]]))
        return found
    below = blocks.below[number]
    if below is not None and _is_line(page, blocks, below, _POSTAL):
        found.append(tuple(blocks.segments[below]))
    return found


def _is_line(page: Page, blocks: Blocks, number: int, form: re.Pattern[str]) -> bool:
    segment = blocks.segments[number]
    text = without_country(" ".join(page.words[i].text for i in segment))
    return len(segment) <= _MOST and ":" not in text and form.fullmatch(text) is not None


def _is_form(text: str) -> bool:
    return re.sub(r"[.,()]", "", text).casefold() in _FORMS


def _names(page: Page, at: int) -> bool:
    """Tell whether a word may be part of a name: a capital first, no caption."""
    text = page.words[at].text
    return (text[:1].isupper() and not text.endswith(":")) or text in ("&", "+", "-")

"""Whether a written text says nothing that its source does not: numbers, dates, ids, names.

A check of words, not of meaning: a figure of the source in the wrong role, or a claim without
figures and names, passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_EDGES = ".,;:!?()[]{}\"'“”‘’«»*"
_SPOKEN_TEXT = """
    two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred
    thousand million billion dozen half double twice percent january february march april may june
    july august september october november december today tomorrow yesterday monday tuesday
    wednesday thursday friday saturday sunday dollar dollars euro euros pound pounds
"""
_SPOKEN = frozenset(_SPOKEN_TEXT.split())
_SIGNS = re.compile(r"[€$£¥%]")
_USUAL_TEXT = """
    dear kind best regards sincerely sir madam supplier please thank it this the your our we i you
    invoice credit note receipt purchase order shipment notice status number date total line lines
    and at
"""
_USUAL = frozenset(_USUAL_TEXT.split())


def unfounded(text: str, source: str) -> tuple[str, ...]:
    """Return the words of a text that its source does not bear out, in their order.

    Words with digits, number words, months, currency signs, and names: capitalised words that do
    not begin a sentence. A word is borne out if the source has it, whatever its case.
    """
    known = {word for raw in source.split() for word in _forms(raw)}
    found = []
    begins = True
    for raw in text.split():
        word = raw.strip(_EDGES)
        bare = word.casefold()
        if word and not (set(_forms(raw)) & known) and _claims(word, bare, begins=begins):
            found.append(word)
        begins = raw.rstrip("\"'”’)").endswith((".", "!", "?", ":"))
    return tuple(found)


def lacking(text: str, needed: Iterable[str]) -> tuple[str, ...]:
    """Return those of the needed values that a text does not say, whatever spaces and case."""
    said = " ".join(text.casefold().split())
    return tuple(one for one in needed if " ".join(one.casefold().split()) not in said)


def _forms(raw: str) -> tuple[str, ...]:
    """Return how a word may be written: without marks at its edges, without a possessive."""
    word = raw.strip(_EDGES).casefold()
    return tuple(dict.fromkeys((word, re.sub(r"['’]s$", "", word))))


def _claims(word: str, bare: str, *, begins: bool) -> bool:
    if any(c.isdigit() for c in word) or bare in _SPOKEN or _SIGNS.search(word):
        return True
    capital = word[0].isupper() and (not begins or word.isupper())
    return capital and bare not in _USUAL

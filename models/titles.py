"""What a document calls itself: a printed title is evidence of its type, in any layout.

Said, not learnt: the words for "credit note" in eight languages are known (``titles.toml``), and
too rare in labelled documents to be learnt one by one.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Any

from doctally.pages import Page
from models.blocks import Blocks

BIG = 1.2
"""A title's letters are this much higher than the page's."""
ALONE, NUMBERED = 3.0, 1.5
"""Log-odds of a segment that is a title, and of one that goes on with its number."""
LATER = 0.5
"""How much less a title of another type says that stands below the first."""
BESIDE = 0.25
"""How much the network's log-odds count beside titles: they are far too large (16 and more)."""
LARGE = 2.0
"""How much more large letters say."""
TOP = 0.6
"""Titles stand in this part of the page."""
_LONGEST = 12
_WORD = re.compile(r"[a-z0-9#]+")
_NUMBERED = re.compile(
    r"(no|nr|n|num|number|nummer|numero|numer|#|page|seite|pagina|strona|[a-z]{0,4}\d.*)$"
)
_SPACED = re.compile(r"(?<!\S)(?:\w ){3,}\w(?!\S)")


@cache
def known() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Return the document types of each title, as folded words."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for kind, titles in _told()["titles"].items():
        for title in titles:
            words = tuple(title.split())
            found[words] = (*found.get(words, ()), kind)
    return found


@cache
def captions() -> frozenset[str]:
    """Return the titles that are captions as well: only in large letters they are titles."""
    return frozenset(_told()["captions"])


def evidence(page: Page, types: Sequence[str]) -> list[float]:
    """Return for each type the log-odds that the titles on a document's first page give it."""
    found = dict.fromkeys(types, 0.0)
    blocks = Blocks(page)
    if not page.words:
        return list(found.values())
    usual = median(word.box.y1 - word.box.y0 for word in page.words)
    first: tuple[str, ...] = ()
    downwards = sorted(zip(blocks.segments, blocks.boxes, strict=True), key=lambda s: s[1].y0)
    for segment, box in downwards:
        if box.y0 > TOP or len(segment) > _LONGEST * 4:
            continue
        weight, kinds = _named(
            _folded(" ".join(page.words[i].text for i in segment)),
            large=box.y1 - box.y0 >= BIG * usual,
        )
        for kind in kinds:
            if kind in found:
                less = LATER if first and kind not in first else 1.0
                found[kind] = max(found[kind], weight * less)
        first = first or (kinds if weight else ())
    return list(found.values())


def _named(words: Sequence[str], *, large: bool) -> tuple[float, tuple[str, ...]]:
    """Return what a segment's words say and of which types: the longest title it begins with."""
    if len(words) > _LONGEST:
        return 0.0, ()
    for length in range(min(len(words), _LONGEST), 0, -1):
        kinds = known().get(tuple(words[:length])) or (_compound(words[0]) if length == 1 else ())
        if kinds:
            rest = words[length:]
            if not large and " ".join(words[:length]) in captions():
                return 0.0, ()
            weight = LARGE if large else 1.0
            if not rest:
                return weight * ALONE, kinds
            return (weight * NUMBERED, kinds) if _NUMBERED.match(rest[0]) else (0.0, ())
    return 0.0, ()


def _compound(word: str) -> tuple[str, ...]:
    """Return the type of a word that ends in a title: Handwerkerrechnung, Sammellieferschein."""
    endings = _told()["endings"]
    return tuple(kind for end, kind in endings.items() if word.endswith(end) and word != end)


def _folded(text: str) -> list[str]:
    """Return a text's words in small letters without accents; spaced-out letters are a word."""
    text = _SPACED.sub(lambda found: found[0].replace(" ", ""), text)
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


@cache
def _told() -> Mapping[str, Any]:
    return tomllib.loads((files("models") / "titles.toml").read_text(encoding="utf-8"))

"""Stacks: which pages of a file begin a document of their own.

The pages are gone through from first to last: each is held against the document so far, as the
cuts before it have left it, and against the page after it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy.special import expit

from doctally.pages import Page
from models.boundaries import Boundaries
from models.continuity import counts_on, signs, starts_over
from models.facts import Facts, facts

SURE = 0.7
"""A file is cut where a page begins a document with this probability."""
_CANDIDATES = 12
_MOST = 8  # pages of a document that teach


@dataclass(frozen=True, slots=True)
class Beginning:
    """A page, from 0, that begins a document, how likely, and if it has a title or address."""

    index: int
    chance: float
    headed: bool


def beginnings(pages: Sequence[Page], boundaries: Boundaries) -> list[Beginning]:
    """Return the pages, after the first with words, that surely begin a document.

    Blank pages are passed over: they belong to what comes before them. A page that is counted on
    from the one before never begins anything; one with a title that starts the count always does.
    """
    shown = [(index, facts(page)) for index, page in enumerate(pages) if page.words]
    found: list[Beginning] = []
    so_far: list[Facts] = []
    for place, (index, page) in enumerate(shown):
        after = shown[place + 1][1] if place + 1 < len(shown) else None
        chance = _chance(so_far, page, after, boundaries) if so_far else 0.0
        if chance >= SURE:
            found.append(Beginning(index, chance, page.title > 0 or page.postal))
            so_far = []
        so_far.append(page)
    return found


def _chance(
    so_far: Sequence[Facts], page: Facts, after: Facts | None, boundaries: Boundaries
) -> float:
    if counts_on(so_far[-1], page):
        return 0.0
    if starts_over(so_far[-1], page):
        return 1.0
    return float(expit(boundaries.odds(signs(so_far, page, after))))


def lessons(
    documents: Sequence[Sequence[Page]], seed: int
) -> Iterator[tuple[dict[str, float], bool]]:
    """Yield signs and whether the page begins a document, from documents put in a row.

    Inside a document every page goes on; after it another one begins, by chance and one whose
    first page looks like its own.
    """
    chance = random.Random(seed)
    seen = [shown for pages in documents if (shown := [facts(p) for p in pages if p.words])]
    heads = [frozenset(w.text for w in one[0].page.words if w.box.y1 < 0.25) for one in seen]
    for number, own in enumerate(seen):
        drawn = chance.sample(range(len(seen)), min(_CANDIDATES, len(seen)))
        others = [n for n in drawn if n != number]
        if not others:
            continue
        stray = seen[others[0]][0]
        for index in range(1, len(own[:_MOST])):
            after = own[index + 1] if index + 1 < len(own) else stray
            yield signs(own[:index], own[index], after), False
        for follower in {others[0], max(others, key=lambda n: _alike(heads[number], heads[n]))}:
            next_one = seen[follower]
            after = next_one[1] if len(next_one) > 1 else stray
            yield signs(own, next_one[0], after), True


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / max(len(a | b), 1)

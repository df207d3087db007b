"""Stacks: which pages of a file begin a document of their own, judged by the task ``page``.

A page is judged with the page before it: what connects them (``models.continuity``), the head and
foot of that page, and the head and foot of this one share a window.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from doctally.pages import Page
from models.continuity import counts_on, evidence
from models.documents import Truth
from models.examples import Example
from models.layout import FLAGS
from models.shapes import shape
from models.windows import Encoded

TASK = "page"
FIRST, CONTINUATION = "first", "continuation"
SURE = 0.9
"""A file is cut only where a page begins a document with this probability: a wrong cut costs more
than a missed one, which a person sees."""
SOURCE = "stacks"
_HEAD_BEFORE, _FOOT_BEFORE, _HEAD, _FOOT = 20, 30, 100, 30  # pieces
_CANDIDATES = 12
_NOWHERE = Page(0, 0.0, 0.0, ())


def pairs(pages: Sequence[Encoded]) -> Iterator[tuple[int, Encoded, Encoded]]:
    """Yield (index, page before it, page) for all pages with words but the first.

    Blank pages are passed over: they belong to what comes before them.
    """
    before: Encoded | None = None
    for index, page in enumerate(pages):
        if not page.pieces:
            continue
        if before is not None:
            yield index, before, page
        before = page


def joined(before: Encoded, page: Encoded, tokenizer: Any) -> Encoded:
    """Return the evidence, the page before and the page as one sheet, from top to bottom."""
    told = _told(evidence(before.page, page.page), tokenizer)
    old = _moved(before, _ends(before, _HEAD_BEFORE, _FOOT_BEFORE), top=0.05, share=0.4, place=0.0)
    new = _moved(page, _ends(page, _HEAD, _FOOT), top=0.5, share=0.5, place=1.0)
    parts = (told, old, new)
    return Encoded(
        page=page.page,
        pieces=tuple(p for part in parts for p in part.pieces),
        boxes=np.concatenate([part.boxes for part in parts]),
        flags=np.concatenate([part.flags for part in parts]),
        shapes=np.concatenate([part.shapes for part in parts]),
    )


def chance_of_first(before: Encoded, page: Encoded, judged: float) -> float:
    """Return how likely the page begins a document; one that is counted on never does."""
    return 0.0 if counts_on(before.page, page.page) else judged


def likely(chances: Iterable[tuple[int, float]]) -> list[int]:
    """Return the indices of the pages that surely begin a document, of those with a chance."""
    return [index for index, chance in chances if chance >= SURE]


def _ends(page: Encoded, head: int, foot: int) -> list[int]:
    """Return the first and last words of a page, so many pieces of each."""
    top: list[int] = []
    for index, pieces in enumerate(page.pieces):
        head -= len(pieces)
        if head < 0:
            break
        top.append(index)
    bottom: list[int] = []
    for index in range(len(page.pieces) - 1, len(top) - 1, -1):
        foot -= len(page.pieces[index])
        if foot < 0:
            break
        bottom.append(index)
    return top + bottom[::-1]


def _moved(page: Encoded, words: list[int], *, top: float, share: float, place: float) -> Encoded:
    """Return some words of a page, on a part of a sheet."""
    boxes = page.boxes[words]
    boxes[:, [1, 3]] = top + share * boxes[:, [1, 3]]
    boxes[:, 5] = place
    pieces = tuple(page.pieces[i] for i in words)
    return Encoded(page.page, pieces, boxes, page.flags[words], page.shapes[words])


def _told(words: Sequence[str], tokenizer: Any) -> Encoded:
    """Return the evidence as a line of words at the top of a sheet."""
    ids = tokenizer(list(words), add_special_tokens=False)["input_ids"]
    across = np.linspace(0.0, 1.0, len(words) + 1, dtype=np.float32)
    boxes = np.zeros((len(words), 6), dtype=np.float32)
    boxes[:, 0], boxes[:, 2], boxes[:, 3] = across[:-1], across[1:], 0.02
    flags = np.zeros((len(words), len(FLAGS)), dtype=np.float32)
    shapes = np.array([shape(word) for word in words], dtype=np.int64)
    return Encoded(_NOWHERE, tuple(tuple(i) for i in ids), boxes, flags, shapes)


@dataclass(slots=True)
class _Seen:
    """A document's first and last page with words, and what stands at its head."""

    source: str
    first: Encoded
    last: Encoded
    head: frozenset[str]


@dataclass(slots=True)
class StackExamples:
    """Makes examples of the task from single documents: what follows what, and what does not."""

    tokenizer: Any
    seed: int = 7
    _seen: list[_Seen] = field(default_factory=list)
    _within: list[Example] = field(default_factory=list)

    def add(self, truth: Truth, pages: Sequence[Encoded]) -> None:
        """Take in a document: its pages go on from each other."""
        printed = [page for page in pages if page.pieces]
        if not printed or truth.path.suffix != ".pdf":
            return
        for _, before, page in pairs(pages):
            self._within.append(self._example(before, page, CONTINUATION))
        top = [word.text for word in printed[0].page.words if word.box.y1 < 0.25]
        self._seen.append(_Seen(truth.source, printed[0], printed[-1], frozenset(top)))

    def examples(self) -> list[Example]:
        """Return the examples; after each document another begins, often one of its look."""
        chance = random.Random(self.seed)
        found = list(self._within)
        by_source: dict[str, list[_Seen]] = {}
        for seen in self._seen:
            by_source.setdefault(seen.source, []).append(seen)
        for seen in self._seen if len(self._seen) > 1 else ():
            for pool in (by_source[seen.source], self._seen):
                others = [
                    o for o in chance.sample(pool, min(_CANDIDATES, len(pool))) if o is not seen
                ]
                if others:
                    alike = max(others, key=lambda o: _alike(seen.head, o.head))
                    follower = alike if pool is not self._seen else others[0]
                    found.append(self._example(seen.last, follower.first, FIRST))
        return found

    def _example(self, before: Encoded, page: Encoded, answer: str) -> Example:
        whole = joined(before, page, self.tokenizer)
        return Example((whole,), (), f"{SOURCE}: {answer}", None, verdicts={TASK: answer})


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / max(len(a | b), 1)

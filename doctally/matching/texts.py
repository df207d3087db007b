"""How alike the texts of lines are: words in any order, abbreviated, misspelt; numbers count more.

A scorer takes all lines of both sides at once, so that it can tell what sets them apart: a word
that most lines share says little. The trained pair task can take this one's place.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

Scores = NDArray[np.float64]

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_SPELLING = 0.72
"""Below this likeness two words are different words."""
_CONFLICT = 0.6
_AGREE = 0.5
_REFERENCE = 5
"""So many of one side's numbers must be among the other's: a note may bring numbers of its own."""
_SHORT, _NUMBER = 0.35, 1.4


class Scorer(Protocol):
    """Anything that says how alike two sides' lines are."""

    def __call__(self, left: Sequence[str], right: Sequence[str]) -> Scores:
        """Return scores 0..1, [left, right]."""
        ...


@lru_cache(maxsize=100_000)
def tokens(text: str) -> tuple[str, ...]:
    """Return words and numbers in a plain form, each once: ``M8x30`` is m, 8, x, 30."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return tuple(dict.fromkeys(_number(t) for t in _TOKEN.findall(bare)))


def _number(token: str) -> str:
    if not token[0].isdigit():
        return token
    plain = token.replace(",", ".").strip(".")
    if plain.count(".") == 1:
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0"


def is_size(token: str) -> bool:
    """Tell whether a token is a number that may be a size; longer ones are references."""
    return token[0].isdigit() and len(token) < _REFERENCE


def disjoint(one: str, other: str) -> bool:
    """Tell whether both texts name numbers and share none: sizes that differ."""
    ours = {t for t in tokens(one) if is_size(t)}
    theirs = {t for t in tokens(other) if is_size(t)}
    return bool(ours and theirs) and not ours & theirs


class TextScorer:
    """Word overlap that forgives spelling and abbreviation; needs no model."""

    def __call__(self, left: Sequence[str], right: Sequence[str]) -> Scores:
        """Return scores 0..1, [left, right]; 0 where a side has no words."""
        rows, columns = [tokens(t) for t in left], [tokens(t) for t in right]
        ours = {t: i for i, t in enumerate(dict.fromkeys(t for row in rows for t in row))}
        theirs = {t: i for i, t in enumerate(dict.fromkeys(t for row in columns for t in row))}
        scores = np.zeros((len(rows), len(columns)))
        if not ours or not theirs:
            return scores
        alike = _alike(list(ours), list(theirs))
        rare = _rarity([*rows, *columns])
        for i, row in enumerate(rows):
            if not row:
                continue
            near = alike[[ours[t] for t in row]]
            for j, column in enumerate(columns):
                if column:
                    part = near[:, [theirs[t] for t in column]]
                    scores[i, j] = _pair(row, column, part, rare)
        return scores


def _pair(row: Sequence[str], column: Sequence[str], near: Scores, rare: dict[str, float]) -> float:
    ours = np.array([rare[t] for t in row])
    theirs = np.array([rare[t] for t in column])
    found, back = near.max(1), near.max(0)
    covered = float((found * ours).sum() / ours.sum())
    returned = float((back * theirs).sum() / theirs.sum())
    low, high = sorted((covered, returned))
    score = 0.35 * low + 0.65 * high
    mine = [k for k, t in enumerate(row) if is_size(t)]
    other = [k for k, t in enumerate(column) if is_size(t)]
    if mine and other:
        agree = max(float(found[mine].mean()), float(back[other].mean()))
        score *= 1.0 if agree >= _AGREE else _CONFLICT
    return score


def _rarity(texts: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return each word's weight: numbers and rare words more, single letters less."""
    count = Counter(t for text in texts for t in set(text))
    most = math.log(1 + len(texts))
    weights = {}
    for token, times in count.items():
        seldom = math.log(1 + len(texts) / times) / most if most else 1.0
        kind = _NUMBER if is_size(token) else _SHORT if len(token) < 3 else 1.0
        weights[token] = kind * (0.4 + 0.6 * seldom)
    return weights


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> Scores:
    """Return how alike two lists of words are, each with each."""
    scores: Scores = cdist(
        ours,
        theirs,
        scorer=OSA.normalized_similarity,
        score_cutoff=_SPELLING,
        dtype=np.float64,
    )
    for i, a in enumerate(ours):
        for j, b in enumerate(theirs):
            if a == b:
                continue
            if a[0].isdigit() or b[0].isdigit():
                scores[i, j] = 0.0
            elif a[0] == b[0] and scores[i, j] < _SPELLING:
                scores[i, j] = _abbreviated(a, b)
    return scores


def _abbreviated(a: str, b: str) -> float:
    short, long = (a, b) if len(a) < len(b) else (b, a)
    if len(short) >= 3 and long.startswith(short):
        return 0.9
    if 2 <= len(short) <= 5 and len(long) > len(short):
        rest = iter(long)
        if all(letter in rest for letter in short):
            return 0.75
    return 0.0

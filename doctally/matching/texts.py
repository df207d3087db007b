"""How alike the texts of lines are: words in any order, abbreviated, misspelt; numbers count more.

A scorer takes all lines of both sides at once, so that it can tell what sets them apart: a word
that most lines share says little. The trained pair task can take this one's place.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from doctally.matching.glossary import english

Scores = NDArray[np.float64]

_TOKEN = re.compile(r"=[a-z]+|\d+(?:[.,]\d+)*|[^\W\d_]+")
_LETTER = re.compile(
    r"\b(?:size|grosse|gr\.|taille|talla|taglia|maat|rozmiar|tamanho)[ :.]*(x{0,3}[sml])\b"
    r"|\b(x{1,3}[sl])\b"
)
_REFERS = re.compile(
    r"\b(?:drawing|drg|dwg|zeichnung|zng|plan|lot|batch|charge|no|nr|ref|rev|quotation|quote|offer"
    r"|angebot|offerte|hs|revision)\b[ .:#]{0,3}([a-z]{0,3}\d[\w./-]*)"
)
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
    """Return words and numbers in a plain form, each once: ``M8x30`` is m, 8, x, 30.

    Words of the trade are English, whatever the language; a reference (drawing 4-112) is one
    word, ``#4-112``, and no size.
    """
    bare = _bare(text)
    bare = _LETTER.sub(lambda m: f" ={m.group(1) or m.group(2)} ", bare)
    found = [word for t in _TOKEN.findall(_REFERS.sub(" ", bare)) for word in _plain(t)]
    return tuple(dict.fromkeys([*found, *(f"#{r}" for r in _REFERS.findall(bare))]))


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))


def _plain(token: str) -> tuple[str, ...]:
    return (_number(token),) if token[0].isdigit() else english(token)


def _number(token: str) -> str:
    plain = token.replace(",", ".").strip(".")
    if plain.count(".") == 1:
        plain = plain.rstrip("0").rstrip(".")
    plain = plain.lstrip("0")
    return plain if plain[:1].isdigit() else "0" + plain


def is_size(token: str) -> bool:
    """Tell whether a token is a number that may be a size; longer ones name something."""
    return token[0] == "=" or (token[0].isdigit() and len(token) < _REFERENCE)


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
        scores = np.zeros((len(rows), len(columns)))
        worded = [i for i, row in enumerate(rows) if row], [j for j, c in enumerate(columns) if c]
        if worded[0] and worded[1]:
            ours, theirs = [rows[i] for i in worded[0]], [columns[j] for j in worded[1]]
            scores[np.ix_(*worded)] = _overlap(ours, theirs, _rarity([*rows, *columns]))
        return scores


def _overlap(
    rows: Sequence[Sequence[str]], columns: Sequence[Sequence[str]], rare: Mapping[str, float]
) -> Scores:
    """Return how much of each other's words rows and columns repeat, none of them empty."""
    ours = list(dict.fromkeys(t for row in rows for t in row))
    theirs = list(dict.fromkeys(t for column in columns for t in column))
    alike = _alike(ours, theirs)
    of_row, of_column = _places(rows, ours), _places(columns, theirs)
    found = _best(alike, of_column)  # [our words, columns]
    back = _best(alike.T, of_row)  # [their words, rows]
    covered = _shares(of_row, [rare[t] for t in ours]) @ found
    returned = (_shares(of_column, [rare[t] for t in theirs]) @ back).T
    scores: Scores = 0.35 * np.minimum(covered, returned) + 0.65 * np.maximum(covered, returned)
    mine = _shares(of_row, [float(is_size(t)) for t in ours])
    other = _shares(of_column, [float(is_size(t)) for t in theirs])
    agree = np.maximum(mine @ found, (other @ back).T)
    both = np.outer(mine.any(1), other.any(1))
    scores[both & (agree < _AGREE)] *= _CONFLICT
    return scores


def _places(texts: Sequence[Sequence[str]], words: Sequence[str]) -> list[list[int]]:
    at = {word: place for place, word in enumerate(words)}
    return [[at[t] for t in text] for text in texts]


def _best(alike: Scores, texts: Sequence[Sequence[int]]) -> Scores:
    """Return for each word the best likeness in each text, [words, texts]."""
    starts = np.cumsum([0, *(len(text) for text in texts[:-1])])
    flat = [place for text in texts for place in text]
    best: Scores = np.maximum.reduceat(alike[:, flat], starts, axis=1)
    return best


def _shares(texts: Sequence[Sequence[int]], weights: Sequence[float]) -> Scores:
    """Return each word's share in a text's weight, [texts, words]; 0 where nothing weighs."""
    shares = np.zeros((len(texts), len(weights)))
    for row, text in zip(shares, texts, strict=True):
        row[text] = [weights[place] for place in text]
    whole = shares.sum(1, keepdims=True)
    np.divide(shares, whole, out=shares, where=whole > 0)
    return shares


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
    first = np.array([t[0] for t in ours])[:, None], np.array([t[0] for t in theirs])
    same = first[0] == first[1]
    exact = [np.char.isdigit(x) | (x == "=") for x in first]
    digits = exact[0] | exact[1]
    scores[digits & (scores < 1)] = 0.0
    for i, j in np.argwhere(same & ~digits & (scores < _SPELLING)):
        scores[i, j] = _abbreviated(ours[i], theirs[j])
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

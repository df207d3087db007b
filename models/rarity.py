"""Which words of a record say much, and which of them another record has.

Words that are rare in the records of training weigh more; how often each was seen stands in two
small tables that a bank carries.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from models.records import Record, bare, glued, tokens

Counts = NDArray[np.float16]

WORD_ROWS, GRAM_ROWS = 1 << 15, 1 << 15
_GRAMS = (3, 4)
_SPELLING = 0.75
"""Below this likeness two words are different words."""
_SHORTENED = 0.85
_INSIDE, _JOINED = 0.95, 0.9


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many of ``records`` have a word or a group of letters, by a hash of it."""

    words: Counts  # [WORD_ROWS]
    grams: Counts  # [GRAM_ROWS]
    records: float

    def word(self, word: str) -> float:
        """Return how much a word says: 0 is nothing, 9 a word nobody else has."""
        return self._weight(self.words[zlib.crc32(word.encode()) % len(self.words)])

    def gram(self, gram: str) -> float:
        """Return how much a group of letters says."""
        return self._weight(self.grams[zlib.crc32(gram.encode()) % len(self.grams)])

    def _weight(self, count: np.float16) -> float:
        return math.log((self.records + 1) / (float(count) + 0.5))


def rarity_of(records: Iterable[Record]) -> Rarity:
    """Return how often words and groups of letters stand in the records."""
    words, grams = np.zeros(WORD_ROWS, np.float32), np.zeros(GRAM_ROWS, np.float32)
    known = list(records)
    for record in known:
        for word in {*tokens(record.text), *glued(record.text)}:
            words[zlib.crc32(word.encode()) % WORD_ROWS] += 1
        for gram in letters_of(bare(record.title)):
            grams[zlib.crc32(gram.encode()) % GRAM_ROWS] += 1
    # a bank keeps half-precision numbers
    return Rarity(words.astype(np.float16), grams.astype(np.float16), float(np.float16(len(known))))


def letters_of(text: str) -> set[str]:
    """Return the groups of three and four letters of a bare text, its edges marked."""
    edged = f"^{text}$"
    return {edged[i : i + n] for n in _GRAMS for i in range(len(edged) - n + 1)}


@lru_cache(maxsize=200_000)
def near(one: str, other: str) -> float:
    """Return how surely two words are one, 0..1: misspelt or cut short; figures must agree."""
    if one == other:
        return 1.0
    if any(c.isdigit() for c in one) or any(c.isdigit() for c in other):
        return 0.0
    alike = OSA.normalized_similarity(one, other)
    if alike >= _SPELLING:
        return float(alike)
    short, long = sorted((one, other), key=len)
    return _SHORTENED if len(short) >= 3 and long.startswith(short) else 0.0


def found_words(title: str, most: int, other: Record) -> tuple[list[float], list[float]]:
    """Return for each word of a title how surely the other's title, and all of it, has it.

    A word without letters and digits is neither there nor missing: 0 in the first, 1 in the
    second list.
    """
    places = [(({*tokens(t), *glued(t)}), bare(t)) for t in (other.title, other.text)]
    lists: tuple[list[float], list[float]] = ([], [])
    for part in title.split()[:most]:
        word = bare(part)
        for number, (there, whole) in enumerate(places):
            lists[number].append(_found(part, word, there, whole) if word else float(number))
    return lists


def _found(part: str, word: str, there: set[str], whole: str) -> float:
    if word in there:
        return 1.0
    if len(word) >= 4 and word in whole:
        return _INSIDE
    pieces = tokens(part)
    if len(pieces) > 1 and all(piece in there for piece in pieces):
        return _JOINED
    return max((near(word, other) for other in there), default=0.0)

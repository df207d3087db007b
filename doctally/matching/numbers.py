"""Do two printed numbers name the same document? Punctuation, prefixes and OCR slips aside."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

_LOOKS = str.maketrans("oqdilsbz", "00011582")
SURE = 0.9
"""From here on a number stands for itself; below it needs the supplier and the content."""


@lru_cache(maxsize=200_000)
def key(text: str) -> str:
    """Return the letters and digits, folded and without accents, 64 at most."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in folded if c.isalnum())[:64]


@lru_cache(maxsize=200_000)
def core(text: str) -> str:
    """Return a number's digits from the first to the last, the letters around them cut off."""
    bare = key(text)
    digits = [place for place, letter in enumerate(bare) if letter.isdigit()]
    return bare[digits[0] : digits[-1] + 1] if digits else ""


def looks(bare: str) -> str:
    """Return a key with letters that OCR takes for digits as those digits."""
    return bare.translate(_LOOKS)


@lru_cache(maxsize=200_000)
def likeness(one: str, other: str) -> float:
    """Return 0..1: 1 the same, 0.95 without prefix, 0.9 as OCR reads it, less for a slip or part.

    Four digits are the fewest that can name a document without the rest.
    """
    a, b = key(one), key(other)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    inner_a, inner_b = core(one), core(other)
    if inner_a and len(inner_a) >= 4 and inner_a.lstrip("0") == inner_b.lstrip("0"):
        return 0.95
    if len(a) >= 5 and looks(a) == looks(b):
        return SURE
    short, long = sorted((inner_a, inner_b), key=len)
    if len(short) >= 5 and (long.endswith(short) or long.startswith(short)):
        return 0.8
    if min(len(a), len(b)) >= 6 and Levenshtein.distance(a, b, score_cutoff=1) <= 1:
        return 0.7
    return 0.0

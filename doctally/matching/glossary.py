"""Words of the trade in eight languages, read as the same English ones.

Papers of one deal are often in two languages: an order for a *hex bolt, black* is billed as
*Sechskantschraube schwarz*. The list (glossary.txt) holds materials, colours and common goods;
what it does not know stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

_LINKS = ("", "s", "n", "en", "er", "e")
"""What German and Dutch put between the parts of a compound."""
_COMPOUND = 7
_PART = 3


@lru_cache(maxsize=100_000)
def english(word: str) -> tuple[str, ...]:
    """Return what a folded word is in English, itself where nobody knows."""
    table = _table()
    if word in table:
        return table[word]
    if len(word) >= _COMPOUND:
        for cut in range(len(word) - 2, _PART - 1, -1):
            end = table.get(word[cut:])
            for link in _LINKS if end else ():
                start = table.get(word[:cut].removesuffix(link))
                if start and end and word[:cut].endswith(link):
                    return (*start, *end)
        near = process.extractOne(word, _long(), scorer=OSA.distance, score_cutoff=1)
        if near is not None:
            return table[near[0]]
    return (word,)


@lru_cache(maxsize=1)
def _long() -> tuple[str, ...]:
    """Return the words in which a slip of the pen is seen through."""
    return tuple(word for word in _table() if len(word) >= _COMPOUND)


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[str, ...]]:
    source = files("doctally.matching") / "glossary.txt"
    rows = [
        line.split(":")
        for line in source.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    table: dict[str, tuple[str, ...]] = {word: (word,) for own, _ in rows for word in own.split()}
    for own, forms in rows:
        for form in forms.split():
            table.setdefault(form, tuple(own.split()))
    return table

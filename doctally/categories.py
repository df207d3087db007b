"""Spend categories: the list they are chosen from, and the words by which text names them.

A list is a TOML file of ``[[category]]`` (key, unspsc, title, description, words by language) or a
CSV file with those columns (words between semicolons). NOT handled: categories inside categories.
"""

from __future__ import annotations

import csv
import hashlib
import math
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from doctally.errors import ConfigurationError

_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe"})
SHORTEST_PART = 4
"""Letters of a word that may be a part of a longer one (Hydraulik|schlauch)."""
WEAK = 2.0
"""Weight of all matched words under which a text says too little to count fully."""
_SHORT_WORD = 0.7


class Category(BaseModel):
    """A kind of spending; ``unspsc`` is its segment of the UN's products and services code."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    key: Annotated[str, Field(min_length=1, max_length=64)]
    unspsc: Annotated[str, Field(pattern=r"^(\d{8})?$")] = ""
    title: str = ""
    description: str = ""
    words: Mapping[str, str] = {}

    @property
    def name(self) -> str:
        """Return what a person reads."""
        return self.title or self.key.replace("_", " ")

    @property
    def said(self) -> str:
        """Return the category in one sentence."""
        return f"{self.name}: {self.description}" if self.description else self.name

    @property
    def phrases(self) -> tuple[str, ...]:
        """Return the words and phrases that stand for the category, in all languages."""
        listed = [w.strip() for line in self.words.values() for w in re.split("[,;]", line)]
        return tuple(dict.fromkeys([self.name, *(w for w in listed if w)]))


def load_categories(path: Path | None = None) -> tuple[Category, ...]:
    """Return the categories of a file, without one the default list.

    Raises ConfigurationError naming what does not fit.
    """
    if path is None:
        return _packaged()
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = _csv(text) if path.suffix.lower() == ".csv" else tomllib.loads(text)["category"]
        found = tuple(Category.model_validate(row) for row in rows)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"categories: {path} cannot be read: {error}") from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValidationError) as error:
        raise ConfigurationError(f"categories: {path}: {error}") from error
    keys = [category.key for category in found]
    if len(found) < 2 or len(set(keys)) < len(keys):
        raise ConfigurationError(f"categories: {path}: needs two or more, each key once")
    return found


@cache
def _packaged() -> tuple[Category, ...]:
    text = (files("doctally") / "categories.toml").read_text(encoding="utf-8")
    return tuple(Category.model_validate(row) for row in tomllib.loads(text)["category"])


def _csv(text: str) -> list[dict[str, Any]]:
    rows = []
    for row in csv.DictReader(text.splitlines()):
        given: dict[str, Any] = {k: v for k, v in row.items() if v and k != "words"}
        rows.append({**given, "words": {"any": row.get("words") or ""}})
    return rows


def fingerprint(categories: Sequence[Category]) -> str:
    """Return a hash of a list, by which numbers that belong to it are known."""
    told = "\n".join(category.model_dump_json() for category in categories)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def folded(text: str) -> list[str]:
    """Return a text's words in small letters without accents, numbers left out."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


class Vocabulary:
    """Which categories a text's words speak for.

    A word counts the more the fewer categories it stands for, and the more of the text's word it
    covers: a German compound is known by its beginning or end.
    """

    def __init__(self, categories: Sequence[Category]) -> None:
        owners: dict[str, set[int]] = defaultdict(set)
        for number, category in enumerate(categories):
            for phrase in (*category.phrases, category.description):
                for word in folded(phrase):
                    if len(word) > 2:
                        owners[word].add(number)
        self._size = len(categories)
        self._owners = {
            word: (tuple(sorted(who)), math.log(self._size / len(who)))
            for word, who in owners.items()
            if len(who) < self._size
        }

    def weights(self, texts: Iterable[str]) -> list[float]:
        """Return how much the texts together speak for each category; the sum is at most 1."""
        sums = [0.0] * self._size
        for text in texts:
            for word in folded(text):
                for number, weight in self._of_word(word).items():
                    sums[number] += weight
        total = max(sum(sums), WEAK)
        return [weight / total for weight in sums]

    def _of_word(self, word: str) -> dict[int, float]:
        best: dict[int, float] = {}
        for part, share in self._parts(word):
            if part in self._owners:
                who, rare = self._owners[part]
                for number in who:
                    best[number] = max(best.get(number, 0.0), share * rare)
        return best

    @staticmethod
    def _parts(word: str) -> Iterable[tuple[str, float]]:
        length = len(word)
        if length < SHORTEST_PART:
            yield word, _SHORT_WORD
            return
        for size in range(SHORTEST_PART, length + 1):
            yield word[:size], size / length
            yield word[length - size :], size / length

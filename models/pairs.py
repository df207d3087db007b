"""Pairs of records, the same thing or not: files of them, as examples and as questions.

Both records stand in one window, the left one in the upper half of a page and the right one in
the lower half, so that the backbone reads each in the light of the other (cross-encoding).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from doctally.errors import ConfigurationError
from doctally.pages import Box, Page, Reading, Word
from doctally.values import infer_locale
from models.examples import Example
from models.windows import Encoded, Window, encode_reading

TASK = "match"
SAME, DIFFERENT = "same", "different"
WORDS = 42
"""Words of a record that are read; short windows cost little."""

_COLUMN = 10
_LAST = ("price",)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records as texts, and whether they are the same thing where that is known."""

    left: str
    right: str
    same: bool | None = None


def record_text(record: object) -> str:
    """Return a record as text: a string as it is, an object's values, the price last."""
    if not isinstance(record, Mapping):
        return str(record or "")
    names = sorted(record, key=lambda name: name in _LAST)
    values = [(name, str(record[name] or "").strip()) for name in names]
    parts = [f"{name} {text}" if name in _LAST else text for name, text in values if text]
    words = " ; ".join(dict.fromkeys(parts)).split()
    if len(words) > WORDS and record.get("price"):
        words = [*words[: WORDS - 2], *parts[-1].split()[:2]]
    return " ".join(words)


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs of a CSV file with the columns left, right (JSON objects) and label.

    Raises ConfigurationError naming the line that does not fit.
    """
    found = []
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            try:
                texts = [record_text(json.loads(row[side])) for side in ("left", "right")]
                found.append(Pair(texts[0], texts[1], {"0": False, "1": True}[row["label"]]))
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigurationError(f"{path}, line {number}: {error!r}") from error
    return found


def pair_files(folders: Sequence[Path], name: str = "train.csv") -> list[Path]:
    """Return the files of pairs in the folders or one level below them."""
    found = [p for f in folders for p in sorted(f.glob(name)) or sorted(f.glob(f"*/{name}"))]
    return [path for path in found if _is_pairs(path)]


def _is_pairs(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as stream:
        return stream.readline().strip() == "left,right,label"


def as_reading(pair: Pair) -> Reading:
    """Return both records on one page: the left one above, the right one below the middle."""
    words = [*_placed(pair.left, 0.05), *_placed(pair.right, 0.55)]
    return Reading("text/plain", (Page(1, 600.0, 800.0, tuple(words)),))


def _placed(text: str, top: float) -> list[Word]:
    placed = []
    for number, word in enumerate(text.split()[:WORDS] or ["-"]):
        row, column = divmod(number, _COLUMN)
        x, y = 0.05 + 0.09 * column, top + 0.03 * row
        placed.append(Word(word, Box(x, y, x + 0.08, y + 0.018)))
    return placed


def as_example(pair: Pair, tokenizer: Any) -> Example:
    """Return a labelled pair as a training example of the task ``match``."""
    reading = as_reading(pair)
    encoded = tuple(encode_reading(reading, tokenizer, infer_locale(reading.text)))
    answer = SAME if pair.same else DIFFERENT
    return Example(encoded, (), f"pairs, {answer}", None, verdicts={TASK: answer})


def sides(parts: Sequence[tuple[Encoded, Window]]) -> Tensor:
    """Return for each word of the windows whether it is of the right record, [batch, words]."""
    most = max(window.last - window.first for _, window in parts)
    found = np.zeros((len(parts), most), dtype=bool)
    for row, (page, window) in enumerate(parts):
        found[row, : window.last - window.first] = page.boxes[window.first : window.last, 1] >= 0.5
    return torch.from_numpy(found)

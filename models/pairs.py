"""Pairs of records, the same thing or not: files of them, as questions and as lessons."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from doctally.errors import ConfigurationError
from models.records import Record, record_of

TASK = "match"
TRAIN, VALID = "train.csv", "valid.csv"
_COLUMNS = "left,right,label"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, and whether they are the same thing where that is known."""

    left: Record
    right: Record
    same: bool | None = None

    @classmethod
    def of(cls, left: object, right: object, same: bool | None = None) -> Pair:
        """Return a pair of texts or objects."""
        return cls(record_of(left), record_of(right), same)


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs of a CSV file with the columns left, right (JSON objects) and label.

    Raises ConfigurationError naming the line that does not fit.
    """
    found = []
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            try:
                left, right = (json.loads(row[side]) for side in ("left", "right"))
                found.append(Pair.of(left, right, {"0": False, "1": True}[row["label"]]))
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigurationError(f"{path}, line {number}: {error!r}") from error
    return found


def pair_files(folders: Sequence[Path], name: str = TRAIN) -> list[Path]:
    """Return the files of pairs in the folders or one level below them."""
    found = [p for f in folders for p in sorted(f.glob(name)) or sorted(f.glob(f"*/{name}"))]
    return [path for path in found if _is_pairs(path)]


def _is_pairs(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as stream:
        return stream.readline().strip() == _COLUMNS

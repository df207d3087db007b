"""Rare labels weigh more: a caption seen once on a page must not drown in a table's cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from models.examples import Example

LEAST, MOST = 0.3, 6.0


def balanced(examples: Sequence[Example], *, power: float) -> list[Example]:
    """Return the examples with each labelled word weighed by how rare its label is in its task.

    The factor is (median count / the label's count)^power, in 0.3..6; words without one certain
    label keep their weight.
    """
    counts: dict[str, Counter[int]] = {}
    for example in examples:
        if example.task is not None:
            counter = counts.setdefault(example.task.name, Counter())
            for labels in _certain(example):
                counter.update(labels[labels >= 0].tolist())
    factors = {
        task: {
            label: float(np.clip((median(counter.values()) / n) ** power, LEAST, MOST))
            for label, n in counter.items()
        }
        for task, counter in counts.items()
    }
    return [_weighed(example, factors) for example in examples]


def _weighed(example: Example, factors: dict[str, dict[int, float]]) -> Example:
    if example.task is None or not example.allowed:
        return example
    own = factors[example.task.name]
    weights = tuple(
        np.array([own.get(label, 1.0) for label in labels.tolist()], dtype=np.float32)
        * example.weight(page, 0, len(labels))
        for page, labels in enumerate(_certain(example))
    )
    return replace(example, weights=weights)


def _certain(example: Example) -> list[NDArray[np.int64]]:
    """Return per page each word's label where it is a value of one certain label, else -1."""
    return [
        np.where((allowed.sum(1) == 1) & (begins >= 0), allowed.argmax(1), -1)
        for allowed, begins in zip(example.allowed, example.begins, strict=True)
    ]

"""How far confidence can be trusted: the reliability diagram and the risk-coverage curve.

Reliability: of the values said to be right with probability p, what share is right (DeGroot &
Fienberg 1983)? Risk-coverage: if the surest values are accepted without a look, how many of them
are wrong (El-Yaniv & Wiener 2010)?
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration import Judgement

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Values of like confidence: the mean of what was said, the share that was right, how many."""

    said: float
    right: float
    values: int


def reliability(judged: Iterable[Judgement], bins: int = BINS) -> list[Bin]:
    """Return the bins of equal width that hold any value, from unsure to sure."""
    pairs = [(j.score, j.right) for j in judged]
    if not pairs:
        return []
    scores, right = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    places = np.minimum((scores * bins).astype(int), bins - 1)
    return [
        Bin(float(scores[at].mean()), float(right[at].mean()), int(at.sum()))
        for at in (places == place for place in np.unique(places))
    ]


def risk_coverage(
    judged: Iterable[Judgement],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coverage and risk: the share accepted, surest first, and the share of it wrong."""
    ranked = sorted(judged, key=lambda j: -j.score)
    count = np.arange(1, len(ranked) + 1)
    wrong = np.cumsum([not j.right for j in ranked]) if ranked else np.zeros(0)
    return count / max(len(ranked), 1), wrong / count

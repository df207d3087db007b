"""Confidence that means what it says: how often a value with this score was right.

Platt's method (1999) on documents that were not trained on: the odds of being right are a line in
the model's own log-odds, one line per field where there are enough values, drawn towards the line
of all fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

EVERY = "*"
TYPE = "document_type"
LINE = "line"
_ENOUGH = 25
_RIDGE = 4.0  # values' worth of trust in the line of all fields

Line = tuple[float, float]  # slope and shift of the log-odds


@dataclass(frozen=True, slots=True)
class Judgement:
    """A value's field, its raw score and whether it was right."""

    name: str
    score: float
    right: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """A line per field; without lines every score stays as it is."""

    lines: Mapping[str, Line]

    def __call__(self, name: str, score: float) -> float:
        """Return the probability that a value of this field with this score is right."""
        line = self.lines.get(name) or self.lines.get(EVERY)
        if line is None:
            return score
        return 1 / (1 + math.exp(-(line[0] * _odds(score) + line[1])))


def fit(judged: Sequence[Judgement]) -> Calibration:
    """Return the calibration that the judgements ask for; none without judgements."""
    if not judged:
        return Calibration({})
    every = _line(judged, (1.0, 0.0), trust=1.0)
    lines = {EVERY: every}
    for name in sorted({j.name for j in judged}):
        own = [j for j in judged if j.name == name]
        if len(own) >= _ENOUGH:
            lines[name] = _line(own, every, trust=_RIDGE)
    return Calibration({n: (round(a, 4), round(b, 4)) for n, (a, b) in lines.items()})


def calibration_error(judged: Iterable[Judgement], bins: int = 10) -> float:
    """Return the expected calibration error: |said - was right|, weighted by equal bins."""
    pairs = [(j.score, j.right) for j in judged]
    if not pairs:
        return 0.0
    scores, right = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    places = np.minimum((scores * bins).astype(int), bins - 1)
    total = sum(
        abs(scores[places == b].sum() - right[places == b].sum()) for b in np.unique(places)
    )
    return float(total / len(pairs))


def accepted_share(judged: Iterable[Judgement], error: float) -> float:
    """Return the largest share of values, surest first, of which at most ``error`` are wrong."""
    ranked = sorted(judged, key=lambda j: -j.score)
    if not ranked:
        return 0.0
    wrong = np.cumsum([not j.right for j in ranked])
    kept = np.flatnonzero(wrong <= error * np.arange(1, len(ranked) + 1))
    return float(kept[-1] + 1) / len(ranked) if len(kept) else 0.0


def _line(judged: Sequence[Judgement], prior: Line, *, trust: float) -> Line:
    """Return the logistic regression of right on log-odds, with a ridge around ``prior``."""
    odds = np.array([_odds(j.score) for j in judged])
    design = np.stack((odds, np.ones_like(odds)), axis=1)
    # Platt's targets: never quite 0 or 1, so that few values do not give certainty
    hits = sum(j.right for j in judged)
    high, low = (hits + 1) / (hits + 2), 1 / (len(judged) - hits + 2)
    target = np.array([high if j.right else low for j in judged])
    start = np.array(prior)

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits, away = design @ at, at - start
        value = (np.logaddexp(0, logits) - target * logits).sum() + trust / 2 * away @ away
        return float(value), design.T @ (expit(logits) - target) + trust * away

    from scipy.optimize import minimize  # slow to import, and only training needs it

    slope, shift = minimize(loss, start, jac=True, method="BFGS").x
    return max(float(slope), 0.05), float(shift)


def _odds(score: float) -> float:
    kept = min(max(score, 1e-4), 1 - 1e-4)
    return math.log(kept / (1 - kept))

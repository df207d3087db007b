"""Probabilities as log-odds, where evidence adds up."""

from __future__ import annotations

import math


def odds(score: float) -> float:
    """Return the log-odds of a probability, which is kept off 0 and 1."""
    kept = min(max(score, 1e-3), 1 - 1e-3)
    return math.log(kept / (1 - kept))


def logistic(value: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + math.exp(-value))

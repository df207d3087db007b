"""How likely a page begins a document: a logistic regression on the signs between pages.

A sign's weight cannot be of the wrong way (``models.continuity.SIGNS``), so that what is true of
any paper is not unlearnt on the documents at hand. No bank and no backbone is asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from doctally.errors import ConfigurationError
from models.continuity import SIGNS

HOLD = 0.3
"""Strength of the pull of every weight to 0, in examples."""


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The log-odds that a page begins a document: ``start`` and a weight for each sign."""

    weights: Mapping[str, float]
    start: float

    def odds(self, told: Mapping[str, float]) -> float:
        """Return the log-odds that a page with these signs begins a document."""
        return self.start + sum(self.weights[name] * told[name] for name in SIGNS)


def fitted(rows: Sequence[Mapping[str, float]], begins: Sequence[bool]) -> Boundaries:
    """Return the weights that examples ask for; both answers weigh the same in all."""
    told = np.array([[row[name] for name in SIGNS] + [1.0] for row in rows])
    right = np.array(begins, dtype=float)
    share = np.where(right > 0, 0.5 / right.sum(), 0.5 / (1 - right).sum()) * len(right)
    bounds = [(None if way <= 0 else 0.0, None if way >= 0 else 0.0) for way in SIGNS.values()]

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = told @ at
        away = np.append(at[:-1], 0.0)
        value = (share * (np.logaddexp(0, logits) - right * logits)).sum() + HOLD / 2 * away @ away
        return float(value), told.T @ (share * (expit(logits) - right)) + HOLD * away

    start = np.zeros(len(SIGNS) + 1)
    from scipy.optimize import minimize  # slow to import, and only training needs it

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)]).x
    weights = {name: round(float(w), 3) for name, w in zip(SIGNS, found, strict=False)}
    return Boundaries(weights, round(float(found[-1]), 3))


def packaged() -> Path:
    """Return the file of weights that comes with doctally."""
    return Path(str(files("models"))) / "boundaries.json"


def load(path: Path | None = None) -> Boundaries:
    """Return the weights of a file, of the packaged one unless told.

    Raises ConfigurationError if it is damaged or knows other signs.
    """
    source = path or packaged()
    try:
        told = json.loads(source.read_text(encoding="utf-8"))
        weights = {name: float(told["weights"][name]) for name in SIGNS}
        return Boundaries(weights, float(told["start"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"boundaries: {source} is damaged: {error!r}") from error


def save(boundaries: Boundaries, path: Path) -> None:
    """Write the weights as JSON."""
    told = {"start": boundaries.start, "weights": dict(boundaries.weights)}
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

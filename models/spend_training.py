"""Teaches spend categories by examples: a vector per category, held near where it was.

The untaught scores stay as they are; only the vectors move (multinomial logistic regression,
L2 towards the start), so a few examples shift a category and never unlearn the description.
How sharp the probabilities are is set on folds of the examples that training did not see.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from doctally.categories import Category
from doctally.errors import ConfigurationError
from models.sentences import embedded
from models.spend import Asked, Spend, Vectors

HOLD, LOOSE = 1.0, 0.1
"""Strength of the pull to the start, against examples of weight 1: for a list, for corrections."""
CAUTION = 0.75
"""Examples are more like the list's words than what comes later; so be less sure by this."""
FOLDS = 5
FEWEST = 20
"""Examples from which on the sharpness is set anew."""
WORD_WEIGHT, EXAMPLE_WEIGHT = 1.0, 6.0
"""Weight of a word of the list and of an example, when a list is taught from the start."""
_SHARPNESS = tuple(0.1 * n for n in range(2, 31))


@dataclass(frozen=True, slots=True)
class SpendExample:
    """A supplier whose category a person has said."""

    asked: Asked
    category: str


def examples_of(
    lines: Iterable[str], categories: Sequence[Category], *, where: str
) -> list[SpendExample]:
    """Return the examples of JSON lines {"name", "text", "category"}.

    Raises ConfigurationError naming the line without them or with a category not in the list.
    """
    keys = {category.key for category in categories}
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            name, text = str(row.get("name") or ""), str(row.get("text") or "")
            category = str(row["category"])
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ConfigurationError(f"{where}, line {number}: {error!r}") from error
        if category not in keys:
            raise ConfigurationError(f"{where}, line {number}: no category {category!r}")
        found.append(SpendExample(Asked(name, text), category))
    return found


def taught(spend: Spend, examples: Sequence[SpendExample]) -> Vectors:
    """Return the vectors moved by examples, and the sharpness that fits what they leave unsure."""
    if not examples:
        return spend.vectors
    index = {category.key: n for n, category in enumerate(spend.categories)}
    seen, untaught = spend.features([one.asked for one in examples])
    right = torch.tensor([index[one.category] for one in examples])
    weights = torch.ones(len(examples))
    start = spend.vectors.weights
    moved = _fitted(seen, untaught, right, weights, start, hold=LOOSE)
    sharpness = spend.vectors.sharpness
    if len(examples) >= FEWEST:
        scores = torch.zeros_like(untaught)
        for fold in range(FOLDS):
            out = torch.arange(len(examples)) % FOLDS == fold
            vectors = _fitted(
                seen[~out], untaught[~out], right[~out], weights[~out], start, hold=LOOSE
            )
            scores[out] = untaught[out] + seen[out] @ vectors.T
        sharpness = _sharpness(scores, right)
    return Vectors(moved, sharpness, spend.vectors.examples + len(examples))


def taught_from_start(spend: Spend, examples: Sequence[SpendExample]) -> Vectors:
    """Return the vectors of a list taught by its own words and by examples, from nothing.

    The words' embeddings are the longest part: about a minute for the default list.
    """
    phrases = [(n, p) for n, category in enumerate(spend.categories) for p in category.phrases]
    owners = torch.tensor([n for n, _ in phrases])
    words = 1.5 * embedded(spend.backbone, [p for _, p in phrases])
    nothing = torch.zeros(len(phrases), len(spend.categories))
    index = {category.key: n for n, category in enumerate(spend.categories)}
    seen, untaught = spend.features([one.asked for one in examples])
    right = torch.tensor([index[one.category] for one in examples])
    start = torch.zeros(len(spend.categories), spend.backbone.width)

    def fitted(chosen: Tensor) -> Tensor:
        weights = (WORD_WEIGHT * torch.ones(len(phrases)), EXAMPLE_WEIGHT * chosen.float())
        return _fitted(
            torch.cat((words, seen)),
            torch.cat((nothing, 0 * untaught)),
            torch.cat((owners, right)),
            torch.cat(weights),
            start,
        )

    scores = torch.zeros_like(untaught)
    for fold in range(FOLDS):
        out = torch.arange(len(examples)) % FOLDS == fold
        scores[out] = untaught[out] + seen[out] @ fitted(~out).T
    every = torch.ones(len(examples), dtype=torch.bool)
    return Vectors(fitted(every), _sharpness(scores, right), len(examples))


def _fitted(
    seen: Tensor,
    untaught: Tensor,
    right: Tensor,
    weights: Tensor,
    start: Tensor,
    *,
    hold: float = HOLD,
) -> Tensor:
    moved = torch.zeros_like(start, requires_grad=True)
    descent = torch.optim.LBFGS([moved], max_iter=150, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        descent.zero_grad()
        scores = untaught + seen @ (start + moved).T
        each = cross_entropy(scores, right, reduction="none")
        total: Tensor = (each * weights).sum() + hold * moved.square().sum()
        total = total / weights.sum()
        total.backward()  # type: ignore[no-untyped-call]  # torch's has no types
        return total

    descent.step(loss)  # type: ignore[no-untyped-call, unused-ignore]
    return start + moved.detach()


def _sharpness(scores: Tensor, right: Tensor) -> float:
    losses = [float(cross_entropy(factor * scores, right)) for factor in _SHARPNESS]
    return round(CAUTION * _SHARPNESS[losses.index(min(losses))], 3)


def save_taught(path: Path, spend: Spend, vectors: Vectors) -> None:
    """Write a list's vectors to a file that ``Spend.load`` takes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    vectors.save(path, categories=spend.categories, backbone=spend.backbone)

"""Boosted trees as tensors: fitted by scikit-learn, carried and asked without it.

Every tree is a full binary tree of one depth, so that a batch goes down all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

DEPTH = 4
ROUNDS = 300
SEEDS = 3
TREES = ROUNDS * SEEDS
_RATE = 0.05


class Forest(nn.Module):
    """A logit from numbers [rows, features]; all its numbers are buffers, no gradient moves them.

    Thresholds are half-precision numbers and so is what they are compared with: a bank's
    rounding changes no path.
    """

    feature: Tensor
    threshold: Tensor
    value: Tensor
    start: Tensor

    def __init__(self) -> None:
        super().__init__()
        inner, leaves = 2**DEPTH - 1, 2**DEPTH
        self.register_buffer("feature", torch.zeros(TREES, inner))
        self.register_buffer("threshold", torch.zeros(TREES, inner))
        self.register_buffer("value", torch.zeros(TREES, leaves))
        self.register_buffer("start", torch.zeros(1))

    def forward(self, numbers: Tensor) -> Tensor:
        """Return logits [rows]."""
        numbers = numbers.half().float()
        tree = torch.arange(TREES)
        feature = self.feature.long()
        node = torch.zeros(len(numbers), TREES, dtype=torch.long)
        for _ in range(DEPTH):
            asked = numbers.gather(1, feature[tree, node])
            node = 2 * node + 1 + (asked > self.threshold[tree, node]).long()
        leaf = node - (2**DEPTH - 1)
        logits: Tensor = self.value[tree, leaf].sum(1) + self.start
        return logits

    def fit(
        self,
        numbers: NDArray[np.float32],
        same: NDArray[np.bool_],
        seed: int,
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        """Learn from rows [rows, features] and their answers; the mean of several seeds."""
        from sklearn.ensemble import GradientBoostingClassifier  # a second to import

        rounded = numbers.astype(np.float16).astype(np.float32)
        least = max(min(15, len(rounded) // 20), 1)
        self.value.zero_()
        for turn in range(SEEDS):
            model = GradientBoostingClassifier(
                n_estimators=ROUNDS,
                max_depth=DEPTH,
                learning_rate=_RATE,
                subsample=0.6,
                max_features=0.2,
                min_samples_leaf=least,
                random_state=seed + turn,
            ).fit(rounded, same)
            for place, estimator in enumerate(model.estimators_[:, 0]):
                self._take(turn * ROUNDS + place, estimator.tree_)
            progress(turn + 1)
        share = float(np.mean(same))
        self.start.fill_(float(np.log(share / (1 - share))))

    def _take(self, place: int, tree: Any) -> None:
        """Copy a tree; a leaf above the last level stands in all the leaves below it."""

        def down(node: int, spot: int, level: int) -> None:
            if level == DEPTH:
                leaf = spot - (2**DEPTH - 1)
                self.value[place, leaf] = _RATE * float(tree.value[node, 0, 0]) / SEEDS
                return
            left, right = int(tree.children_left[node]), int(tree.children_right[node])
            if left >= 0:
                self.feature[place, spot] = int(tree.feature[node])
                self.threshold[place, spot] = _at_most(float(tree.threshold[node]))
            down(left if left >= 0 else node, 2 * spot + 1, level + 1)
            down(right if left >= 0 else node, 2 * spot + 2, level + 1)

        down(0, 0, 0)


def _at_most(number: float) -> float:
    """Return the largest half-precision number that is not above this one."""
    half = np.float16(number)
    if float(half) > number:
        half = np.nextafter(half, np.float16(-np.inf))
    return float(half)

"""The head of tasks that compare two records of one window: alignment, then a small network.

Each word looks for its nearest word on the other side; how near it is, weighed by how much the
word says, tells more than both records' means do (BERTScore, Zhang et al. 2020, with learned
weights).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_HIDDEN = 48
_FEATURES = 6


class PairHead(nn.Module):
    """A logit for "the same" from the word states of both sides; a task's own numbers."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weigh = nn.Linear(size, 1)
        self.bring = nn.Linear(size, size, bias=False)
        self.judge = nn.Sequential(
            nn.Linear(2 * size + _FEATURES, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, 1)
        )
        nn.init.eye_(self.bring.weight)

    def forward(self, states: Tensor, present: Tensor, right: Tensor) -> Tensor:
        """Return logits [batch]; ``right`` [batch, words] tells the right record's words."""
        ours, theirs = present & ~right, present & right
        unit = functional.normalize(self.bring(states), dim=-1)
        near = unit @ unit.transpose(1, 2)
        found = near.masked_fill(~theirs[:, None, :], -1.0).amax(2)
        back = near.masked_fill(~ours[:, None, :], -1.0).amax(2)
        weight = self.weigh(states).squeeze(-1)
        left_weight = weight.masked_fill(~ours, -1e4).softmax(-1)
        right_weight = weight.masked_fill(~theirs, -1e4).softmax(-1)
        features = torch.stack(
            (
                (found * left_weight).sum(-1),
                (back * right_weight).sum(-1),
                _mean(found, ours),
                _mean(back, theirs),
                found.masked_fill(~ours, 1.0).amin(-1),
                back.masked_fill(~theirs, 1.0).amin(-1),
            ),
            dim=-1,
        )
        one = (states * left_weight[..., None]).sum(1)
        other = (states * right_weight[..., None]).sum(1)
        joined = torch.cat((4 * features, (one - other).abs(), one * other), dim=-1)
        logit: Tensor = self.judge(joined).squeeze(-1)
        return logit


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    return (values * mask).sum(-1) / mask.sum(-1).clamp_min(1)

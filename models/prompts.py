"""The shared deep prompt and its rank-one task factors.

Multitask prompt tuning (Wang et al., ICLR 2023, section 3.1) writes the prompt of task k as
P_k = P* ∘ W_k with W_k = u_k ⊗ v_k. We apply it per layer l to key/value prefixes:
P_k,l = P*_l ∘ (u_k,l ⊗ v_k,l), with P*_l [p, 2d], u_k,l [p] and v_k,l [2d].
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.backbone import Backbone


class DeepPrompt(nn.Module):
    """P* [layers, p, 2d] and, per task, u [layers, p] and v [layers, 2d].

    The factors start at one plus small noise, so every task starts from P* itself.
    """

    def __init__(self, backbone: Backbone, tasks: Sequence[str], length: int) -> None:
        super().__init__()
        layers, width = backbone.layers, backbone.heads * backbone.head_width
        self.heads = backbone.heads
        self.names = tuple(tasks)
        self.shared = nn.Parameter(torch.randn(layers, length, 2 * width) * 0.02)
        self.u = nn.ParameterDict({t: _near_one(layers, length) for t in tasks})
        self.v = nn.ParameterDict({t: _near_one(layers, 2 * width) for t in tasks})
        self.private = nn.ParameterDict()  # a task's own copy of P*, where it has one

    def prompt(self, task: str) -> Tensor:
        """Return P_k [layers, p, 2d], the paper's equation 1 applied per layer."""
        shared: Tensor = self.private.get(task, self.shared)
        prompt: Tensor = shared * self.u[task][:, :, None] * self.v[task][:, None, :]
        return prompt

    def make_private(self, task: str) -> None:
        """Give a task a copy of the shared prompt for itself (Wang et al. 2023, section 3.3)."""
        if task not in self.private:
            self.private[task] = nn.Parameter(self.shared.detach().clone())

    def prefixes(self) -> Tensor:
        """Return keys and values of all tasks, [tasks, layers, 2, heads, p, d_head]."""
        stacked = torch.stack([self.prompt(task) for task in self.names])
        tasks, layers, length, both = stacked.shape
        split = stacked.view(tasks, layers, length, 2, self.heads, both // (2 * self.heads))
        return split.permute(0, 1, 3, 4, 2, 5)

    @torch.no_grad()
    def start_from(self, backbone: Backbone, text: str) -> None:
        """Set P* to the keys and values that the backbone itself computes for ``text``.

        Real activations put the prefix where attention can use it from the first step
        (Li & Liang 2021, section 7.4).
        """
        length = self.shared.shape[1]
        pieces = backbone.tokenizer(text, add_special_tokens=False)["input_ids"]
        ids = torch.tensor((pieces * (length // len(pieces) + 1))[:length])
        computed = backbone.keys_values(ids)  # [layers, 2, heads, p, d_head]
        self.shared.copy_(computed.permute(0, 3, 1, 2, 4).flatten(2))


def _near_one(*shape: int) -> nn.Parameter:
    return nn.Parameter(1.0 + 0.02 * torch.randn(*shape))


def batch_prefix(prefixes: Tensor, task_ids: Tensor) -> Tensor:
    """Return [layers, 2, batch, heads, p, d_head]: row i takes the prompt of its own task."""
    return prefixes[task_ids].permute(1, 2, 0, 3, 4, 5)

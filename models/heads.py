"""Label vectors against the word's state: one projection for all tasks, a vector per label."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from models.backbone import Backbone
from models.tasks import Task


class LabelHead(nn.Module):
    """Scores of a task's labels from states [..., d], and of a value beginning at a word.

    A label's vector is ``base[label] + delta[task, label]``: the base is shared by every task
    that knows the label, the delta is the task's own.
    """

    def __init__(self, width: int, tasks: Mapping[str, Task], size: int) -> None:
        super().__init__()
        names = sorted({name for task in tasks.values() for name in task.names})
        self.index = {name: i for i, name in enumerate(names)}
        self.project = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, size), nn.GELU(), nn.Linear(size, size)
        )
        self.before = nn.Linear(size, size, bias=False)
        self.after = nn.Linear(size, size, bias=False)
        nn.init.zeros_(self.before.weight)
        nn.init.zeros_(self.after.weight)
        self.base = nn.Parameter(torch.randn(len(names), size) * size**-0.5)
        self.begin = nn.Linear(size, 1)
        self.delta = nn.ParameterDict(
            {t.name: torch.zeros(len(t.labels), size) for t in tasks.values()}
        )
        self.bias = nn.ParameterDict({t.name: torch.zeros(len(t.labels)) for t in tasks.values()})
        self.rows = {
            t.name: torch.tensor([self.index[name] for name in t.names]) for t in tasks.values()
        }

    def vectors(self, task: str) -> Tensor:
        """Return the label vectors of a task [labels, size]."""
        vectors: Tensor = self.base[self.rows[task]] + self.delta[task]
        return vectors

    def states(self, words: Tensor, present: Tensor) -> Tensor:
        """Return projected states [batch, words, size] of word states [batch, words, d].

        Each word also hears its two neighbours, which steadies the ends of values.
        """
        own: Tensor = self.project(words) * present[..., None]
        left = nn.functional.pad(own[:, :-1], (0, 0, 1, 0))
        right = nn.functional.pad(own[:, 1:], (0, 0, 0, 1))
        heard: Tensor = own + self.before(left) + self.after(right)
        return heard

    def forward(self, states: Tensor, task: str) -> tuple[Tensor, Tensor]:
        """Return label logits [..., labels] and begin logits [...] of projected states."""
        scores = states @ self.vectors(task).T + self.bias[task]
        return scores, self.begin(states).squeeze(-1)

    @torch.no_grad()
    def start_from(self, backbone: Backbone, tasks: Mapping[str, Task]) -> None:
        """Set each label's vector to the projected embedding of its name and description."""
        described = {
            label.name: f"{label.name.replace('_', ' ').replace('item.', 'line ')}: "
            f"{label.description}"
            for task in tasks.values()
            for label in task.labels
        }
        texts = [described[name] for name in self.index]
        encoded = backbone.tokenizer(texts, padding=True, return_tensors="pt")
        mask = encoded["attention_mask"].bool()
        states = backbone(backbone.embed(encoded["input_ids"]), mask, None)
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        vectors = self.project(mean)
        vectors = vectors - vectors.mean(0)
        self.base.copy_(vectors / vectors.norm(dim=-1, keepdim=True).clamp_min(1e-6))

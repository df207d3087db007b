"""Label vectors against the word's state: one projection for all tasks, a vector per label."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from models.backbone import Backbone
from models.mixer import Mixer, relations
from models.pairing import PairHead
from models.tasks import Task


class LabelHead(nn.Module):
    """Scores of a task's labels from states [..., d], and of a value beginning at a word.

    A label's vector is ``base[label] + delta[task, label]``: the base is shared by every task
    that knows the label, the delta is the task's own.
    """

    def __init__(self, width: int, tasks: Mapping[str, Task], size: int, layers: int) -> None:
        super().__init__()
        names = sorted({name for task in tasks.values() for name in task.names})
        self.index = {name: i for i, name in enumerate(names)}
        self.project = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, size), nn.GELU(), nn.Linear(size, size)
        )
        spelling = nn.Linear(width, size, bias=False)
        nn.init.zeros_(spelling.weight)  # so that it can join a network that is trained already
        self.spell = nn.Sequential(nn.LayerNorm(width), spelling)
        self.mixers = nn.ModuleList(Mixer(size) for _ in range(layers))
        self.base = nn.Parameter(torch.randn(len(names), size) * size**-0.5)
        self.begin = nn.Linear(size, 1)
        self.delta = nn.ParameterDict(
            {t.name: torch.zeros(len(t.labels), size) for t in tasks.values()}
        )
        self.bias = nn.ParameterDict({t.name: torch.zeros(len(t.labels)) for t in tasks.values()})
        self.focus = nn.ParameterDict(
            {t.name: torch.zeros(size) for t in tasks.values() if t.head != "tag"}
        )
        self.pair = nn.ModuleDict(
            {t.name: PairHead(width) for t in tasks.values() if t.head == "pair"}
        )
        self.rows = {
            t.name: torch.tensor([self.index[name] for name in t.names]) for t in tasks.values()
        }

    def vectors(self, task: str) -> Tensor:
        """Return the label vectors of a task [labels, size]."""
        vectors: Tensor = self.base[self.rows[task]] + self.delta[task]
        return vectors

    def states(self, words: Tensor, spelt: Tensor, boxes: Tensor, present: Tensor) -> Tensor:
        """Return projected states [batch, words, size] of word states [batch, words, d].

        ``spelt`` [batch, words, d] is how the words are written: a foreign caption is one word
        to the eye, and vague to a backbone that never learnt its language. Each word has heard
        what stands around it; ``boxes`` are [batch, words, 4].
        """
        states: Tensor = (self.project(words) + self.spell(spelt)) * present[..., None]
        relation = relations(boxes)
        for mixer in self.mixers:
            states = mixer(states, relation, present)
        return states

    def whole(self, states: Tensor, present: Tensor, task: str) -> Tensor:
        """Return one state [batch, size] of a window: the words' mean, weighted by the task."""
        weight = (states @ self.focus[task]).masked_fill(~present, -1e4).softmax(-1)
        pooled: Tensor = (states * weight[..., None]).sum(-2)
        return pooled

    def forward(self, states: Tensor, task: str) -> tuple[Tensor, Tensor]:
        """Return label logits [..., labels] and begin logits [...] of projected states."""
        scores = states @ self.vectors(task).T + self.bias[task]
        return scores, self.begin(states).squeeze(-1)

    @torch.no_grad()
    def start_from(
        self, backbone: Backbone, tasks: Mapping[str, Task], fresh: frozenset[str] | None = None
    ) -> None:
        """Set label vectors to the projected embeddings of their names and descriptions.

        All of them, or only the ``fresh`` ones.
        """
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
        vectors = vectors / vectors.norm(dim=-1, keepdim=True).clamp_min(1e-6)
        chosen = [i for name, i in self.index.items() if fresh is None or name in fresh]
        self.base[chosen] = vectors[chosen]

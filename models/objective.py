"""What a training batch is asked for: the tasks' own losses, summed over its windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.config import Config
from models.losses import allowed_loss, somewhere_loss
from models.sampling import Draw
from models.tasks import Task

Objective = Callable[[Sequence[Draw]], Tensor]
"""Draws in, the loss to go down out."""


class Scorer(Protocol):
    """What a loss asks of the network."""

    @property
    def tasks(self) -> Mapping[str, Task]:
        """Return the tasks by name."""

    def tag(self, states: Tensor, task: str) -> tuple[Tensor, Tensor]:
        """Return label logits [..., words, labels] and begin logits [..., words]."""

    def classify(self, states: Tensor, present: Tensor, task: str) -> Tensor:
        """Return label logits [batch, labels]."""


def batch_loss(
    network: Scorer, draws: Sequence[Draw], states: Tensor, present: Tensor, config: Config
) -> Tensor:
    """Return the summed losses of a batch that mixes tasks.

    ``states`` [batch, words, size] and ``present`` [batch, words] are of the draws' windows.
    """
    names = [d.task for d in draws]
    total = states.new_zeros(())
    judged = [i for i, d in enumerate(draws) if d.classify]
    for task in sorted({names[i] for i in judged}):
        rows = [i for i in judged if names[i] == task]
        share = len(rows) / len(judged)
        total = total + config.route_weight * share * _class_loss(
            network, states[rows], present[rows], [draws[i] for i in rows], task
        )
    for task in sorted({n for n, d in zip(names, draws, strict=True) if not d.classify}):
        rows = [i for i, d in enumerate(draws) if names[i] == task and not d.classify]
        share = len(rows) / len(draws)
        total = total + share * _tag_loss(
            network, states, rows, [draws[i] for i in rows], task, config
        )
    return total


def _class_loss(
    network: Scorer,
    states: Tensor,
    present: Tensor,
    draws: Sequence[Draw],
    task: str,
) -> Tensor:
    answers = [draw.example.answers(task) for draw in draws]
    logits = network.classify(states, present, task)
    names = network.tasks[task].names
    allowed = torch.tensor([[name in right for name in names] for right in answers])
    return allowed_loss(logits, allowed, torch.ones(len(answers)))


def _tag_loss(
    network: Scorer,
    states: Tensor,
    rows: Sequence[int],
    draws: Sequence[Draw],
    task: str,
    config: Config,
) -> Tensor:
    kept = torch.cat(
        [states[r, : d.window.last - d.window.first] for r, d in zip(rows, draws, strict=True)]
    )
    logits, begin = network.tag(kept, task)
    allowed = np.concatenate(
        [d.example.allowed[d.window.page][d.window.first : d.window.last] for d in draws]
    )
    begins = np.concatenate(
        [d.example.begins[d.window.page][d.window.first : d.window.last] for d in draws]
    )
    value = torch.from_numpy(begins >= 0)
    counts = [d.example.weight(d.window.page, d.window.first, d.window.last) for d in draws]
    weights = torch.where(value, config.field_weight, 1.0) * torch.from_numpy(
        np.concatenate(counts)
    )
    loss = allowed_loss(logits, torch.from_numpy(allowed), weights)
    if value.any():
        loss = loss + config.begin_weight * functional.binary_cross_entropy_with_logits(
            begin[value], torch.from_numpy(begins[begins >= 0]).float()
        )
    return loss + config.somewhere_weight * somewhere_loss(
        logits, list(_places(draws, task, network))
    )


def _places(
    draws: Sequence[Draw], task: str, network: Scorer
) -> Iterable[tuple[int, list[Tensor]]]:
    """Return label and word rows of the spans among which training chooses.

    A window is asked to find one only if it stands on the first or last page that has any.
    """
    column = {name: i for i, name in enumerate(network.tasks[task].names)}
    offset = 0
    for draw in draws:
        window = draw.window
        for name, spans in (draw.example.places or {}).items():
            pages = [page for page, _ in spans]
            if window.page not in (min(pages), max(pages)):
                continue
            here = [
                torch.tensor([offset + w - window.first for w in words])
                for page, words in spans
                if page == window.page and words[0] >= window.first and words[-1] < window.last
            ]
            if here:
                yield column[name], here
        offset += window.last - window.first

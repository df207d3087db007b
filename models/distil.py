"""What the teachers of a batch's tasks say of it, and how far the student is from them.

Multitask prompt tuning distils one prompt out of many (Wang et al. 2023, section 3.2). A teacher
is a prompt trained for one source task alone on the same frozen backbone. The student, shared
prompt times rank-one factors, learns from the task's labels and from the teachers:

    L_Total = L_PLM + λ (L_Logits + L_Hidden)
    L_Logits = Σ_k KL(P_teacher_k(y | x) || P_student(y | x))
    L_Hidden = Σ_k (H_teacher_k - H_student)²

H are the last hidden states, here averaged over a word's pieces; λ is ``Config.distil_weight``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from models.config import Config
from models.layout import jitter
from models.network import Batch, Network, collate
from models.objective import batch_loss
from models.sampling import Draw


@dataclass(frozen=True, slots=True)
class _Said:
    """What a network makes of some rows: words [batch, words, d], states, logits of its task."""

    words: Tensor
    states: Tensor
    logits: Tensor


class Distilled:
    """The objective of source training: the tasks' losses and the distance to their teachers.

    ``teachers`` are networks of one task each, by its name; a task without one learns from its
    labels alone.
    """

    def __init__(self, network: Network, teachers: Mapping[str, Network], config: Config) -> None:
        self._network = network
        self._config = config
        self._order = {name: i for i, name in enumerate(network.prompt.names)}
        self._teachers = dict(teachers)
        with torch.no_grad():
            self._prefixes = {n: t.eval().prompt.prefixes() for n, t in teachers.items()}

    def __call__(self, draws: Sequence[Draw]) -> Tensor:
        """Return L_Total of a batch."""
        network, config = self._network, self._config
        pad = network.backbone.tokenizer.pad_token_id
        batch = collate([(d.example.encoded[d.window.page], d.window) for d in draws], pad=pad)
        batch = batch.moved(jitter(batch.boxes, shift=config.shift, scale=config.scale))
        ids = torch.tensor([self._order[d.task] for d in draws])
        words = network.words(batch, network.prompt.prefixes(), ids)
        states = network.head.states(words, network.spelt(batch), batch.places, batch.present)
        loss = batch_loss(network, draws, states, batch.present, config)
        for task in sorted({d.task for d in draws} & self._teachers.keys()):
            rows = [i for i, d in enumerate(draws) if d.task == task]
            part = batch.rows(rows)
            most = max(part.counts)
            student = _said(network, words[rows, :most], states[rows, :most], part, task)
            share = len(rows) / len(draws)
            loss = loss + config.distil_weight * share * _distance(
                self._lesson(part, task), student
            )
        return loss

    @torch.no_grad()
    def _lesson(self, part: Batch, task: str) -> _Said:
        """Return what the task's teacher says of its rows."""
        teacher = self._teachers[task]
        words = teacher.words(
            part, self._prefixes[task], torch.zeros(len(part.counts), dtype=torch.long)
        )
        states = teacher.head.states(words, teacher.spelt(part), part.places, part.present)
        return _said(teacher, words, states, part, task)


def _said(network: Network, words: Tensor, states: Tensor, part: Batch, task: str) -> _Said:
    """Return states and logits, of words [words, labels] or of windows [batch, labels]."""
    present = part.present
    if network.tasks[task].head == "tag":
        return _Said(words[present], states[present], network.tag(states[present], task)[0])
    return _Said(words[present], states[present], network.classify(states, present, task))


def _distance(teacher: _Said, student: _Said) -> Tensor:
    """Return L_Logits + L_Hidden, each a mean over what is judged."""
    logits = functional.kl_div(
        student.logits.log_softmax(-1),
        teacher.logits.log_softmax(-1),
        reduction="batchmean",
        log_target=True,
    )
    return logits + functional.mse_loss(student.words, teacher.words)

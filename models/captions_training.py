"""Teaches captions: each word that may begin a value is a row, its allowed labels the answer.

A document that labels a few fields says of the others neither yes nor no: the loss is the negative
log-probability of the set of labels a word may carry (as ``models.losses`` has it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.blocks import Blocks
from models.candidates import LONGEST
from models.captions import SILENT, Around, Captions, Signs
from models.decode import figure
from models.examples import Example
from models.tasks import ITEM, OUTSIDE, TASKS, Task

SIZE = 1 << 14
ROUNDS = 4
MOST_PAGES = 3
KEPT = 0.5
"""Share of the words that are no value which is learnt from; they weigh the more."""
DROPPED = 0.1
"""Share of the signs that a row goes without, each time anew."""
RATE, HOLD, BATCH = 0.15, 2e-7, 512
STEPS = 3.75
"""Steps of a weight from 0 to the largest of its label: they cost nothing, and pack well."""
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Row:
    """A word's signs, the labels it may carry [labels], and how much it counts."""

    signs: Signs
    allowed: NDArray[np.bool_]
    weight: float


def labels() -> tuple[str, ...]:
    """Return what captions tell apart: every header field that is read, and nothing."""
    found = {n for task in TASKS.values() if task.head == "tag" for n in task.names}
    return (NOTHING, *sorted(n for n in found if n != OUTSIDE and not n.startswith(ITEM)))


def rows(
    examples: Iterable[Example], *, size: int = SIZE, chance: np.random.Generator
) -> Iterator[Row]:
    """Yield what documents teach."""
    every = labels()
    for example in examples:
        task = example.task
        if task is None or task.head != "tag":
            continue
        place = [every.index(n) if n in every else 0 for n in task.names]
        for encoded, allowed, begins in zip(
            example.encoded[:MOST_PAGES], example.allowed, example.begins, strict=False
        ):
            around = Around(encoded.page, Blocks(encoded.page))
            for word, (may, begin) in enumerate(zip(allowed, begins, strict=True)):
                value = begin == 1
                if not value and not (begin == -1 and _likely(around, word)):
                    continue
                answer = np.zeros(len(every), dtype=bool)
                answer[[p for p, yes in zip(place, may, strict=True) if yes]] = True
                if answer.all() or (not value and chance.random() > KEPT):
                    continue
                weight = 1.0 if value else 1 / KEPT
                at = _first(around, word, allowed, task) if value else word
                yield Row(around.signs(at, task.name, size), answer, weight)


def _first(around: Around, word: int, allowed: NDArray[np.bool_], task: Task) -> int:
    """Return where decoding says that the value begins which training begins at a word."""
    if task.labels[int(allowed[word].argmax())].kind not in LONGEST:
        return word
    same = [i for i in (word, word + 1) if i < len(allowed) and (allowed[i] == allowed[word]).all()]
    return figure(around.page, same)


def _likely(around: Around, word: int) -> bool:
    """Tell whether a value might begin here, so that it is worth learning that none does."""
    text = around.page.words[word].text
    segment = around.blocks.segments[around.blocks.segment_of[word]]
    return (
        any(c.isdigit() or c == "@" for c in text)
        or word == segment.start
        or around.page.words[word - 1].text.endswith(":")
    )


def captions_of(examples: Iterable[Example], *, seed: int) -> Captions:
    """Return the captions that documents teach; they say nothing if none of them has fields."""
    lessons = list(rows(examples, chance=np.random.default_rng(seed)))
    return taught(lessons, seed=seed) if lessons else SILENT


def taught(
    lessons: Sequence[Row], *, size: int = SIZE, rounds: int = ROUNDS, seed: int = 1
) -> Captions:
    """Return the captions that rows teach, their weights rounded to ``STEPS``."""
    every = labels()
    chance = np.random.default_rng(seed)
    torch.manual_seed(seed)
    table = nn.EmbeddingBag(size, len(every), mode="sum")
    nn.init.zeros_(table.weight)
    bias = nn.Parameter(torch.zeros(len(every)))
    descent = torch.optim.Adagrad([*table.parameters(), bias], lr=RATE)
    for _ in range(rounds):
        order = chance.permutation(len(lessons))
        for start in range(0, len(order), BATCH):
            some = [lessons[i] for i in order[start : start + BATCH]]
            signs, offsets = _bags([row.signs for row in some], chance)
            chances = (table(signs, offsets) + bias).log_softmax(-1)
            allowed = torch.tensor(np.stack([row.allowed for row in some]))
            told = chances.masked_fill(~allowed, -torch.inf).logsumexp(-1)
            weight = torch.tensor([row.weight for row in some])
            held: Tensor = HOLD * table.weight[torch.unique(signs)].square().sum()
            loss = held - (told * weight).mean()
            descent.zero_grad()
            loss.backward()
            descent.step()
    return _rounded(every, table.weight.detach().numpy(), bias.detach().numpy())


def _bags(rows: Sequence[Signs], chance: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return the rows' signs one after the other, a few dropped, and where each row begins."""
    kept = [row[chance.random(len(row)) >= DROPPED] for row in rows]
    starts = np.cumsum([0, *(len(row) for row in kept)])[:-1]
    return torch.tensor(np.concatenate(kept)), torch.tensor(starts)


def _rounded(
    every: tuple[str, ...], weights: NDArray[np.float32], bias: NDArray[np.float32]
) -> Captions:
    scale = np.maximum(np.abs(weights).max(0), 1e-6) / STEPS
    return Captions(
        every,
        np.rint(weights / scale).astype(np.int8),
        scale.astype(np.float32),
        bias.astype(np.float32),
    )

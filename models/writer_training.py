"""Training the writer's prompts: one shared deep prompt and a rank-one factor a task.

As for the encoder (Wang et al. 2023, eq. 1, per layer), with the loss of the next piece over the
target's pieces alone. Whoever stops it goes on from the last step that was kept.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from models.causal import Causal
from models.prompts import DeepPrompt, batch_prefix

Progress = Callable[[int, float], None]
KEEP_EVERY = 10


@dataclass(frozen=True, slots=True)
class Written:
    """What a task is given and what it should write."""

    task: str
    given: str  # as the chat template puts it
    target: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How the writer's prompts are trained."""

    steps: int = 100
    rows: int = 4
    prompt_rate: float = 5e-3
    factor_rate: float = 5e-3
    clip: float = 1.0
    warmup: float = 0.1
    seed: int = 7


def teach_writer(
    causal: Causal,
    prompt: DeepPrompt,
    examples: Sequence[Written],
    pace: Pace,
    *,
    kept: Path | None = None,
    progress: Progress = lambda step, loss: None,
) -> DeepPrompt:
    """Return the prompt, trained; ``kept`` is a file that a run which was stopped goes on from."""
    groups = [
        {"params": [prompt.shared], "lr": pace.prompt_rate},
        {"params": [*prompt.u.values(), *prompt.v.values()], "lr": pace.factor_rate},
    ]
    begun = _resumed(prompt, kept)
    adam = torch.optim.AdamW(groups, weight_decay=0.0)
    falling = torch.optim.lr_scheduler.LambdaLR(
        adam, lambda step: _rate(begun + step, pace.steps, pace.warmup)
    )
    order = _order(len(examples), pace)
    for step in range(begun, pace.steps):
        rows = [examples[i] for i in order[step * pace.rows : (step + 1) * pace.rows]]
        loss = next_piece_loss(causal, prompt, rows)
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(prompt.parameters(), pace.clip)
        adam.step()
        falling.step()
        progress(step + 1, float(loss.detach()))
        if kept is not None and (step + 1) % KEEP_EVERY == 0:
            save_file(prompt.state_dict() | {"step": torch.tensor(step + 1)}, kept)
    return prompt.requires_grad_(False)


def next_piece_loss(causal: Causal, prompt: DeepPrompt, rows: Sequence[Written]) -> Tensor:
    """Return the mean negative log-likelihood of the targets' pieces, given what stands before."""
    tokenizer = causal.backbone.tokenizer
    pairs = [
        (
            tokenizer(row.given, add_special_tokens=False)["input_ids"],
            [
                *tokenizer(row.target, add_special_tokens=False)["input_ids"],
                tokenizer.eos_token_id,
            ],
        )
        for row in rows
    ]
    longest = max(len(given) + len(target) for given, target in pairs)
    pieces = torch.full((len(rows), longest), tokenizer.pad_token_id)
    mask = torch.zeros(len(rows), longest, dtype=torch.bool)
    asked = torch.zeros(len(rows), longest, dtype=torch.bool)
    for row, (given, target) in enumerate(pairs):
        end = len(given) + len(target)
        pieces[row, :end] = torch.tensor([*given, *target])
        mask[row, :end] = True
        asked[row, len(given) - 1 : end - 1] = True
    names = {name: i for i, name in enumerate(prompt.names)}
    ids = torch.tensor([names[row.task] for row in rows])
    backbone = causal.backbone
    states = backbone(backbone.embed(pieces), mask, batch_prefix(prompt.prefixes(), ids))
    logits = causal.model.lm_head(states[asked])
    return nn.functional.cross_entropy(logits, pieces.roll(-1, dims=1)[asked])


def _resumed(prompt: DeepPrompt, kept: Path | None) -> int:
    if kept is None or not kept.is_file():
        return 0
    stored = load_file(kept)
    step = int(stored.pop("step"))
    prompt.load_state_dict(stored)
    return step


def _order(count: int, pace: Pace) -> list[int]:
    """Return which example comes when: every one before any comes again, whatever was resumed."""
    dice = random.Random(pace.seed)
    order: list[int] = []
    while len(order) < pace.steps * pace.rows:
        turn = list(range(count))
        dice.shuffle(turn)
        order += turn
    return order


def _rate(step: int, steps: int, warmup: float) -> float:
    ramp = max(1, round(warmup * steps))
    if step < ramp:
        return (step + 1) / ramp
    return 0.5 * (1 + math.cos(math.pi * (step - ramp) / max(1, steps - ramp)))

"""A classifying task learnt in seconds: its label vectors and focus, from states stored once.

Backbone, prompts and everything shared stay as they are, and so do the task's own factors: each
window passes through the network once, and what follows is a small regression on its words.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from doctally.errors import ConfigurationError
from models.config import Config
from models.descent import Progress
from models.examples import Example
from models.losses import allowed_loss
from models.network import Network, collate
from models.windows import Window, cut, opening

ROUNDS = 600
_AT_ONCE = 128
_RATE = 1e-2
_DECAY = 0.02

Kept = tuple[Tensor, int]
"""The word states of a window in half precision, and its example."""


def settle(
    network: Network,
    task: str,
    examples: Sequence[Example],
    config: Config,
    *,
    rounds: int = ROUNDS,
    progress: Progress = lambda step, loss: None,
) -> Network:
    """Return the network with a classifying task's label vectors trained; nothing else moves.

    Every answer weighs the same, however many examples it has. Raises ConfigurationError when no
    example teaches the task.
    """
    torch.manual_seed(config.seed)
    taught = [example for example in examples if example.answers(task)]
    if not taught:
        raise ConfigurationError(f"no document teaches the task {task}")
    network.requires_grad_(False).eval()
    kept = _states(network, task, taught, config)
    names = network.tasks[task].names
    allowed = torch.tensor([[name in e.answers(task) for name in names] for e in taught])
    weights = _weights(allowed)
    own = network.own(task)["labels"]
    for parameter in own:
        parameter.requires_grad_(True)
    optimiser = torch.optim.AdamW(own, lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, rounds)
    generator = torch.Generator().manual_seed(config.seed)
    for step in range(rounds):
        chosen = torch.randint(len(kept), (_AT_ONCE,), generator=generator).tolist()
        states = pad_sequence([kept[i][0].float() for i in chosen], batch_first=True)
        counts = torch.tensor([len(kept[i][0]) for i in chosen])
        present = torch.arange(states.shape[1]) < counts[:, None]
        rows = [kept[i][1] for i in chosen]
        logits = network.classify(states, present, task)
        loss = allowed_loss(logits, allowed[rows], weights[rows])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        schedule.step()
        progress(step + 1, float(loss.detach()))
    return network.requires_grad_(False)


def _weights(allowed: Tensor) -> Tensor:
    """Return a weight per example, so that each answer has the same share."""
    counts = allowed.sum(0).clamp_min(1).float()
    shares: Tensor = (allowed.float() / counts).max(1).values * len(allowed) / allowed.shape[1]
    return shares


@torch.no_grad()
def _states(network: Network, task: str, examples: Sequence[Example], config: Config) -> list[Kept]:
    """Return the states of the windows that are judged, each from one pass."""
    pad = network.backbone.tokenizer.pad_token_id
    prefixes = network.prompt.prefixes()
    place = list(network.prompt.names).index(task)
    windows: list[Window] = []
    for number, example in enumerate(examples):
        cuts = cut(example.encoded, document=number, size=config.window, overlap=config.overlap)
        windows += opening(list(cuts))
    windows.sort(key=lambda window: window.length)
    kept: list[Kept] = []
    most = config.pieces_per_batch
    while windows:
        size = max(most // max(windows[min(len(windows), 64) - 1].length, 1), 1)
        group, windows = windows[:size], windows[size:]
        batch = collate([(examples[w.document].encoded[w.page], w) for w in group], pad=pad)
        ids = torch.full((len(group),), place)
        states, _ = network.states(batch, prefixes, ids)
        for window, row, count in zip(group, states, batch.counts, strict=True):
            kept.append((row[:count].half(), window.document))
    return kept

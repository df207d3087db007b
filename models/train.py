"""Joint training of the shared prompt, the task factors, layout and heads; nothing else moves.

Multitask prompt tuning's source training (Wang et al. 2023, section 3.2) without the teachers'
distillation: the tasks' own losses, tasks sampled by the square root of their size, several
tasks in each batch, two learning rates.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.backbone import Backbone
from models.config import Config
from models.examples import Example
from models.losses import allowed_loss, somewhere_loss
from models.network import Network, collate
from models.sampling import Draw, Sampler
from models.tasks import TASKS, Task

Progress = Callable[[int, float], None]


def train(
    backbone: Backbone,
    examples: Sequence[Example],
    config: Config,
    *,
    weights: Mapping[str, float],
    tasks: Mapping[str, Task] = TASKS,
    progress: Progress = lambda step, loss: None,
    minutes: float = math.inf,
    start: Network | None = None,
) -> Network:
    """Return the trained network; ``progress`` is told every step and its loss.

    ``start`` goes on from a trained network instead of the informed starting point.

    The learning rate falls to zero over ``config.steps`` or ``minutes``, whichever ends first.
    The same seed and steps give the same numbers on the same machine and thread count.
    """
    torch.manual_seed(config.seed)
    random.seed(config.seed)
    network = start or _fresh(backbone, tasks, config)
    network.requires_grad_(True).train()
    optimiser = torch.optim.AdamW(_groups(network, config), betas=(0.9, 0.98))
    peaks = [group["lr"] for group in optimiser.param_groups]
    average = _Average(network, config.average)
    order = {name: i for i, name in enumerate(network.prompt.names)}
    batches = Sampler(examples, weights=weights, config=config).batches()
    started = time.monotonic()
    for step in range(config.steps):
        done = max(step / config.steps, (time.monotonic() - started) / (60 * minutes))
        if done >= 1:
            break
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * min(1.0, (step + 1) / (config.warmup * config.steps)) * _cool(done)
        loss = batch_loss(network, next(batches), order, config, backbone.tokenizer.pad_token_id)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(network.parameters(), config.clip)
        optimiser.step()
        average.update(network)
        progress(step + 1, float(loss.detach()))
    average.copy_to(network)
    return network.eval()


def _fresh(backbone: Backbone, tasks: Mapping[str, Task], config: Config) -> Network:
    network = Network(
        backbone, tasks, prompt_length=config.prompt_length, label_size=config.label_size
    )
    network.start()
    return network


def _cool(done: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def _groups(network: Network, config: Config) -> list[dict[str, object]]:
    """Return the parameters by learning rate: shared prompt and layout, factors, heads."""
    prompt = network.prompt
    return [
        {"params": [prompt.shared], "lr": config.prompt_rate, "weight_decay": 0.0},
        {
            "params": [*prompt.u.values(), *prompt.v.values()],
            "lr": config.factor_rate,
            "weight_decay": 0.0,
        },
        {
            "params": list(network.layout.parameters()),
            "lr": config.head_rate,
            "weight_decay": config.weight_decay,
        },
        {
            "params": list(network.head.parameters()),
            "lr": config.head_rate,
            "weight_decay": config.weight_decay,
        },
    ]


class _Average:
    """Moving average of the parameters (Polyak & Juditsky 1992), warmed up over the first steps."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._values = [p.detach().clone() for p in network.parameters()]
        self._decay = decay
        self._steps = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        self._steps += 1
        decay = min(self._decay, self._steps / (self._steps + 10))
        for kept, value in zip(self._values, network.parameters(), strict=True):
            kept.lerp_(value, 1 - decay)

    @torch.no_grad()
    def copy_to(self, network: nn.Module) -> None:
        for kept, value in zip(self._values, network.parameters(), strict=True):
            value.copy_(kept)


def batch_loss(
    network: Network, draws: Sequence[Draw], order: Mapping[str, int], config: Config, pad: int
) -> Tensor:
    """Return the summed losses of a batch that mixes tasks in one forward pass."""
    names = ["route" if d.route or d.example.task is None else d.example.task.name for d in draws]
    batch = collate([(d.example.encoded[d.window.page], d.window) for d in draws], pad=pad)
    ids = torch.tensor([order[name] for name in names])
    states, present = network.states(
        batch, network.prompt.prefixes(), ids, shift=config.shift, scale=config.scale
    )
    total = states.new_zeros(())
    routed = [i for i, d in enumerate(draws) if d.route]
    if routed:
        total = total + config.route_weight * _route_loss(
            network, states[routed], present[routed], [draws[i].example.types for i in routed]
        )
    for task in sorted({n for n, d in zip(names, draws, strict=True) if not d.route}):
        rows = [i for i, d in enumerate(draws) if names[i] == task and not d.route]
        share = len(rows) / len(draws)
        total = total + share * _tag_loss(
            network, states, rows, [draws[i] for i in rows], task, config
        )
    return total


def _route_loss(
    network: Network, states: Tensor, present: Tensor, types: Sequence[Sequence[str]]
) -> Tensor:
    logits = network.classify(states, present, "route")
    names = network.tasks["route"].names
    allowed = torch.tensor([[name in t for name in names] for t in types])
    return allowed_loss(logits, allowed, torch.ones(len(types)))


def _tag_loss(
    network: Network,
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
    weights = torch.where(value, config.field_weight, 1.0)
    loss = allowed_loss(logits, torch.from_numpy(allowed), weights)
    if value.any():
        loss = loss + config.begin_weight * functional.binary_cross_entropy_with_logits(
            begin[value], torch.from_numpy(begins[begins >= 0]).float()
        )
    return loss + config.somewhere_weight * somewhere_loss(
        logits, list(_places(draws, task, network))
    )


def _places(
    draws: Sequence[Draw], task: str, network: Network
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

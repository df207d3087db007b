"""The stages of multitask prompt tuning (Wang et al. 2023, section 3); the backbone never moves.

``teach``: a prompt of its own for every source task. ``train``: source training, the shared
prompt, rank-one factors, layout and heads together, from the tasks' labels and, if there are
teachers, from them (``models.distil``); tasks sampled by the square root of their size, several
in each batch, prompts and heads at their own learning rates. ``adapt``: target adaptation, the
shared prompt is fixed and only a task's own numbers train, so no other task can change.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from models.backbone import Backbone
from models.balance import balanced
from models.config import Config
from models.descent import Progress, descend
from models.distil import Distilled
from models.examples import Example
from models.network import Network
from models.sampling import Sampler
from models.tasks import TASKS, Task
from models.views import Live, Stored, labelled


def teach(
    backbone: Backbone,
    examples: Sequence[Example],
    config: Config,
    *,
    tasks: Mapping[str, Task],
    weights: Mapping[str, float] = {},
    progress: Progress = lambda step, loss: None,
) -> dict[str, Network]:
    """Return a teacher per task: a network of that task alone, trained ``config.teacher_steps``.

    Its prompt is plain, the factors stay at what they were: there is nothing to share.
    """
    teachers: dict[str, Network] = {}
    short = replace(config, steps=config.teacher_steps)
    for number, (name, task) in enumerate(tasks.items()):
        done = number * short.steps
        teachers[name] = train(
            backbone,
            examples,
            short,
            weights=weights,
            tasks={name: task},
            progress=lambda step, loss, done=done: progress(done + step, loss),  # type: ignore[misc]  # the default binds it
            alone=True,
        )
    return teachers


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
    teachers: Mapping[str, Network] | None = None,
    alone: bool = False,
) -> Network:
    """Return the trained network; ``progress`` is told every step and its loss.

    ``start`` goes on from a trained network instead of the informed starting point; ``teachers``,
    by task, are distilled from; ``alone`` leaves the factors where they are.

    The learning rate falls to zero over ``config.steps`` or ``minutes``, whichever ends first.
    The same seed and steps give the same numbers on the same machine and thread count.
    """
    _seed(config)
    network = start or _fresh(backbone, tasks, config)
    network.requires_grad_(True).train()
    sampler = Sampler(examples, weights=weights, config=config, tasks=tasks)
    if alone:
        for factors in (*network.prompt.u.values(), *network.prompt.v.values()):
            factors.requires_grad_(False)
    descend(
        _groups(network, config),
        sampler,
        config,
        objective=Distilled(network, teachers, config)
        if teachers
        else labelled(network, Live(network, config), config),
        steps=config.steps,
        progress=progress,
        minutes=minutes,
    )
    return network.eval()


def train_above(
    network: Network,
    examples: Sequence[Example],
    config: Config,
    *,
    weights: Mapping[str, float],
    progress: Progress = lambda step, loss: None,
    minutes: float = math.inf,
    states: Path | None = None,
) -> Network:
    """Return the network after ``config.above_steps`` of what stands above the backbone alone.

    Prompts, factors and layout stay as they are; heads and mixers learn from stored states (kept
    in the folder ``states`` if there is one), and rare labels weigh more.
    """
    _seed(config)
    network.requires_grad_(False).train()
    network.head.requires_grad_(True)
    wide = replace(config, pieces_per_batch=config.above_pieces)
    tasks = network.tasks
    weighed = balanced(examples, power=config.balance)
    sampler = Sampler(weighed, weights=weights, config=wide, tasks=tasks)
    groups = [
        {
            "params": list(network.head.parameters()),
            "lr": config.above_rate,
            "weight_decay": config.weight_decay,
        }
    ]
    with closing(Stored(network, states)) as view:
        descend(
            groups,
            sampler,
            config,
            objective=labelled(network, view, config),
            steps=config.above_steps,
            progress=progress,
            minutes=minutes,
        )
    return network.requires_grad_(False).eval()


def adapt(
    network: Network,
    task: str,
    examples: Sequence[Example],
    config: Config,
    *,
    progress: Progress = lambda step, loss: None,
    minutes: float = math.inf,
    private: bool = False,
) -> Network:
    """Return the network with one task trained, by its factors and label vectors alone.

    With ``private`` the task gets a copy of the shared prompt for itself, which trains too: more
    numbers for a task that is unlike the others. Every other task's numbers stay as they are, bit
    for bit.
    """
    _seed(config)
    if private:
        network.prompt.make_private(task)
    network.requires_grad_(False).train()
    own = network.own(task)
    for parameters in own.values():
        for parameter in parameters:
            parameter.requires_grad_(True)
    sampler = Sampler(examples, weights={}, config=config, tasks={task: network.tasks[task]})
    groups = [
        {"params": own["factors"], "lr": config.factor_rate, "weight_decay": 0.0},
        {"params": own["labels"], "lr": config.head_rate, "weight_decay": 0.0},
        {"params": own["prompt"], "lr": config.prompt_rate, "weight_decay": 0.0},
    ]
    descend(
        groups,
        sampler,
        config,
        objective=labelled(network, Live(network, config), config),
        steps=config.steps,
        progress=progress,
        minutes=minutes,
    )
    return network.requires_grad_(False).eval()


def _seed(config: Config) -> None:
    torch.manual_seed(config.seed)
    random.seed(config.seed)


def _fresh(backbone: Backbone, tasks: Mapping[str, Task], config: Config) -> Network:
    network = Network(
        backbone,
        tasks,
        prompt_length=config.prompt_length,
        label_size=config.label_size,
        mixers=config.mixers,
    )
    network.start()
    return network


def _groups(network: Network, config: Config) -> list[dict[str, Any]]:
    """Return the parameters by learning rate: shared prompt and layout, factors, heads, mixers."""
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
            "params": [p for n, p in network.head.named_parameters() if "mixers" not in n],
            "lr": config.head_rate,
            "weight_decay": config.weight_decay,
        },
        {
            "params": list(network.head.mixers.parameters()),
            "lr": config.mixer_rate,
            "weight_decay": config.weight_decay,
        },
    ]

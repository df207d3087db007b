"""Source tasks: every data set is a task of its own, so that label sets never fight.

A set of invoices that labels five fields and one that labels thirty teach different things under
one name. Each becomes a source task with its own rank-one factor and only the labels it teaches
(Wang et al. 2023, section 3: source tasks S_1..S_k); afterwards the factors of a task's sources
are where the task itself starts from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from models.examples import Example
from models.network import Network
from models.tasks import OUTSIDE, TASKS, Task

_AT = "@"


def source_tasks(
    examples: Sequence[Example], tasks: Mapping[str, Task] = TASKS
) -> tuple[list[Example], dict[str, Task]]:
    """Return the examples under source tasks, and those tasks by name.

    The task ``invoice`` taught by the set ``adbuy`` becomes ``invoice@adbuy`` with the labels that
    occur there. Tasks that classify whole windows have no partial labels and stay as they are.
    """
    groups: dict[tuple[str, Task], list[Example]] = defaultdict(list)
    for example in examples:
        if example.task is not None and example.task.name in tasks:
            groups[f"{example.task.name}{_AT}{example.source}", example.task].append(example)
    found = {
        name: task
        for name, task in tasks.items()
        if task.head != "tag" and any(example.answers(name) for example in examples)
    }
    narrowed: dict[int, Example] = {}
    for (name, task), members in groups.items():
        columns = _taught(task, members)
        found[name] = replace(task, name=name, labels=tuple(task.labels[c] for c in columns))
        for member in members:
            narrowed[id(member)] = _narrowed(member, found[name], columns)
    return [narrowed.get(id(example), example) for example in examples], found


def origin(name: str) -> str:
    """Return the task that a source task is a source of."""
    return name.split(_AT)[0]


@torch.no_grad()
def gathered(network: Network, tasks: Mapping[str, Task]) -> Network:
    """Return a network for ``tasks`` that starts where the sources of each ended.

    Shared prompt, layout and everything shared of the heads are the network's; a task's factors
    and label vectors are the mean of its sources', those of a task without sources start anew.
    """
    whole = Network(
        network.backbone,
        tasks,
        prompt_length=network.prompt.shared.shape[1],
        label_size=network.head.base.shape[1],
        mixers=len(network.head.mixers),
    )
    known, own = network.state_dict(), whole.state_dict()
    for name, value in known.items():
        if name in own and own[name].shape == value.shape and name != "head.base":
            own[name].copy_(value)
    index = network.head.index
    whole.head.start_from(network.backbone, tasks, frozenset(whole.head.index) - frozenset(index))
    for label in whole.head.index.keys() & index.keys():
        whole.head.base[whole.head.index[label]] = network.head.base[index[label]]
    for name, task in tasks.items():
        sources = [s for s in network.prompt.names if origin(s) == name and s != name]
        if not sources:
            continue
        for factors, kept in (
            (whole.prompt.u, network.prompt.u),
            (whole.prompt.v, network.prompt.v),
        ):
            factors[name].copy_(torch.stack([kept[s] for s in sources]).mean(0))
        for row, label in enumerate(task.names):
            places = [(s, network.tasks[s].names) for s in sources]
            rows = [(s, names.index(label)) for s, names in places if label in names]
            for part, learnt in (
                (whole.head.delta, network.head.delta),
                (whole.head.bias, network.head.bias),
            ):
                if rows:
                    part[name][row] = torch.stack([learnt[s][i] for s, i in rows]).mean(0)
    return whole


def _taught(task: Task, members: Sequence[Example]) -> list[int]:
    """Return the columns of a task's labels that occur in some example, outside first."""
    found = np.zeros(len(task.labels), dtype=bool)
    for example in members:
        for allowed, begins in zip(example.allowed, example.begins, strict=True):
            if (begins >= 0).any():
                known = ~allowed.all(0)  # what a set does not label is allowed everywhere
                found |= allowed[begins >= 0].any(0) & known
    return [c for c, name in enumerate(task.names) if name == OUTSIDE or found[c]]


def _narrowed(example: Example, task: Task, columns: Sequence[int]) -> Example:
    names = set(task.names)
    return replace(
        example,
        task=task,
        allowed=tuple(page[:, list(columns)] for page in example.allowed),
        places={n: s for n, s in (example.places or {}).items() if n in names},
    )

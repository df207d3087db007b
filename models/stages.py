"""Multitask prompt tuning from end to end: teachers, source training, target adaptation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from models.backbone import Backbone
from models.config import Config
from models.descent import Progress
from models.examples import Example
from models.network import Network
from models.sources import gathered, source_tasks
from models.tasks import TASKS, Task
from models.train import adapt, teach, train


def tuned(
    backbone: Backbone,
    examples: Sequence[Example],
    config: Config,
    *,
    weights: Mapping[str, float],
    tasks: Mapping[str, Task] = TASKS,
    progress: Progress = lambda step, loss: None,
    minutes: float = math.inf,
) -> Network:
    """Return a network after all stages of the paper (Wang et al. 2023, section 3).

    Every data set is a source task: ``config.teacher_steps`` for the teacher of each, then
    ``config.steps`` of source training together. A task starts from its sources and adapts by its
    own numbers for ``config.target_steps``. ``progress`` counts on through all of them (``steps``
    tells how many there are), ``minutes`` bound the source training.
    """
    sources, found = source_tasks(examples, tasks)
    done = 0

    def note(step: int, loss: float) -> None:
        progress(done + step, loss)

    teachers = teach(backbone, sources, config, tasks=found, weights=weights, progress=note)
    done += len(found) * config.teacher_steps
    student = train(
        backbone,
        sources,
        config,
        weights=weights,
        tasks=found,
        progress=note,
        minutes=minutes,
        teachers=teachers,
    )
    done += config.steps
    network = gathered(student, tasks)
    short = replace(config, steps=config.target_steps)
    for name in _targets(examples, tasks) if config.target_steps else ():
        adapt(network, name, examples, short, progress=note)
        done += config.target_steps
    return network


def steps(examples: Sequence[Example], config: Config, tasks: Mapping[str, Task] = TASKS) -> int:
    """Return how many steps all stages of ``tuned`` take."""
    _, found = source_tasks(examples, tasks)
    targets = len(_targets(examples, tasks)) * config.target_steps
    return len(found) * config.teacher_steps + config.steps + targets


def _targets(examples: Sequence[Example], tasks: Mapping[str, Task]) -> list[str]:
    """Return the tasks that some example teaches."""
    tagged = {example.task.name for example in examples if example.task is not None}
    return [n for n in tasks if n in tagged or any(e.answers(n) for e in examples)]

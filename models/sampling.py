"""Which windows make a training batch: tasks mixed, sources capped, lengths alike."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from doctally.errors import ConfigurationError
from models.config import Config
from models.examples import Example
from models.tasks import TASKS, Task
from models.windows import Window, cut, opening


@dataclass(frozen=True, slots=True)
class Draw:
    """A window of an example, to be used by a task that classifies or one that tags."""

    example: Example
    window: Window
    task: str
    classify: bool


class Sampler:
    """Draws batches without end; ``weights`` is each source's share of the windows.

    ``tasks`` are those to draw for; examples that teach none of them are left aside. Raises
    ConfigurationError if all are.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        *,
        weights: Mapping[str, float],
        config: Config,
        tasks: Mapping[str, Task] = TASKS,
    ) -> None:
        self._random = random.Random(config.seed)
        self._config = config
        self._tasks = tasks
        self._judging = tuple(t.name for t in tasks.values() if t.head != "tag")
        groups: dict[tuple[str, str], list[int]] = {}
        self._examples = [e for e in examples if self._judged(e) or self._tagged(e)]
        self._windows = [
            list(cut(e.encoded, document=i, size=config.window, overlap=config.overlap))
            for i, e in enumerate(self._examples)
        ]
        for i, example in enumerate(self._examples):
            if self._windows[i]:
                known = example.types or ((example.status,) if example.status else ())
                kind = known[0] if known else ""
                groups.setdefault((example.source, kind), []).append(i)
        if not groups:
            raise ConfigurationError(f"no document teaches any of: {', '.join(tasks)}")
        self._groups = groups
        self._weights = {
            key: weights.get(key[0], 1.0) * len(members) ** 0.5 for key, members in groups.items()
        }

    def batches(self) -> Iterator[list[Draw]]:
        """Return batches whose padded size stays under ``pieces_per_batch``."""
        most = self._config.pieces_per_batch
        while True:
            pool = [self._draw() for _ in range(max(64, 8 * most // self._config.window))]
            pool.sort(key=lambda d: d.window.length)
            groups: list[list[Draw]] = [[]]
            for draw in pool:
                size = draw.window.length * (len(groups[-1]) + 1)
                if groups[-1] and size > most:
                    groups.append([])
                groups[-1].append(draw)
            self._random.shuffle(groups)
            yield from groups

    def _draw(self) -> Draw:
        while True:
            keys = list(self._weights)
            key = self._random.choices(keys, [self._weights[k] for k in keys])[0]
            index = self._random.choice(self._groups[key])
            example, windows = self._examples[index], self._windows[index]
            judged = self._judged(example)
            tagged = self._tagged(example)
            if judged and (self._random.random() < self._config.route_share or self._only):
                window = self._random.choice(opening(windows))
                return Draw(example, window, self._random.choice(judged), classify=True)
            if tagged:
                return Draw(example, self._choose(example, windows), tagged, classify=False)

    @property
    def _only(self) -> bool:
        return len(self._judging) == len(self._tasks)

    def _judged(self, example: Example) -> tuple[str, ...]:
        """Return the tasks that classify and whose answer the example knows."""
        return tuple(name for name in self._judging if example.answers(name))

    def _tagged(self, example: Example) -> str:
        """Return the task that tags the example, or nothing."""
        known = example.task is not None and example.task.name in self._tasks
        return example.task.name if known and example.task is not None else ""

    def _choose(self, example: Example, windows: Sequence[Window]) -> Window:
        """Prefer windows that hold labelled words: three draws in four."""
        if len(windows) > 1 and self._random.random() < 0.75:
            rich = [
                w for w in windows if (example.begins[w.page][w.first : w.last] == 1).sum() >= 2
            ]
            if rich:
                return self._random.choice(rich)
        return self._random.choice(windows)

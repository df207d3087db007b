"""Stopwatches around the program's own functions: what each step takes of the clock.

A step's time is without what other watched steps took inside it, so that all of them add up.
"""

from __future__ import annotations

import importlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

WATCHED = {
    "tokenise": ("models.engine:encode_reading",),
    "backbone": ("models.backbone:Backbone.__call__",),
    "decode": ("models.engine:Engine.extract",),
    "read": ("flows.home:Home.read_step",),
    "stacks": ("flows.home:take_apart",),
    "validate": ("flows.steps:judge",),
    "SQL": ("flows.home:Home.store_step", "flows.home:Home._renew"),
    "match": ("db.store:settle",),
    "categories": ("flows.home:sort_new",),
    "file": ("flows.home:Home.finish_step",),
    "claim": ("flows.line:Line.next",),
}
"""Steps and the functions that are timed for them, as module:name."""


class Watch:
    """Seconds of the clock by step."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._open: list[float] = []

    def around(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed; those that others call inside are not counted twice."""

        @wraps(work)
        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            self._open.append(0.0)
            try:
                return work(*args, **kwargs)
            finally:
                took = time.perf_counter() - began
                self.spent[step] += took - self._open.pop()
                if self._open:
                    self._open[-1] += took

        return timed


@contextmanager
def watching() -> Iterator[Watch]:
    """Give a watch of all steps; right where they follow each other, as the runner's do."""
    watch, before = Watch(), []
    for step, names in WATCHED.items():
        for name in names:
            module, _, path = name.partition(":")
            place: Any = importlib.import_module(module)
            *above, last = path.split(".")
            for part in above:
                place = getattr(place, part)
            before.append((place, last, getattr(place, last)))
            setattr(place, last, watch.around(step, getattr(place, last)))
    try:
        yield watch
    finally:
        for place, last, work in before:
            setattr(place, last, work)

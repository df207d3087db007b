"""Calls of many callers, joined into passes of one model: what waits while it works goes next.

One pass at a time, in the order in which calls came; documents of several calls are read together
as far as they fit. A caller who goes away before his pass began costs nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from doctally.errors import BadDocument, DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction


class Model(Protocol):
    """What is asked: ``flows.apart.Apart``."""

    def extract_each(self, readings: Sequence[Reading]) -> list[Extraction | BadDocument]:
        """Return an extraction or a fault per reading."""
        ...

    def ask(self, verb: str, *given: Any) -> Any:
        """Return what the engine answers."""
        ...


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass of the model, for whoever counts: callers, documents, seconds."""

    callers: int
    documents: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    verb: str
    given: tuple[Any, ...]
    future: asyncio.Future[Any]

    @property
    def weight(self) -> int:
        return len(self.given[0]) if self.verb == "extract" else 0


class Joint:
    """A line before the model; ``run`` works on it. ``told`` hears of every pass."""

    def __init__(self, model: Model, *, at_most: int, told: Callable[[Pass], None]) -> None:
        self._model = model
        self._at_most = at_most
        self._told = told
        self._line: deque[_Call] = deque()
        self._came = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Return how many documents wait for their pass."""
        return sum(call.weight for call in self._line if not call.future.done())

    async def extract(self, readings: Sequence[Reading]) -> list[Extraction | BadDocument]:
        """Return an extraction or a fault per reading, after its pass."""
        found: list[Extraction | BadDocument] = await self._put("extract", readings)
        return found

    async def ask(self, verb: str, *given: Any) -> Any:
        """Return what the engine's method answers, when its turn comes."""
        return await self._put(verb, *given)

    async def run(self) -> None:
        """Work for ever; to be cancelled."""
        while True:
            if not (calls := self._next()):
                self._came.clear()
                await self._came.wait()
                continue
            began = time.perf_counter()
            try:
                answers = await asyncio.to_thread(self._pass, calls)
            except Exception as error:  # each caller hears of it, the others go on
                answers = [error] * len(calls)
            for call, answer in zip(calls, answers, strict=True):
                _settle(call.future, answer)
            documents = sum(call.weight for call in calls)
            self._told(Pass(len(calls), documents, time.perf_counter() - began))

    async def _put(self, verb: str, *given: Any) -> Any:
        future = asyncio.get_running_loop().create_future()
        self._line.append(_Call(verb, given, future))
        self._came.set()
        return await future

    def _next(self) -> list[_Call]:
        """Return the calls of the next pass: documents together, anything else alone."""
        calls: list[_Call] = []
        while self._line:
            if self._line[0].future.done():  # nobody waits for it any more
                self._line.popleft()
                continue
            first = self._line[0]
            weight = sum(call.weight for call in calls) + first.weight
            if calls and (first.verb != "extract" or weight > self._at_most):
                break
            calls.append(self._line.popleft())
            if first.verb != "extract":
                break
        return calls

    def _pass(self, calls: Sequence[_Call]) -> list[Any]:
        if calls[0].verb != "extract":
            return [self._model.ask(calls[0].verb, *calls[0].given)]
        found = iter(self._model.extract_each([r for call in calls for r in call.given[0]]))
        return [[next(found) for _ in call.given[0]] for call in calls]


def _settle(future: asyncio.Future[Any], answer: Any) -> None:
    if future.done():
        return
    if isinstance(answer, DoctallyError):
        future.set_exception(answer)
    elif isinstance(answer, Exception):
        said = f"{type(answer).__name__}: {answer}"
        future.set_exception(DoctallyError(said, code="engine_error"))
    else:
        future.set_result(answer)

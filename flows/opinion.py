"""Lines that their texts leave in doubt: the bank's pair task is asked, where it is there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doctally.errors import DoctallyError
from doctally.matching import Judge, Line
from flows.batch import Extractor
from flows.engine import Comparer
from models.pairs import TASK

AT_ONCE = 400
"""Pairs that the bank is asked about for a batch, no transaction open: some seconds."""

log = logging.getLogger("doctally.matching")


@dataclass(frozen=True, slots=True)
class BankJudge:
    """Asks an engine that is loaded when it is first needed; its faults cost no matching."""

    engine: Callable[[], Extractor]
    at_most: int

    def __call__(self, pairs: Sequence[tuple[Line, Line]]) -> list[float]:
        """Return the probability that each pair is one article; 0, no opinion, if it fails."""
        from models.opinion import LineJudge

        nothing = [0.0] * len(pairs)
        try:
            engine = self.engine()
            if not isinstance(engine, Comparer) or TASK not in engine.tasks:
                return nothing
            said = LineJudge(engine.same)(pairs[: self.at_most])
            return [*said, *nothing[len(said) :]]
        except (DoctallyError, RuntimeError, ValueError) as error:
            log.warning("%d pairs of lines could not be compared: %s", len(pairs), error)
            return nothing


def judge_of(engine: Callable[[], Extractor] | None, *, at_most: int = AT_ONCE) -> Judge | None:
    """Return the judge of lines in doubt, None without an engine."""
    return None if engine is None else BankJudge(engine, at_most)

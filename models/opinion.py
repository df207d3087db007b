"""The trained pair task as a judge of order lines: description, code, unit and price of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doctally.matching import Line
from models.pairs import Pair
from models.records import Record


@dataclass(frozen=True, slots=True)
class LineJudge:
    """A ``doctally.matching.Judge``; ``same`` is that of an engine."""

    same: Callable[[Sequence[Pair]], Sequence[float]]

    def __call__(self, pairs: Sequence[tuple[Line, Line]]) -> list[float]:
        """Return for each pair of lines the probability that both are one article."""
        return list(self.same([Pair(_record(one), _record(other)) for one, other in pairs]))


def _record(line: Line) -> Record:
    """Return a line as the pair task reads a record."""
    title = " ".join(part for part in (line.text, line.code) if part)
    each = line.each
    return Record(title, line.unit, price=float(each) if each and each > 0 else None)

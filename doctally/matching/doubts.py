"""A second opinion on lines that text, code and price leave undecided.

Reconciling notes the pairs of lines in doubt; a judge from outside (the trained pair task, see
``models.pairs``) is asked about all of them together, and its answers weigh in when the papers are
reconciled again. Clear lines are never asked about: a judge takes milliseconds a pair, texts take
microseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from doctally.matching.charges import is_charge
from doctally.matching.ledger import Entry
from doctally.matching.papers import Line
from doctally.matching.scoring import known_code

Matrix = NDArray[np.float64]

_NEAR = 0.4
"""A candidate so much below the best one may still be the right one."""
_CLEAR = 0.8
"""A text so alike needs no second opinion where no other candidate is near."""
_CANDIDATES = 6
_TRUST = 0.9
"""What a judge is sure of counts as a likeness of texts, times this; a doubt of its takes nothing
away, for an order is a short list and the judge has not seen the others on it."""


class Judge(Protocol):
    """Anything that says how likely lines are the same thing, many pairs at once."""

    def __call__(self, pairs: Sequence[tuple[Line, Line]]) -> Sequence[float]:
        """Return probabilities 0..1; 0 where it has nothing to say."""
        ...


@dataclass(slots=True)
class Doubts:
    """The pairs of lines in doubt, and what a judge has said of them."""

    asked: dict[tuple[str, ...], tuple[Line, Line]] = field(default_factory=dict)
    answers: dict[tuple[str, ...], float] = field(default_factory=dict)

    def note(
        self, lines: Sequence[Line], entries: Sequence[Entry], texts: Matrix, scores: Matrix
    ) -> None:
        """Note what neither code nor text decides; both matrices are [lines, entries]."""
        for i, line in enumerate(lines):
            if is_charge(line) or any(known_code(line, entry) for entry in entries):
                continue
            best = int(scores[i].argmax())
            near = [
                int(j) for j in np.argsort(-scores[i]) if scores[i, j] >= scores[i, best] - _NEAR
            ]
            near = near[:_CANDIDATES]
            if len(near) == 1 and texts[i, best] >= _CLEAR:
                continue
            if len({_words(entries[j].line) for j in near}) < min(len(near), 2):
                continue  # one article ordered twice: no words tell which
            for j in near:
                self.asked.setdefault(_key(line, entries[j].line), (line, entries[j].line))

    def ask(self, judge: Judge) -> bool:
        """Ask a judge about all that is noted; tell whether there was anything."""
        new = [key for key in self.asked if key not in self.answers]
        if new:
            said = judge([self.asked[key] for key in new])
            self.answers |= dict(zip(new, said, strict=True))
        return bool(new)

    def weighed(self, text: float, line: Line, candidate: Line) -> float:
        """Return a likeness of texts 0..1 with what the judge has said, as it is if nothing."""
        if not self.answers:
            return text
        return max(text, _TRUST * self.answers.get(_key(line, candidate), 0.0))


def _words(line: Line) -> tuple[str, str]:
    return line.text.casefold(), line.code.casefold()


def _key(line: Line, candidate: Line) -> tuple[str, ...]:
    return (*_words(line), *_words(candidate))

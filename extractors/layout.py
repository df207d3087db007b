"""Words from glyphs, and words into reading order.

Works in points with the origin at the top left of the page as a person sees it. Sideways text is
turned upright for the grouping only (``Turn``); its boxes stay where they are printed.
NOT handled: columns of running text (lines go across the page, as in tables) and right-to-left
scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Literal

from doctally.pages import Box, Word

Turn = Literal[0, 1, 2, 3]
"""Quarter turns clockwise of the writing direction: 0 is left to right, 1 top to bottom."""

_WORD_GAP = 0.17
"""Largest gap between two letters of a word, in font sizes; a space is 0.25 to 0.33."""
_HINTED_GAP = 0.04
"""The same where pdfium's own heuristics see a space."""
_LETTER_SPACING = 0.5
"""Letter spacing in font sizes up to which a run's usual gap is taken off all its gaps."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One printed character; ``x`` and ``y`` run along and across its writing direction."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Letters that belong together; ``opened`` and ``closed`` tell of printed white space."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    turn: Turn = 0
    opened: bool = False
    closed: bool = False
    confidence: float = 1.0

    @property
    def middle(self) -> float:
        """Return the height of the run's centre on the page, in points."""
        return (self.y0 + self.y1) / 2


def split_runs(
    glyphs: Sequence[Glyph],
    *,
    size: float,
    bold: bool,
    turn: Turn,
    opened: bool,
    closed: bool,
) -> list[Run]:
    """Return the words of glyphs that were printed one after the other without a space."""
    gaps = [after.x0 - before.x1 for before, after in pairwise(glyphs)]
    usual = median(gaps) if len(gaps) > 2 else 0.0
    if not -_LETTER_SPACING * size < usual < _LETTER_SPACING * size:
        usual = 0.0
    wide, narrow = usual + _WORD_GAP * size, usual + _HINTED_GAP * size
    limits = (narrow if glyph.hinted else wide for glyph in glyphs[1:])
    cuts = [
        0,
        *(i + 1 for i, (gap, limit) in enumerate(zip(gaps, limits, strict=True)) if gap > limit),
        len(glyphs),
    ]
    last = len(cuts) - 2
    return [
        Run(
            text="".join(g.text for g in part),
            x0=min(g.x0 for g in part),
            y0=min(g.y0 for g in part),
            x1=max(g.x1 for g in part),
            y1=max(g.y1 for g in part),
            size=size,
            bold=bold,
            turn=turn,
            opened=opened if i == 0 else True,
            closed=closed if i == last else True,
        )
        for i, part in enumerate(glyphs[a:b] for a, b in pairwise(cuts))
    ]


def lines_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Return the visual lines from top to bottom, each sorted from left to right.

    Runs share a line when their centres are closer than 0.4 of the smaller one's height.
    """
    lines: list[list[Run]] = []
    centres: list[float] = []
    heights: list[float] = []
    for run in sorted(runs, key=lambda r: r.middle):
        height = max(run.y1 - run.y0, 0.1)
        for k in range(len(lines) - 1, max(len(lines) - 4, -1), -1):
            if abs(run.middle - centres[k]) < 0.4 * min(height, heights[k]):
                line = lines[k]
                centres[k] += (run.middle - centres[k]) / (len(line) + 1)
                heights[k] += (height - heights[k]) / (len(line) + 1)
                line.append(run)
                break
        else:
            lines.append([run])
            centres.append(run.middle)
            heights.append(height)
    order = sorted(range(len(lines)), key=centres.__getitem__)
    return [sorted(lines[k], key=lambda r: (r.x0, r.x1)) for k in order]


def join_touching(line: Sequence[Run]) -> list[Run]:
    """Return the line with pieces of one word joined and overprinted copies dropped."""
    joined: list[Run] = []
    for run in line:
        if not joined:
            joined.append(run)
            continue
        last = joined[-1]
        size = min(last.size, run.size)
        near = abs(last.x0 - run.x0) < 0.2 * size and abs(last.middle - run.middle) < 0.2 * size
        if near and last.text == run.text:
            joined[-1] = replace(last, bold=True)
            continue
        gap = run.x0 - last.x1
        touching = -0.3 * size < gap < _WORD_GAP * 0.6 * size
        alike = max(last.size, run.size) < 1.3 * size
        if touching and alike and not (last.closed or run.opened):
            joined[-1] = replace(
                last,
                text=last.text + run.text,
                y0=min(last.y0, run.y0),
                x1=max(last.x1, run.x1),
                y1=max(last.y1, run.y1),
                closed=run.closed,
            )
        else:
            joined.append(run)
    return joined


def proportional_words(text: str, x0: float, y0: float, x1: float, y1: float) -> list[Run]:
    """Return the words of a text box, each as wide as its share of the box's letters."""
    each = (x1 - x0) / max(len(text), 1)
    runs: list[Run] = []
    for match in re.finditer(r"\S+", text):
        runs.append(
            Run(
                text=match.group(),
                x0=x0 + match.start() * each,
                y0=y0,
                x1=x0 + match.end() * each,
                y1=y1,
                size=y1 - y0,
                bold=False,
                opened=True,
                closed=True,
            )
        )
    return runs


def to_words(lines: Iterable[Sequence[Run]], *, width: float, height: float) -> Iterator[Word]:
    """Yield the words of lines with boxes in fractions of a page of width and height."""
    for line in lines:
        for run in line:
            yield Word(
                text=run.text,
                box=Box(
                    min(max(run.x0 / width, 0.0), 1.0),
                    min(max(run.y0 / height, 0.0), 1.0),
                    min(max(run.x1 / width, 0.0), 1.0),
                    min(max(run.y1 / height, 0.0), 1.0),
                ),
                size=round(run.size, 2),
                bold=run.bold,
                confidence=run.confidence,
            )

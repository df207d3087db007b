"""Words from glyphs, and words into reading order.

Works in points with the origin at the top left of the page as a person sees it. Sideways text is
turned upright for the grouping only (``Turn``); its boxes stay where they are printed.
NOT handled: columns of running text (lines go across the page, as in tables) and right-to-left
scripts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from doctally.pages import Box, Word

Turn = Literal[0, 1, 2, 3]
"""Quarter turns clockwise of the writing direction: 0 is left to right, 1 top to bottom."""

_X = TypeVar("_X", float, npt.NDArray[np.float64])

TOUCHING = 0.1
"""Pieces of a word on one line are joined up to this gap, in font sizes."""
_SAME_LINE = 0.4
"""Words share a line when their centres are closer than this share of the smaller height."""


@dataclass(slots=True)
class Run:
    """Letters that belong together; ``opened`` and ``closed`` tell of white space around them."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool = False
    opened: bool = True
    closed: bool = True
    confidence: float = 1.0


def lines_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Return the visual lines from top to bottom, each sorted from left to right."""
    lines: list[list[Run]] = []
    middles: list[float] = []
    heights: list[float] = []
    for run in sorted(runs, key=lambda r: r.y0 + r.y1):
        height = max(run.y1 - run.y0, 0.1)
        middle = (run.y0 + run.y1) / 2
        for k in range(len(lines) - 1, max(len(lines) - 4, -1), -1):
            if abs(middle - middles[k]) < _SAME_LINE * min(height, heights[k]):
                line = lines[k]
                line.append(run)
                middles[k] += (middle - middles[k]) / len(line)
                heights[k] += (height - heights[k]) / len(line)
                break
        else:
            lines.append([run])
            middles.append(middle)
            heights.append(height)
    order = sorted(range(len(lines)), key=middles.__getitem__)
    return [sorted(lines[k], key=lambda r: (r.x0, r.x1)) for k in order]


def join_touching(line: Iterable[Run]) -> list[Run]:
    """Return the line with the pieces of a word joined and overprinted copies dropped."""
    joined: list[Run] = []
    for run in line:
        if joined:
            last = joined[-1]
            size = min(last.size, run.size)
            if last.text == run.text and abs(last.x0 - run.x0) < 0.2 * size:
                last.bold = True
                continue
            apart = last.closed or run.opened or max(last.size, run.size) > 1.3 * size
            if not apart and -0.3 * size < run.x0 - last.x1 < TOUCHING * size:
                last.text += run.text
                last.x1 = max(last.x1, run.x1)
                last.y0 = min(last.y0, run.y0)
                last.y1 = max(last.y1, run.y1)
                last.closed = run.closed
                continue
        joined.append(run)
    return joined


def turned(x0: _X, y0: _X, x1: _X, y1: _X, turn: Turn) -> tuple[_X, _X, _X, _X]:
    """Return the edges (numbers or arrays) where text of this turn runs from left to right."""
    match turn:
        case 0:
            return x0, y0, x1, y1
        case 1:
            return y0, -x1, y1, -x0
        case 2:
            return -x1, -y1, -x0, -y0
        case 3:
            return -y1, x0, -y0, x1


def to_words(lines: Iterable[Sequence[Run]], *, width: float, height: float) -> Iterator[Word]:
    """Yield the words of lines with boxes in fractions of a page of width and height.

    Words whose centre is outside the page are left out, as a person does not see them.
    """
    for line in lines:
        for run in line:
            if 0 <= run.x0 + run.x1 <= 2 * width and 0 <= run.y0 + run.y1 <= 2 * height:
                yield Word(
                    run.text,
                    Box(
                        max(run.x0 / width, 0.0),
                        max(run.y0 / height, 0.0),
                        min(run.x1 / width, 1.0),
                        min(run.y1 / height, 1.0),
                    ),
                    round(run.size, 2),
                    run.bold,
                    run.confidence,
                )

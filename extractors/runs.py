"""Words of a page from its glyphs: cut at white space, at gaps and where the pen jumps.

Gaps are judged in font sizes and against the usual gap of the run itself, so that letter-spaced
text stays whole and tightly set text does not glue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

import numpy as np
import numpy.typing as npt

from extractors.glyphs import Boxes, Glyphs, Style
from extractors.layout import Run, Turn, turned

WORD_GAP = 0.17
"""Largest gap between two letters of a word, in font sizes; a space is 0.25 to 0.33."""
_HINTED_GAP = 0.04
"""The same where pdfium's own heuristics see a space."""
_LETTER_SPACING = 0.5
"""Up to this many font sizes a run's usual gap counts as its letter spacing."""

_Indices = npt.NDArray[np.intp]


def runs_by_turn(glyphs: Glyphs, style: Style) -> Iterator[tuple[Turn, list[Run]]]:
    """Yield the words of each writing direction, in the frame of that direction."""
    everything = np.arange(len(glyphs.letters))
    runs, sideways = _runs(glyphs, glyphs.boxes, everything, 0, style)
    yield 0, runs
    for turn, parts in sorted(sideways.items()):
        x0, y0, x1, y1 = glyphs.boxes.T
        boxes = np.stack(turned(x0, y0, x1, y1, turn), axis=1)
        yield turn, _runs(glyphs, boxes, np.concatenate(parts), turn, style)[0]


def _runs(
    glyphs: Glyphs, boxes: Boxes, chosen: _Indices, wanted: Turn, style: Style
) -> tuple[list[Run], dict[Turn, list[_Indices]]]:
    """Return the words of the chosen glyphs, and by direction those that do not run this way."""
    sideways: dict[Turn, list[_Indices]] = {}
    if not len(chosen):
        return [], sideways
    x0, y0, x1, y1 = boxes[chosen].T
    gaps = x0[1:] - x1[:-1]
    spaced = glyphs.spaced[chosen]
    jumps = _jumps(x0, y0, x1, y1) | spaced[1:]
    edges = [0, *(np.flatnonzero(jumps) + 1).tolist(), len(chosen)]
    gap_list, hinted = gaps.tolist(), glyphs.hinted[chosen].tolist()
    starts: list[int] = []
    looks: list[tuple[float, bool] | None] = []
    for start, end in pairwise(edges):
        size, bold, turn = style(glyphs.places[chosen[start]])
        starts.append(start)
        if turn != wanted:
            sideways.setdefault(turn, []).append(chosen[start:end])
            looks.append(None)
            continue
        cuts = _cuts(gap_list[start : end - 1], hinted[start + 1 : end], size)
        starts.extend(start + cut for cut in cuts)
        looks.extend([(size, bold)] * (len(cuts) + 1))
    ends = [*starts[1:], len(chosen)]
    segment_starts, closing = set(edges), [*spaced.tolist(), True]
    letters = [glyphs.letters[i] for i in chosen.tolist()]
    extents = zip(
        np.minimum.reduceat(x0, starts).tolist(),
        np.minimum.reduceat(y0, starts).tolist(),
        np.maximum.reduceat(x1, starts).tolist(),
        np.maximum.reduceat(y1, starts).tolist(),
        strict=True,
    )
    runs = [
        Run(
            "".join(letters[start:end]),
            *extent,
            size=look[0],
            bold=look[1],
            opened=start not in segment_starts or closing[start],
            closed=end not in segment_starts or closing[end],
        )
        for start, end, look, extent in zip(starts, ends, looks, extents, strict=True)
        if look is not None
    ]
    return runs, sideways


def _jumps(
    x0: npt.NDArray[np.float64],
    y0: npt.NDArray[np.float64],
    x1: npt.NDArray[np.float64],
    y1: npt.NDArray[np.float64],
) -> npt.NDArray[np.bool_]:
    """Return where the pen leaves the line, steps back or leaps, before glyph 1, 2, ..."""
    height = np.maximum(y1 - y0, 0.1)[:-1]
    off = np.abs(np.diff(y0 + y1)) > 0.5 * height
    back = x0[1:] < x0[:-1] - 0.3 * height
    leap = x0[1:] > x1[:-1] + 3 * height
    jumps: npt.NDArray[np.bool_] = off | back | leap
    return jumps


def _cuts(gaps: Sequence[float], hinted: Sequence[bool], size: float) -> list[int]:
    """Return the letters of a run (from 1) before which a new word starts."""
    if not gaps:
        return []
    usual = median(gaps) if len(gaps) > 2 else 0.0
    if abs(usual) > _LETTER_SPACING * size:
        usual = 0.0
    wide, narrow = usual + WORD_GAP * size, usual + _HINTED_GAP * size
    return [
        i
        for i, (gap, hint) in enumerate(zip(gaps, hinted, strict=True), start=1)
        if gap > wide or (hint and gap > narrow)
    ]

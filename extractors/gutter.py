"""Two pages side by side on one scan: where the fold is, if there is one.

A landscape table must never be cut. So a blank band down the middle is not enough: nothing may
cross it, and the halves must be pages of their own: a shadow in the fold, a page
number each, a letterhead on both, or lines that do not stand on one height.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from extractors.layout import Run, lines_of

_SHAPE = (1.15, 1.75)
"""Width to height of two upright pages side by side."""
_MIDDLE = (0.44, 0.56)
"""Where the fold may be, in shares of the width."""
_BAND = 0.018
"""How wide the band without words must be."""
_FEWEST = 15
"""Words that each half must have."""
_LINES = 8
"""Lines from which it tells something that they do not stand on one height."""
_ALIGNED = 0.5
"""Half-way between what chance gives and all lines having a partner at their height."""
_SAME_HEIGHT = 0.2
_EDGE = 0.12
_REPEATED = 4
_DARK = 110
_NUMBER = re.compile(
    r"(?:page|seite|blatt|página|pagina|pág|strona|str|feuille)\s*[.:]*\s*(\d{1,3})", re.IGNORECASE
)


def fold(runs: Sequence[Run], image: Image.Image) -> float | None:
    """Return the fold of a double page in pixels from the left, None for a single page.

    ``runs`` are the words of the upright ``image``, in its pixels.
    """
    across, down = image.size
    if not _SHAPE[0] < across / max(down, 1) < _SHAPE[1]:
        return None
    band = _band(runs, across)
    if band is None:
        return None
    middle = sum(band) / 2
    left = [run for run in runs if run.x1 <= middle]
    right = [run for run in runs if run.x0 >= middle]
    if min(len(left), len(right)) < _FEWEST:
        return None
    crossed, shadow = _ink_in(image, *band)
    if crossed:
        return None
    numbered = _numbered(left, down) and _numbered(right, down)
    if shadow or numbered or _repeats(left, right, down) or _uneven(left, right):
        return middle
    return None


def _band(runs: Sequence[Run], across: int) -> tuple[float, float] | None:
    """Return the widest band without words whose middle may be the fold."""
    best: tuple[float, float] | None = None
    reached = 0.0
    for run in sorted(runs, key=lambda r: r.x0):
        if run.x0 > reached:
            start, end = reached, run.x0
            in_the_middle = _MIDDLE[0] * across < (start + end) / 2 < _MIDDLE[1] * across
            wide = end - start > max(_BAND * across, best[1] - best[0] if best else 0.0)
            if in_the_middle and wide:
                best = (start, end)
        reached = max(reached, run.x1)
    return best


def _ink_in(image: Image.Image, start: float, end: float) -> tuple[bool, bool]:
    """Return whether a rule crosses the band, and whether a shadow fills a part of it."""
    box = (int(start) + 2, 0, max(int(end) - 2, int(start) + 3), image.height)
    dark = np.asarray(image.convert("L").crop(box)) < _DARK
    shadow = bool((dark.mean(axis=0) > 0.5).any())
    rows = dark.mean(axis=1) > 0.9
    return bool(rows.any() and rows.mean() < 0.5), shadow


def _numbered(half: Sequence[Run], down: int) -> bool:
    """Tell whether a half has a page number of its own at its head or foot."""
    edge = [run for run in half if run.y1 < _EDGE * down or run.y0 > (1 - _EDGE) * down]
    lines = (" ".join(run.text for run in line) for line in lines_of(edge))
    return any(_NUMBER.search(line) for line in lines)


def _repeats(left: Sequence[Run], right: Sequence[Run], down: int) -> bool:
    """Tell whether the top of one half, a letterhead, stands on the other at the same place."""
    shifts: dict[int, set[str]] = {}
    for a in left:
        for b in right:
            same = a.text == b.text and len(a.text) > 2 and a.y1 < 0.3 * down
            if same and abs(a.y0 - b.y0) < 0.01 * down:
                shifts.setdefault(round((b.x0 - a.x0) / (0.01 * down)), set()).add(a.text)
    near = [words | shifts.get(shift + 1, set()) for shift, words in shifts.items()]
    return max(map(len, near), default=0) >= _REPEATED


def _uneven(left: Sequence[Run], right: Sequence[Run]) -> bool:
    """Tell whether the lines of the halves stand on heights of their own.

    Of lines that have nothing to do with each other as many have a partner as the other half's
    lines cover of the height; of a table's rows almost all.
    """
    middles = []
    for half in (left, right):
        lines = lines_of(half)
        middles.append(np.array([sum(r.y0 + r.y1 for r in line) / len(line) / 2 for line in lines]))
    fewer, more = sorted(middles, key=len)
    if len(fewer) < _LINES:
        return False
    reach = _SAME_HEIGHT * float(np.median([run.y1 - run.y0 for run in (*left, *right)]))

    def met(heights: npt.NDArray[np.float64]) -> float:
        return float((np.abs(heights[:, None] - more).min(axis=1) < reach).mean())

    by_chance = met(np.linspace(fewer.min(), fewer.max(), 400))
    return met(fewer) < by_chance + _ALIGNED * (1 - by_chance)

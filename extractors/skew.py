"""How far the lines of a scanned page are from level.

The dark lower edges of letters are projected along candidate directions (Postl 1986): where the
lines of text lie, the projection is sharpest. The same holds for a page on its side, seen across.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

MOST = 12.0
"""Degrees either way; a page that lies worse is not measured."""
_SIDE = 1000
_INK = 20  # how much darker than its surroundings
_POINTS = 15_000
_FEWEST = 100
_COARSE, _FINE = 0.4, 0.05
_SHARP = 1.35
"""The best direction must be so much sharper than the usual one, or nothing is turned."""
_GAIN = 1.15
"""And so much sharper than the image as it is: 0.3 degrees on a page of text give 1.3 and more."""

Points = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def skew(image: Image.Image) -> float:
    """Return the degrees clockwise by which the image must be turned to level its lines, or 0."""
    ink = _ink(image)
    best, sharpest = 0.0, _SHARP
    for points in (_lower_edges(ink), _lower_edges(np.rot90(ink, -1))):
        if len(points[0]) < _FEWEST:
            continue
        coarse = np.arange(-MOST, MOST + _COARSE / 2, _COARSE)
        scores = _sharpness(points, coarse)
        at = float(coarse[int(scores.argmax())])
        sharp = float(scores.max() / max(np.median(scores), 1.0))
        if sharp > sharpest:
            fine = np.arange(at - _COARSE, at + _COARSE + _FINE / 2, _FINE)
            finer = _sharpness(points, fine)
            gained = finer.max() >= _GAIN * _sharpness(points, np.zeros(1))[0]
            best, sharpest = float(fine[int(finer.argmax())]) if gained else 0.0, sharp
    return round(best, 2) if abs(best) < MOST else 0.0


def _ink(image: Image.Image) -> npt.NDArray[np.bool_]:
    """Return where the image is darker than around it, on at most 1000 pixels a side."""
    grey = image.convert("L")
    grey.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    around = grey.filter(ImageFilter.BoxBlur(12))
    return np.asarray(grey, dtype=np.int16) < np.asarray(around, dtype=np.int16) - _INK


def _lower_edges(ink: npt.NDArray[np.bool_]) -> Points:
    """Return the places where ink has none below it, at most so many, evenly spread."""
    down, across = np.nonzero(ink[:-1] & ~ink[1:])
    step = max(len(down) // _POINTS, 1)
    return across[::step].astype(np.float32), down[::step].astype(np.float32)


def _sharpness(points: Points, degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return per direction how unevenly the points fall on lines of it."""
    across, down = points
    scores = []
    for slope in np.tan(np.radians(degrees)):
        # turning clockwise by this much brings points of one rising line to one height
        heights = down + across * np.float32(slope)
        bins = np.bincount((heights - heights.min()).astype(np.int64))
        scores.append(float((bins.astype(np.float64) ** 2).sum()))
    return np.array(scores)

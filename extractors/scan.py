"""Scanned pages: made level and upright, read by OCR, cut in two where two lie side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from PIL import Image

from doctally.pages import Page
from extractors import ocr
from extractors.accents import without_strays
from extractors.gutter import fold
from extractors.layout import Run, lines_of, to_words
from extractors.render import render
from extractors.skew import skew
from extractors.view import View, level

_DPI = 200.0
_LEVEL = 0.3
"""Degrees below which lines are level enough; turning an image costs a little sharpness."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A page read by OCR, and what was done to its sheet for that."""

    page: Page
    view: View


def read_scan(document: Any, index: int, *, number: int, threads: int) -> list[Scanned]:
    """Return the page or pages at ``index`` (from 0) of an open PdfDocument, read by OCR."""
    width, height = document.get_page_size(index)
    image = render(document, index, _DPI)
    return read_picture(
        image, sheet=index + 1, number=number, width=width, height=height, threads=threads
    )


def read_picture(
    image: Image.Image, *, sheet: int, number: int, width: float, height: float, threads: int
) -> list[Scanned]:
    """Return the page or pages on an image, a sheet of ``width`` x ``height`` points.

    ``number`` is the first one's. Boxes lie on the image as ``View.apply`` gives it.
    """
    degrees = skew(image)
    straightened = degrees if abs(degrees) >= _LEVEL else 0.0
    upright = level(image, straightened) if straightened else image
    runs, turned = ocr.read_image(upright, threads=threads)
    runs = without_strays(runs)
    points = width / image.width, height / image.height
    upright = View(sheet, turned=turned).apply(upright)
    if turned in (90, 270):
        points = points[1], points[0]
    for run in runs:
        run.size *= points[1]
    middle = fold(runs, upright)
    edges = [0.0, upright.width] if middle is None else [0.0, middle, upright.width]
    found = []
    for place, (start, end) in enumerate(pairwise(edges)):
        own = [_moved(run, start) for run in runs if start <= (run.x0 + run.x1) / 2 < end]
        page = _page(own, number + place, end - start, upright.height, points)
        part = None if middle is None else (start / upright.width, end / upright.width)
        found.append(Scanned(page, View(sheet, straightened, turned, part)))
    return found


def _moved(run: Run, start: float) -> Run:
    run.x0, run.x1 = run.x0 - start, run.x1 - start
    return run


def _page(
    runs: Sequence[Run], number: int, across: float, down: float, points: tuple[float, float]
) -> Page:
    words = tuple(to_words(lines_of(runs), width=across, height=down))
    width, height = across * points[0], down * points[1]
    return Page(number=number, width=width, height=height, words=words, source="ocr")

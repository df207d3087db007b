"""Pages that must be looked at: scans, drawn text, text layers without meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pypdfium2.raw as raw
from PIL import Image

from doctally.pages import Page
from extractors import ocr
from extractors.layout import lines_of, to_words

_DPI = 200.0
_LARGEST_PIXELS = 6_000_000
_GLANCE_DPI = 40.0
_DARK = 160
_LEAST_INK = 0.0005
"""Share of dark pixels, at a glance, below which a page is blank (a scanner's specks)."""


def has_ink(document: Any, index: int) -> bool:
    """Tell whether anything is printed on the page of an open PdfDocument."""
    pixels = np.asarray(_render(document, index, _GLANCE_DPI).convert("L"))
    return bool((pixels < _DARK).mean() > _LEAST_INK)


def image_share(document: Any, index: int) -> float:
    """Return the share of the page that its largest image covers, 0 to 1."""
    page = document[index]
    try:
        left, bottom, right, top = page.get_bbox()
        largest = 0.0
        for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            x0, y0, x1, y1 = item.get_bounds()
            across = min(x1, right) - max(x0, left)
            down = min(y1, top) - max(y0, bottom)
            largest = max(largest, max(across, 0.0) * max(down, 0.0))
        share: float = largest / max((right - left) * (top - bottom), 1.0)
        return share
    finally:
        page.close()


def read_scan(document: Any, index: int, *, threads: int) -> tuple[Page, int]:
    """Return the page at ``index`` (from 0) of an open PdfDocument, read by OCR.

    Beside it stand the degrees clockwise that turn the displayed page upright.
    """
    width, height = document.get_page_size(index)
    image = _render(document, index, _DPI)
    return read_picture(image, number=index + 1, width=width, height=height, threads=threads)


def read_picture(
    image: Image.Image, *, number: int, width: float, height: float, threads: int
) -> tuple[Page, int]:
    """Return the page on an image (paper of ``width`` x ``height`` points), and its turn."""
    runs, degrees = ocr.read_image(image, threads=threads)
    across, down = image.size
    if degrees in (90, 270):
        width, height, across, down = height, width, down, across
    points = height / down
    for run in runs:
        run.size *= points
    lines = lines_of(runs)
    words = tuple(to_words(lines, width=across, height=down))
    return Page(number=number, width=width, height=height, words=words, source="ocr"), degrees


def _render(document: Any, index: int, dpi: float) -> Image.Image:
    """Return the page as displayed, at the resolution or what the pixel limit leaves of it."""
    width, height = document.get_page_size(index)
    fitting = (_LARGEST_PIXELS / max(width * height, 1.0)) ** 0.5
    page = document[index]
    try:
        rendered = page.render(scale=min(dpi / 72, fitting), rev_byteorder=True)
        image: Image.Image = rendered.to_pil()
        return image.convert("RGB")
    finally:
        page.close()

"""The glyphs of a PDF page's text layer, as arrays, straight from pdfium's C interface.

pdfium answers per glyph and a call costs a microsecond, so each glyph is asked for its box only;
letters come in one call, style is asked once a word.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as raw

from extractors.layout import Turn

_HYPHENS = (0x02, 0xAD, 0xFFFE)
_UNMAPPED = 0xFFFD
_FORCE_BOLD = 1 << 18
_HEAVY = ("bold", "black", "heavy", "demi")

_TURNS: tuple[Turn, ...] = (0, 1, 2, 3)

Style = Callable[[int], tuple[float, bool, Turn]]
"""Gives (size in points, bold, turn) of the glyph at a place of the text page."""
Boxes = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The printed letters of a page in the order of the file.

    ``boxes`` is [n, 4]: x0, y0, x1, y1 in points of the page as displayed, origin top left;
    ``spaced`` and ``hinted`` tell of white space before a letter that the file prints, or that
    pdfium's heuristics see; ``places`` are the letters' indices in the text page.
    """

    letters: list[str]
    boxes: Boxes
    spaced: npt.NDArray[np.bool_]
    hinted: npt.NDArray[np.bool_]
    places: list[int]


def read_glyphs(page: Any, textpage: Any) -> Glyphs:
    """Return the glyphs of pypdfium2's ``page`` and its ``textpage`` (raw handle)."""
    count = raw.FPDFText_CountChars(textpage)
    codes = _codes(textpage, count)
    rects = (raw.FS_RECTF * count)()
    get_box = raw.FPDFText_GetLooseCharBox
    boxed = np.fromiter(
        (get_box(textpage, i, rect) for i, rect in enumerate(rects)), dtype=bool, count=count
    )
    blank = np.isin(codes, _blanks(codes))
    generated = np.zeros(count, dtype=bool)
    for i in np.flatnonzero(blank).tolist():
        generated[i] = raw.FPDFText_IsGenerated(textpage, i) == 1
    kept = np.flatnonzero(boxed & ~blank)
    flat = np.frombuffer(rects, dtype=np.float32).reshape(count, 4)[kept].astype(np.float64)
    return Glyphs(
        letters=[chr(code) for code in codes[kept].tolist()],
        boxes=_displayed(page, flat),
        spaced=_before(blank & ~generated, kept),
        hinted=_before(blank & generated, kept),
        places=kept.tolist(),
    )


def _codes(textpage: Any, count: int) -> npt.NDArray[np.uint32]:
    """Return the Unicode code of each glyph, hyphens and unmapped glyphs made plain."""
    units = (ctypes.c_ushort * (count + 1))()
    codes: npt.NDArray[np.uint32]
    if raw.FPDFText_GetText(textpage, 0, count, units) == count + 1:
        codes = np.asarray(units[:count], dtype=np.uint32)
    else:
        get = raw.FPDFText_GetUnicode
        codes = np.fromiter((get(textpage, i) for i in range(count)), dtype=np.uint32, count=count)
    codes[np.isin(codes, _HYPHENS)] = ord("-")
    codes[codes == 0] = _UNMAPPED
    codes[codes > 0x10FFFF] = _UNMAPPED
    return codes


def _blanks(codes: npt.NDArray[np.uint32]) -> list[int]:
    """Return the codes among these that print nothing: white space and controls."""
    return [code for code in np.unique(codes).tolist() if code < 0x20 or chr(code).isspace()]


def _before(mark: npt.NDArray[np.bool_], kept: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Return for each kept place whether a mark stands between it and the kept one before."""
    total = np.concatenate(([0], np.cumsum(mark)))[kept]
    return np.diff(total, prepend=0) > 0


def _displayed(page: Any, rects: Boxes) -> Boxes:
    """Return pdfium's (left, top, right, bottom) in the frame of the page as displayed."""
    x0, y1, x1, y0 = rects.T
    left, bottom, right, top = page.get_bbox()
    turned = {
        0: (x0 - left, top - y1, x1 - left, top - y0),
        90: (y0 - bottom, x0 - left, y1 - bottom, x1 - left),
        180: (right - x1, y0 - bottom, right - x0, y1 - bottom),
        270: (top - y1, right - x1, top - y0, right - x0),
    }[page.get_rotation()]
    return np.stack(turned, axis=1)


class Styles:
    """Answers size, weight and writing direction of the glyph at an index of a text page."""

    def __init__(self, page: Any, textpage: Any) -> None:
        self._textpage = textpage
        self._quarters = page.get_rotation() // 90
        self._matrix = raw.FS_MATRIX()
        self._flags = ctypes.c_int()
        self._name = ctypes.create_string_buffer(256)

    def at(self, index: int) -> tuple[float, bool, Turn]:
        """Return (size in points, bold, turn) of the glyph at this place of the text page."""
        size = abs(raw.FPDFText_GetFontSize(self._textpage, index))
        quarters = self._quarters
        m = self._matrix
        if raw.FPDFText_GetMatrix(self._textpage, index, m):
            size *= math.hypot(m.c, m.d)
            quarters += round(-math.atan2(m.b, m.a) / (math.pi / 2))
        self._name.value = b""
        self._flags.value = 0
        raw.FPDFText_GetFontInfo(self._textpage, index, self._name, 256, self._flags)
        name = self._name.value.decode("utf-8", "replace").lower()
        bold = bool(self._flags.value & _FORCE_BOLD) or any(mark in name for mark in _HEAVY)
        turn: Turn = _TURNS[quarters % 4]
        return size, bold, turn

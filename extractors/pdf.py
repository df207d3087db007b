"""PDFs with a text layer: pages of words through pdfium, a few milliseconds a page.

NOT handled here: scans (``extractors.ocr``) and forms' values that are not drawn.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from doctally.errors import UnreadableDocument
from doctally.pages import Page, Word
from extractors.layout import (
    Glyph,
    Run,
    Turn,
    join_touching,
    lines_of,
    split_runs,
    to_words,
)

_FORCE_BOLD = 1 << 18
_HEAVY = ("bold", "black", "heavy", "demi")
_HYPHENS = {0x02: "-", 0xAD: "-", 0xFFFE: "-", 0x00: "\ufffd"}

_UNDO: dict[Turn, Turn] = {0: 0, 1: 3, 2: 2, 3: 1}
Place = Callable[[float, float, float, float], tuple[float, float, float, float]]


@contextmanager
def open_pdf(path: Path) -> Iterator[Any]:
    """Yield the open PdfDocument; raises UnreadableDocument when pdfium cannot open it."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableDocument(
                "The PDF is encrypted; save it without a password and drop it again.",
                code="encrypted",
            ) from error
        raise UnreadableDocument(
            "The PDF is damaged or cut short; ask for it again or print it to a new PDF.",
            code="damaged",
        ) from error
    try:
        yield document
    finally:
        document.close()


def read_page(document: Any, index: int) -> Page:
    """Return the page at ``index`` (from 0) with the words of its text layer."""
    page = document[index]
    try:
        width, height = page.get_size()
        textpage = page.get_textpage()
        try:
            runs = list(_runs(textpage.raw, *_frame(page)))
        finally:
            textpage.close()
    finally:
        page.close()
    return Page(
        number=index + 1,
        width=width,
        height=height,
        words=tuple(_words(runs, width, height)),
    )


def _frame(page: Any) -> tuple[Place, Callable[[float, float], tuple[float, float]]]:
    """Return how boxes and directions of the file become those of the page as displayed."""
    left, bottom, right, top = page.get_bbox()
    match page.get_rotation():
        case 90:
            return (
                lambda x0, y0, x1, y1: (y0 - bottom, x0 - left, y1 - bottom, x1 - left),
                lambda dx, dy: (dy, dx),
            )
        case 180:
            return (
                lambda x0, y0, x1, y1: (right - x1, y0 - bottom, right - x0, y1 - bottom),
                lambda dx, dy: (-dx, dy),
            )
        case 270:
            return (
                lambda x0, y0, x1, y1: (top - y1, right - x1, top - y0, right - x0),
                lambda dx, dy: (-dy, -dx),
            )
    return (
        lambda x0, y0, x1, y1: (x0 - left, top - y1, x1 - left, top - y0),
        lambda dx, dy: (dx, -dy),
    )


class _Style:
    """Font size, weight and direction of the glyph at an index of a text page."""

    def __init__(
        self, textpage: Any, turned: Callable[[float, float], tuple[float, float]]
    ) -> None:
        self._textpage = textpage
        self._turned = turned
        self._matrix = raw.FS_MATRIX()
        self._flags = ctypes.c_int()
        self._name = ctypes.create_string_buffer(256)

    def at(self, index: int) -> tuple[float, bool, Turn]:
        """Return (size in points, bold, turn)."""
        size = raw.FPDFText_GetFontSize(self._textpage, index)
        turn: Turn = 0
        m = self._matrix
        if raw.FPDFText_GetMatrix(self._textpage, index, m):
            size *= math.hypot(m.c, m.d)
            dx, dy = self._turned(m.a, m.b)
            sideways = abs(dy) > abs(dx)
            turn = (1 if dy > 0 else 3) if sideways else (0 if dx >= 0 else 2)
        length = raw.FPDFText_GetFontInfo(
            self._textpage, index, self._name, len(self._name), self._flags
        )
        name = self._name.value.decode("utf-8", "replace").lower() if length else ""
        bold = bool(self._flags.value & _FORCE_BOLD) or any(mark in name for mark in _HEAVY)
        return abs(size), bold, turn


def _along(box: tuple[float, float, float, float], turn: Turn) -> tuple[float, float, float, float]:
    """Return the box in the frame where text of this turn runs from left to right."""
    x0, y0, x1, y1 = box
    match turn:
        case 0:
            return box
        case 1:
            return y0, -x1, y1, -x0
        case 2:
            return -x1, -y1, -x0, -y0
        case 3:
            return -y1, x0, -y0, x1


def _runs(
    textpage: Any, place: Place, turned: Callable[[float, float], tuple[float, float]]
) -> Iterator[Run]:
    """Yield the words of a text page in the order of the file."""
    get_unicode, get_box = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    style = _Style(textpage, turned)
    rect = raw.FS_RECTF()
    reference = ctypes.byref(rect)
    glyphs: list[Glyph] = []
    size, bold = 0.0, False
    turn: Turn = 0
    opened = hinted = False

    def flush(closed: bool) -> list[Run]:
        if not glyphs:
            return []
        done = split_runs(glyphs, size=size, bold=bold, turn=turn, opened=opened, closed=closed)
        glyphs.clear()
        return done

    for index in range(raw.FPDFText_CountChars(textpage)):
        code = get_unicode(textpage, index)
        text = _HYPHENS.get(code) or chr(code)
        if text.isspace() or (code < 0x20 and code not in _HYPHENS):
            if raw.FPDFText_IsGenerated(textpage, index) == 1:
                hinted = True
                continue
            yield from flush(True)
            opened = True
            continue
        if not get_box(textpage, index, reference):
            continue
        box = place(rect.left, rect.bottom, rect.right, rect.top)
        if glyphs:
            x0, y0, x1, y1 = _along(box, turn)
            last = glyphs[-1]
            level = abs(y0 + y1 - last.y0 - last.y1) < 0.5 * size
            if not level or x0 < last.x0 - 0.3 * size or x0 > last.x1 + 3 * size:
                yield from flush(False)
                opened = False
        if not glyphs:
            size, bold, turn = style.at(index)
            x0, y0, x1, y1 = _along(box, turn)
        glyphs.append(Glyph(text, x0, y0, x1, y1, hinted))
        hinted = False
    yield from flush(True)


def _words(runs: list[Run], width: float, height: float) -> Iterator[Word]:
    """Yield the words of a page in reading order, upright text before sideways text."""
    turns: tuple[Turn, ...] = (0, 1, 3, 2)
    for turn in turns:
        for line in lines_of(run for run in runs if run.turn == turn):
            placed = [_on_page(run) for run in join_touching(line)]
            inside = [
                run
                for run in placed
                if 0 <= run.x0 + run.x1 <= 2 * width and 0 <= run.y0 + run.y1 <= 2 * height
            ]
            yield from to_words([inside], width=width, height=height)


def _on_page(run: Run) -> Run:
    """Return the run with its box on the page and its text free of UTF-16 halves."""
    x0, y0, x1, y1 = _along((run.x0, run.y0, run.x1, run.y1), _UNDO[run.turn])
    text = run.text
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return replace(run, text=text, x0=x0, y0=y0, x1=x1, y1=y1)

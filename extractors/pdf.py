"""PDFs with a text layer: pages of words through pdfium, a few milliseconds a page.

NOT handled here: scans (``extractors.ocr``) and forms' values that are not drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from doctally.errors import UnreadableDocument
from doctally.pages import Page, Word
from extractors.glyphs import Styles, read_glyphs
from extractors.layout import Run, Turn, join_touching, lines_of, to_words, turned
from extractors.runs import runs_by_turn

_UNDO: dict[Turn, Turn] = {0: 0, 1: 3, 2: 2, 3: 1}


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
            words = tuple(_words(page, textpage.raw, width, height))
        finally:
            textpage.close()
    finally:
        page.close()
    return Page(number=index + 1, width=width, height=height, words=words)


def _words(page: Any, textpage: Any, width: float, height: float) -> Iterator[Word]:
    """Yield the words of a page in reading order, upright text before sideways text."""
    glyphs = read_glyphs(page, textpage)
    for turn, runs in runs_by_turn(glyphs, Styles(page, textpage).at):
        lines = [join_touching(line) for line in lines_of(runs)]
        for line in lines:
            for run in line:
                _place(run, turn)
        yield from to_words(lines, width=width, height=height)


def _place(run: Run, turn: Turn) -> None:
    """Put the run's box back on the page and the halves of UTF-16 pairs in its text together."""
    run.x0, run.y0, run.x1, run.y1 = turned(run.x0, run.y0, run.x1, run.y1, _UNDO[turn])
    if not run.text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in run.text):
        run.text = run.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

"""PDFs with a text layer: pages of words through pdfium, a few milliseconds a page.

NOT handled here: scans (``extractors.scan``) and forms' values that are not drawn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from doctally.errors import UnreadableDocument
from doctally.pages import Page
from extractors.glyphs import Glyphs, Styles, read_glyphs
from extractors.layout import Run, Turn, join_touching, lines_of, to_words, turned
from extractors.runs import runs_by_turn

_UNDO: dict[Turn, Turn] = {0: 0, 1: 3, 2: 2, 3: 1}
_SAMPLED = 200
"""Glyphs of a page that are asked whether their font maps them to Unicode."""


@dataclass(frozen=True, slots=True)
class TextLayer:
    """A page's text layer; ``unmapped`` is the share of glyphs whose letter is guesswork.

    Where most of the text runs sideways the page is turned upright: ``turned`` says by how many
    degrees clockwise the displayed page must be turned to fit the boxes.
    """

    page: Page
    turned: int = 0
    unmapped: float = 0.0

    @property
    def letters(self) -> int:
        """Return the number of letters and digits on the page."""
        return sum(letter.isalnum() for word in self.page.words for letter in word.text)


@contextmanager
def open_pdf(path: Path) -> Iterator[Any]:
    """Yield the open PdfDocument; raises UnreadableDocument when pdfium cannot open it."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise _refusal(path) from error
    try:
        yield document
    finally:
        document.close()


def _refusal(path: Path) -> UnreadableDocument:
    """Return why pdfium would not open the file, from its bytes.

    pdfium's own reason is not to be trusted: for a document without pages it sets none, and the
    reason of an earlier file is told again.
    """
    content = path.read_bytes()
    if b"/Encrypt" in content:
        return UnreadableDocument(
            "The PDF is encrypted; save it without a password and drop it again.", code="encrypted"
        )
    if re.search(rb"/Count\s+0\b", content) and b"%%EOF" in content[-1024:]:
        return UnreadableDocument(
            "The PDF has no pages; print the document to a new PDF.", code="no_pages"
        )
    return UnreadableDocument(
        "The PDF is damaged or cut short; ask for it again or print it to a new PDF.",
        code="damaged",
    )


def read_layer(document: Any, index: int) -> TextLayer:
    """Return the text layer of the page at ``index`` (from 0) of an open PdfDocument.

    Raises UnreadableDocument (``damaged``) when the page cannot be loaded.
    """
    try:
        page = document[index]
    except pdfium.PdfiumError as error:
        raise UnreadableDocument(
            f"Page {index + 1} of the PDF is damaged; ask for the document again.", code="damaged"
        ) from error
    try:
        textpage = page.get_textpage()
        try:
            glyphs = read_glyphs(page, textpage.raw)
            groups = list(runs_by_turn(glyphs, Styles(page, textpage.raw).at))
            unmapped = _unmapped(glyphs, textpage.raw)
        finally:
            textpage.close()
        width, height = page.get_size()
        return _upright(index + 1, width, height, groups, unmapped)
    finally:
        page.close()


def read_page(document: Any, index: int) -> Page:
    """Return the page at ``index`` (from 0) with the words of its text layer."""
    return read_layer(document, index).page


def _upright(
    number: int,
    width: float,
    height: float,
    groups: list[tuple[Turn, list[Run]]],
    unmapped: float,
) -> TextLayer:
    """Return the page turned so that most of its text runs from left to right."""
    letters: Counter[Turn] = Counter()
    for turn, runs in groups:
        letters[turn] += sum(len(run.text) for run in runs)
    most: Turn = max(letters, key=lambda turn: (letters[turn], turn == 0), default=0)
    x0, y0, x1, y1 = turned(0.0, 0.0, width, height, most)
    groups.sort(key=lambda group: group[0] != most)
    lines = []
    for turn, runs in groups:
        for line in lines_of(runs):
            joined = join_touching(line)
            for run in joined:
                _place(run, turn, most, x0, y0)
            lines.append(joined)
    words = tuple(to_words(lines, width=x1 - x0, height=y1 - y0))
    page = Page(number=number, width=x1 - x0, height=y1 - y0, words=words)
    return TextLayer(page, turned=_UNDO[most] * 90, unmapped=unmapped)


def _place(run: Run, turn: Turn, most: Turn, left: float, top: float) -> None:
    """Move the run from its own frame to the upright page's; join UTF-16 halves of its text."""
    box = turned(run.x0, run.y0, run.x1, run.y1, _UNDO[turn])
    x0, y0, x1, y1 = turned(*box, most)
    run.x0, run.y0, run.x1, run.y1 = x0 - left, y0 - top, x1 - left, y1 - top
    if not run.text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in run.text):
        run.text = run.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unmapped(glyphs: Glyphs, textpage: Any) -> float:
    """Return the share of glyphs that pdfium cannot map to a letter, from a sample."""
    count = raw.FPDFText_CountChars(textpage)
    sample = range(0, count, max(count // _SAMPLED, 1))
    if not count:
        return 0.0
    errors = [raw.FPDFText_HasUnicodeMapError(textpage, i) == 1 for i in sample]
    odd = [unreadable(letter) for letter in glyphs.letters]
    return max(errors.count(True) / len(errors), odd.count(True) / max(len(odd), 1))


def unreadable(letter: str) -> bool:
    """Tell whether a letter means nothing outside its font: replacement or private use."""
    return letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff"

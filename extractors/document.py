"""The pages of a PDF, each by the cheapest reader that makes sense of it.

The text layer through pdfium; where its letters are guesswork the opinion of pdfplumber; where
there is hardly any text on a printed page, or none of it makes sense, OCR of that page only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doctally.errors import UnreadableDocument
from doctally.pages import Notice, Page
from extractors import notices
from extractors.pdf import TextLayer, read_layer
from extractors.plumber import read_again
from extractors.scan import has_ink, image_share, read_scan

_GUESSWORK = 0.2
"""Share of unmapped glyphs from which a text layer is not believed; on good pages below 0.01."""
_FEW_LETTERS = 20
"""Pages with fewer letters are looked at: the text may be an image or drawn curves."""
_SOME_LETTERS = 300
"""Pages with fewer letters, a stamp or a fax header, are looked at when they show a scan."""
_SCAN = 0.5
"""Share of the page from which an image on it is taken for a scan."""
_MORE = 1.2
"""OCR is preferred to a believable text layer when it finds this many times its letters."""


@dataclass(slots=True)
class Pages:
    """The pages read so far, and page numbers for the notices about them."""

    pages: list[Page] = field(default_factory=list)
    by_ocr: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    turned: dict[int, int] = field(default_factory=dict)
    total: int = 0

    def notices(self) -> list[Notice]:
        """Return what a person should know about how these pages were read."""
        found = []
        if self.total > len(self.pages):
            found.append(notices.pages_cut(len(self.pages), self.total))
        if self.by_ocr:
            found.append(notices.read_by_ocr(self.by_ocr))
        if self.second:
            found.append(notices.odd_text_layer(self.second))
        if self.blank:
            found.append(notices.blank_pages(self.blank))
        if self.turned:
            found.append(notices.turned_pages(sorted(self.turned)))
        return found

    def metadata(self) -> dict[str, str]:
        """Return the degrees by which displayed pages must be turned to fit their boxes."""
        return {f"turned.{number}": str(turn) for number, turn in sorted(self.turned.items())}


def read_document(path: Path, document: Any, *, max_pages: int, threads: int) -> Pages:
    """Return the pages of an open PdfDocument; raises UnreadableDocument (``no_pages``)."""
    read = Pages(total=len(document))
    if not read.total:
        raise UnreadableDocument(
            "The PDF has no pages; print the document to a new PDF.", code="no_pages"
        )
    for index in range(min(read.total, max_pages)):
        _read_one(path, document, index, read, threads)
    return read


def _read_one(path: Path, document: Any, index: int, read: Pages, threads: int) -> None:
    """Add the page at ``index`` to what was read."""
    number = index + 1
    layer = read_layer(document, index)
    if layer.unmapped > _GUESSWORK:
        again = read_again(path, index)
        if again is not None:
            read.pages.append(again)
            read.second.append(number)
            return
    if (
        layer.unmapped > _GUESSWORK
        or layer.letters < _FEW_LETTERS
        or (layer.letters < _SOME_LETTERS and image_share(document, index) > _SCAN)
    ):
        layer = _look(document, index, layer, read, threads)
    if not layer.page.words:
        read.blank.append(number)
    if layer.turned:
        read.turned[number] = layer.turned
    read.pages.append(layer.page)


def _look(document: Any, index: int, layer: TextLayer, read: Pages, threads: int) -> TextLayer:
    """Return the page by OCR if that finds more letters, or if the text layer is not believed."""
    if not has_ink(document, index):
        return layer
    page, turned = read_scan(document, index, threads=threads)
    seen = TextLayer(page, turned)
    if layer.unmapped > _GUESSWORK or seen.letters > _MORE * layer.letters:
        read.by_ocr.append(index + 1)
        return seen
    return layer

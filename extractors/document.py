"""The pages of a PDF, each by the cheapest reader that makes sense of it.

The text layer through pdfium; where its letters are guesswork the opinion of pdfplumber; where
there is hardly any text on a printed page, none of it makes sense, or a scanner wrote it under its
picture, OCR of that page only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from doctally.errors import UnreadableDocument
from doctally.pages import Notice, Page
from extractors import notices
from extractors.glance import has_ink, image_share, is_invisible, legibility
from extractors.pdf import TextLayer, read_layer
from extractors.plumber import read_again
from extractors.scan import Scanned, read_scan
from extractors.view import View

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
_LEGIBLE = 0.5
"""Less of ``glance.legibility`` is a text layer under wrong letters."""
_CLEARER = 0.1
"""OCR must be so much more legible then: the language may be one we have not measured."""
_WHOLE = 0.9
"""Share of the page from which an image with invisible text over it is a scanner's work."""
_AS_MUCH = 0.8
"""Share of the scanner's letters that OCR must find to be preferred."""
_AS_CLEAR = 0.02


@dataclass(slots=True)
class Pages:
    """The pages read so far, and page numbers for the notices about them."""

    pages: list[Page] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    by_ocr: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)
    total: int = 0
    sheets: int = 0

    def add(self, page: Page, view: View) -> None:
        """Add a page and what was done to its sheet."""
        self.pages.append(page)
        self.views.append(view)

    def add_scanned(self, found: Sequence[Scanned]) -> None:
        """Add the page or pages of a sheet read by OCR."""
        for scanned in found:
            self.add(scanned.page, scanned.view)

    def notices(self) -> list[Notice]:
        """Return what a person should know about how these pages were read."""
        found = []
        if self.total > self.sheets:
            found.append(notices.pages_cut(self.sheets, self.total))
        if self.by_ocr:
            found.append(notices.read_by_ocr(self.by_ocr))
        if self.second:
            found.append(notices.odd_text_layer(self.second))
        if blank := [page.number for page in self.pages if not page.words]:
            found.append(notices.blank_pages(blank))
        numbered = list(zip(self.pages, self.views, strict=True))
        if turned := [page.number for page, view in numbered if view.turned]:
            found.append(notices.turned_pages(turned))
        if level := [page.number for page, view in numbered if view.straightened]:
            found.append(notices.straightened_pages(level))
        if double := sorted({view.sheet for _, view in numbered if view.part}):
            found.append(notices.double_pages(double))
        return found

    def metadata(self) -> dict[str, str]:
        """Return what was done to sheets, so that boxes lie right (``extractors.view``)."""
        told: dict[str, str] = {}
        for page, view in zip(self.pages, self.views, strict=True):
            told |= view.metadata(page.number)
        return told


def read_document(path: Path, document: Any, *, max_pages: int, threads: int) -> Pages:
    """Return the pages of an open PdfDocument; raises UnreadableDocument (``no_pages``)."""
    read = Pages(total=len(document))
    if not read.total:
        raise UnreadableDocument(
            "The PDF has no pages; print the document to a new PDF.", code="no_pages"
        )
    for index in range(min(read.total, max_pages)):
        _read_one(path, document, index, read, threads)
        read.sheets += 1
    return read


def _read_one(path: Path, document: Any, index: int, read: Pages, threads: int) -> None:
    """Add the page at ``index`` to what was read."""
    number = len(read.pages) + 1
    layer = read_layer(document, index)
    if layer.unmapped > _GUESSWORK:
        again = read_again(path, index)
        if again is not None:
            read.add(replace(again, number=number), View(index + 1))
            read.second.append(number)
            return
    if _doubtful(document, index, layer) and has_ink(document, index):
        seen = read_scan(document, index, number=number, threads=threads)
        if _better(document, index, layer, seen):
            read.by_ocr += [scanned.page.number for scanned in seen]
            read.add_scanned(seen)
            return
    read.add(replace(layer.page, number=number), View(index + 1, turned=layer.turned))


def _doubtful(document: Any, index: int, layer: TextLayer) -> bool:
    """Tell whether the page should be looked at."""
    if layer.unmapped > _GUESSWORK or layer.letters < _FEW_LETTERS or _gibberish(layer.page):
        return True
    if layer.letters < _SOME_LETTERS and image_share(document, index) > _SCAN:
        return True
    return is_invisible(document, index) and image_share(document, index) > _WHOLE


def _gibberish(page: Page) -> bool:
    clear = legibility(page.words)
    return clear is not None and clear < _LEGIBLE


def _better(document: Any, index: int, layer: TextLayer, seen: Sequence[Scanned]) -> bool:
    """Tell whether what OCR saw is to be preferred to the text layer."""
    if layer.unmapped > _GUESSWORK:
        return True
    letters = sum(TextLayer(scanned.page).letters for scanned in seen)
    if letters > _MORE * layer.letters:
        return True
    old = legibility(layer.page.words)
    new = legibility([word for scanned in seen for word in scanned.page.words])
    if old is None or new is None:
        return False
    if old < _LEGIBLE:
        return new > old + _CLEARER
    as_good = letters > _AS_MUCH * layer.letters and new > old - _AS_CLEAR
    return as_good and is_invisible(document, index)

"""Stacks cut into their documents: the pages of each as a PDF of its own.

The same stack cut at the same pages gives the same bytes, so that doing it again after a stop
gives the same documents: pdfium's random file identifier and its date are replaced.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pypdfium2 as pdfium

from doctally.errors import UnreadableDocument
from doctally.pages import Part, Reading
from extractors.pdf import open_pdf
from extractors.source import Source

_IDENTIFIER = re.compile(rb"/ID\s*\[\s*<[0-9A-Fa-f]{32}>\s*<[0-9A-Fa-f]{32}>\s*\]")
_DATE = re.compile(rb"/CreationDate\s*\(D:\d{14}")


def cut(source: Source) -> Reading:
    """Return the documents of a stack as parts, cut at ``limits.cut_at``.

    Raises UnreadableDocument (``not_cut``) where that cannot be done.
    """
    if source.media != "application/pdf":
        raise _refusal(source.path, "only PDFs are cut")
    with open_pdf(source.path) as document:
        starts = sorted({1, *source.limits.cut_at})
        if starts[0] < 1 or starts[-1] > len(document):
            raise _refusal(source.path, f"it has {len(document)} pages")
        ends = [*(start - 1 for start in starts[1:]), len(document)]
        ranges = list(zip(starts, ends, strict=True))
        try:
            parts = [_part(document, first, last) for first, last in ranges]
        except pdfium.PdfiumError as error:
            raise _refusal(source.path, str(error)) from error
    return Reading(media_type=source.media, parts=tuple(parts))


def ranges_told(parts: Sequence[Part]) -> str:
    """Return the page ranges of a stack's documents: ``1-2, 3, 4-6``."""
    pages = [part.pages for part in parts if part.pages is not None]
    return ", ".join(_told(first, last) for first, last in pages)


def _part(document: pdfium.PdfDocument, first: int, last: int) -> Part:
    piece = pdfium.PdfDocument.new()
    try:
        piece.import_pages(document, list(range(first - 1, last)))
        buffer = io.BytesIO()
        piece.save(buffer)
    finally:
        piece.close()
    return Part(f"p{_told(first, last)}.pdf", _settled(buffer.getvalue()), (first, last))


def _told(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _settled(content: bytes) -> bytes:
    """Return the file with a date and an identifier that depend on nothing but its content."""
    dated = _DATE.sub(lambda found: found[0][:-14] + b"20000101000000", content)
    plain = _IDENTIFIER.sub(b"", dated)
    own = hashlib.sha256(plain).hexdigest()[:32].encode()

    def identified(found: re.Match[bytes]) -> bytes:
        return re.sub(rb"[0-9A-Fa-f]{32}", own, found[0])

    return _IDENTIFIER.sub(identified, dated)


def _refusal(path: Path, why: str) -> UnreadableDocument:
    return UnreadableDocument(f"{path.name} cannot be cut into documents: {why}.", code="not_cut")

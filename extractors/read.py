"""The one way in: a file of any supported type becomes a ``Reading``."""

from __future__ import annotations

from pathlib import Path

from doctally.pages import Reading
from extractors.limits import ReadLimits
from extractors.pdf import open_pdf, read_page

__all__ = ["ReadLimits", "read", "read_pages"]


def read_pages(path: Path, limits: ReadLimits | None = None) -> Reading:
    """Return the file's pages only, without looking for an embedded record."""
    limits = limits or ReadLimits()
    with open_pdf(path) as document:
        count = min(len(document), limits.max_pages)
        pages = tuple(read_page(document, index) for index in range(count))
    return Reading(media_type="application/pdf", pages=pages)


def read(path: Path, limits: ReadLimits | None = None) -> Reading:
    """Return everything read from the file; raises UnreadableDocument or AccessDenied."""
    return read_pages(path, limits)

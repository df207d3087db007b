"""HTML pages and the HTML bodies of messages, as the text that a person would see."""

from __future__ import annotations

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from extractors import notices
from extractors.markup import text_of_html
from extractors.plain import pages_of_text
from extractors.source import Source

_LARGEST_BYTES = 20_000_000


def read(source: Source) -> Reading:
    """Return the visible text as pages; raises UnreadableDocument (``too_large``)."""
    data = source.path.read_bytes()
    if len(data) > _LARGEST_BYTES:
        raise UnreadableDocument("The page is longer than 20 MB.", code="too_large")
    shown = text_of_html(data)
    pages, total = pages_of_text(shown.text, max_pages=source.limits.max_pages)
    told = [notices.scripts_ignored()] if shown.scripts else []
    if total > len(pages):
        told.append(notices.pages_cut(len(pages), total))
    return Reading(media_type=source.media, pages=tuple(pages), notices=tuple(told))

"""Rich text (.rtf): its words; formats, pictures and embedded objects are left out."""

from __future__ import annotations

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from extractors import notices
from extractors.plain import pages_of_text, wrapped
from extractors.richtext import text_of_rtf
from extractors.source import Source

_LARGEST_BYTES = 20_000_000


def read(source: Source) -> Reading:
    """Return the text as pages; raises UnreadableDocument (``too_large``, ``damaged``)."""
    data = source.path.read_bytes()
    if len(data) > _LARGEST_BYTES:
        raise UnreadableDocument("The text is longer than 20 MB.", code="too_large")
    text = "\n".join(wrapped(text_of_rtf(data)))
    pages, total = pages_of_text(text, max_pages=source.limits.max_pages)
    told = (notices.pages_cut(len(pages), total),) if total > len(pages) else ()
    return Reading(media_type=source.media, pages=tuple(pages), notices=told)

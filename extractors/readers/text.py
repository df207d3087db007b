"""Plain text (.txt), laid out on pages of lines as it stands."""

from __future__ import annotations

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from extractors import notices
from extractors.plain import decoded, pages_of_text
from extractors.source import Source

_LARGEST_BYTES = 5_000_000


def read(source: Source) -> Reading:
    """Return the pages; raises UnreadableDocument (``too_large``) for more than 5 MB of text."""
    data = source.path.read_bytes()
    if len(data) > _LARGEST_BYTES:
        raise UnreadableDocument("The text is longer than 5 MB.", code="too_large")
    pages, total = pages_of_text(decoded(data), max_pages=source.limits.max_pages)
    told = (notices.pages_cut(len(pages), total),) if total > len(pages) else ()
    return Reading(media_type=source.media, pages=tuple(pages), notices=told)

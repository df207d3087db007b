"""Tables of separated values (CSV), laid out as a grid."""

from __future__ import annotations

import csv
import io
from itertools import islice

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from extractors import notices
from extractors.grid import text_of
from extractors.plain import decoded, pages_of_text
from extractors.sniff import delimiter_of
from extractors.source import Source

_LARGEST_BYTES = 20_000_000
_ROWS_A_PAGE = 66


def read(source: Source) -> Reading:
    """Return the rows as pages; raises UnreadableDocument (``too_large``, ``damaged``)."""
    data = source.path.read_bytes()
    if len(data) > _LARGEST_BYTES:
        raise UnreadableDocument("The table is longer than 20 MB.", code="too_large")
    text = decoded(data)
    found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text) or ",")
    most = source.limits.max_pages * _ROWS_A_PAGE
    try:
        rows = list(islice(found, most))
        more = next(found, None) is not None
    except csv.Error as error:
        raise UnreadableDocument(f"The table is damaged: {error}.", code="damaged") from error
    pages, total = pages_of_text(text_of(rows), max_pages=source.limits.max_pages)
    told = (notices.pages_cut(len(pages), total),) if more or total > len(pages) else ()
    return Reading(media_type=source.media, pages=tuple(pages), notices=told)

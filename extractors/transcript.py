"""Transcripts of images: a SROIE csv, one text box a line, becomes a page of words.

A line is ``x1,y1,x2,y2,x3,y3,x4,y4,text`` in pixels; the text may hold commas. The words of a
box share its width by their number of letters.
"""

from __future__ import annotations

from pathlib import Path

from doctally.errors import UnreadableDocument
from doctally.pages import Page, Reading
from extractors.boxes import split_box
from extractors.layout import Run, lines_of, to_words

_POINTS_PER_PIXEL = 0.5
"""The receipts were scanned at about 144 dots per inch."""


def read_transcript(path: Path) -> Reading:
    """Return one page with the transcript's words; raises UnreadableDocument on a bad line."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    runs: list[Run] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = line.split(",", 8)
        try:
            corners = [float(part) * _POINTS_PER_PIXEL for part in parts[:8]]
        except ValueError as error:
            raise UnreadableDocument(
                f"Line {number} of the transcript is not x1,y1,...,x4,y4,text.", code="damaged"
            ) from error
        if len(parts) < 9:
            raise UnreadableDocument(
                f"Line {number} of the transcript is cut short.", code="damaged"
            )
        xs, ys = corners[0::2], corners[1::2]
        runs.extend(split_box(parts[8], min(xs), min(ys), max(xs), max(ys)))
    width = max((run.x1 for run in runs), default=1.0) + 10
    height = max((run.y1 for run in runs), default=1.0) + 10
    words = tuple(to_words(lines_of(runs), width=width, height=height))
    page = Page(number=1, width=width, height=height, words=words, source="ocr")
    return Reading(media_type="text/csv", pages=(page,), metadata={"reader": "transcript"})

"""Plain text (.txt, the body of a simple e-mail) laid out on pages of lines.

The text keeps its lines and columns: each letter is as wide as the next, as on a line printer.
NOT handled: MIME parts and attachments of e-mails.
"""

from __future__ import annotations

from pathlib import Path

from doctally.errors import UnreadableDocument
from doctally.pages import Page
from extractors.boxes import split_box
from extractors.layout import to_words
from extractors.sniff import encoding_of

_WIDTH, _HEIGHT = 612.0, 792.0
_MARGIN = 36.0
_LINES = 66
_COLUMNS = 100
_LARGEST_BYTES = 5_000_000


def read_text(path: Path, *, max_pages: int) -> tuple[list[Page], bool]:
    """Return the pages of a text file, and whether more were cut off.

    Raises UnreadableDocument (``too_large``) for more than 5 MB of text.
    """
    data = path.read_bytes()
    if len(data) > _LARGEST_BYTES:
        raise UnreadableDocument("The text is longer than 5 MB.", code="too_large")
    text = data.decode(encoding_of(data), errors="replace").expandtabs(8)
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    pages = [lines[i : i + _LINES] for i in range(0, len(lines), _LINES)]
    columns = min(max((len(line) for line in lines), default=1), 400)
    kept = pages[:max_pages]
    return [_page(i, kept[i - 1], columns) for i in range(1, len(kept) + 1)], len(pages) > max_pages


def _page(number: int, lines: list[str], columns: int) -> Page:
    pitch = (_HEIGHT - 2 * _MARGIN) / _LINES
    advance = (_WIDTH - 2 * _MARGIN) / max(columns, _COLUMNS)
    placed = [
        split_box(
            line,
            _MARGIN,
            _MARGIN + row * pitch,
            _MARGIN + len(line) * advance,
            _MARGIN + (row + 0.8) * pitch,
        )
        for row, line in enumerate(lines)
    ]
    return Page(
        number=number,
        width=_WIDTH,
        height=_HEIGHT,
        words=tuple(to_words(placed, width=_WIDTH, height=_HEIGHT)),
    )

"""Text laid out on pages of lines, as a line printer would.

The text keeps its lines and columns: each letter is as wide as the next. All formats without
pages of their own become such text first (``extractors.grid`` gives tables their columns).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from doctally.pages import Page
from extractors.boxes import split_box
from extractors.layout import to_words
from extractors.sniff import encoding_of

_WIDTH, _HEIGHT = 612.0, 792.0
_MARGIN = 36.0
_LINES = 66
COLUMNS = 100
"""Letters across a page; up to ``_WIDEST`` the letters get narrower, then lines are broken."""
_WIDEST = 400


def decoded(data: bytes) -> str:
    """Return the text by its mark, as UTF-8, or else as Windows-1252."""
    return data.decode(encoding_of(data), errors="replace")


def pages_of_text(text: str, *, max_pages: int) -> tuple[list[Page], int]:
    """Return the first pages of the text, and how many it has; a form feed starts a page."""
    sheets: list[list[str]] = []
    for part in text.expandtabs(8).split("\f"):
        lines = list(_broken(line.rstrip() for line in part.splitlines()))
        while lines and not lines[-1]:
            lines.pop()
        sheets += [lines[i : i + _LINES] for i in range(0, len(lines), _LINES)]
    columns = max((len(line) for sheet in sheets for line in sheet), default=1)
    kept = sheets[:max_pages]
    return [_page(i, kept[i - 1], columns) for i in range(1, len(kept) + 1)], len(sheets)


def wrapped(text: str, *, width: int = COLUMNS) -> list[str]:
    """Return the lines of running text, none wider than ``width`` where it has spaces."""
    found: list[str] = []
    for line in text.splitlines():
        found += textwrap.wrap(line, width, break_long_words=False, drop_whitespace=True) or [""]
    return found


def _broken(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines, those that no page could hold broken at spaces or where need be."""
    for line in lines:
        if len(line) <= _WIDEST:
            yield line
        else:
            yield from textwrap.wrap(line, COLUMNS)


def _page(number: int, lines: list[str], columns: int) -> Page:
    pitch = (_HEIGHT - 2 * _MARGIN) / _LINES
    advance = (_WIDTH - 2 * _MARGIN) / max(columns, COLUMNS)
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

"""Rows of cells as text with columns, so that a table looks like a table on the page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

WIDEST_CELL = 48
"""Letters of a column at most; longer cells go on in the next line of the same column."""
_GAP = "  "
_NUMBER = re.compile(r"[-+(]?[\d.,' ]*\d[\d.,' ]*\)?\s*(%|[A-Z]{3}|[€$£¥])?")
_FIRST = 12
_MOST_ACROSS = 380


def text_of(rows: Sequence[Sequence[str]], *, widest: int = WIDEST_CELL) -> str:
    """Return the rows as lines; columns are as wide as their longest cell, numbers stand right.

    Columns that are empty in all rows are left out, and of empty rows in a row one is kept.
    """
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    count = max((len(row) for row in rows), default=0)
    used = [i for i in range(count) if any(len(row) > i and row[i] for row in rows)]
    if not used:
        return ""
    room = max(min(widest, _MOST_ACROSS // len(used) - len(_GAP)), _FIRST)
    table = [[row[i] if i < len(row) else "" for i in used] for row in rows]
    widths = [min(max(len(row[i]) for row in table), room) for i in range(len(used))]
    lines: list[str] = []
    for row in table:
        if any(row):
            lines += _lines(row, widths)
        elif lines and lines[-1]:
            lines.append("")
    return "\n".join(lines)


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the lines that one row takes."""
    cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    return [
        _GAP.join(
            _placed(cell[line] if line < len(cell) else "", width)
            for cell, width in zip(cells, widths, strict=True)
        ).rstrip()
        for line in range(max(len(cell) for cell in cells))
    ]


def _placed(text: str, width: int) -> str:
    return text.rjust(width) if _NUMBER.fullmatch(text) else text.ljust(width)

"""Tagged words -> the rows of a page's tables.

A row is anchored by a visual line that carries figures (quantity, price or amount). Lines without
figures belong to the anchor above or below them: to the nearer one, where the table leaves more
room between rows than inside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from stdnum import ean

from doctally.pages import Page
from models.blocks import Blocks
from models.columns import along_columns
from models.decode import Scores
from models.runs import Chances, whole_line
from models.tasks import ITEM

FIGURES = frozenset({"quantity", "unit_price", "amount_net", "amount_gross", "shipped_quantity"})
SAYING = frozenset({"description", "code"})
SURE = 0.5
DESCRIPTION = ITEM + "description"

_FIGURES = frozenset(ITEM + name for name in FIGURES)
_NAMING = frozenset({ITEM + "position", DESCRIPTION})
_SAYING = frozenset(ITEM + name for name in SAYING)
_NEARER = 1.3  # times as far: then the other anchor is the nearer one
_CLOSE = 1.5  # line heights between a row's first line and its figures
_FAR = 2.5  # line heights that no row is apart in itself

Cells = dict[str, list[int]]  # column -> word indices, in reading order


@dataclass(slots=True)
class _Line:
    top: float
    bottom: float
    cells: Cells = field(default_factory=dict)


def table_rows(
    page: Page, blocks: Blocks, scores: Scores, columns: Mapping[int, str]
) -> list[Cells]:
    """Return the cells of each row of a page, top to bottom."""
    lines, anchors = _anchored(page, scores, columns)
    scores = along_columns(page, scores, [(lines[n].top, lines[n].bottom) for n in anchors])
    lines, anchors = _anchored(page, scores, columns)
    if not anchors:
        return []
    above = _above(lines, anchors)
    rows: dict[int, Cells] = {n: {} for n in anchors}
    for n, line in enumerate(lines):
        target = _anchor(n, anchors, above=above)
        if not _reaches(lines, n, target):
            continue
        for name, words in line.cells.items():
            if (
                n == target
                or name in _SAYING
                or (name not in rows[target] and name not in lines[target].cells)
            ):
                rows[target].setdefault(name, []).extend(words)
    column = {name: number for number, name in columns.items()}
    return [
        {
            name: _whole(page, blocks, scores[:, column[name]], words)
            if name == DESCRIPTION
            else _likeliest(page, blocks, scores[:, column[name]], words)
            for name, words in row.items()
        }
        for row in _joined([rows[n] for n in anchors])
    ]


def _anchored(
    page: Page, scores: Scores, columns: Mapping[int, str]
) -> tuple[list[_Line], list[int]]:
    """Return the lines with tagged words, and which of them carry figures."""
    lines = _lines(page, scores, columns)
    return lines, [n for n, line in enumerate(lines) if _FIGURES & line.cells.keys()]


def _lines(page: Page, scores: Scores, columns: Mapping[int, str]) -> list[_Line]:
    lines: list[_Line] = []
    best = scores.argmax(-1) if len(scores) else ()
    for index, label in enumerate(best):
        if int(label) not in columns or scores[index].max() < SURE:
            continue
        box = page.words[index].box
        if not lines or not lines[-1].top <= (box.y0 + box.y1) / 2 <= lines[-1].bottom:
            lines.append(_Line(box.y0, box.y1))
        lines[-1].cells.setdefault(columns[int(label)], []).append(index)
    return lines


def _above(lines: Sequence[_Line], anchors: Sequence[int]) -> bool:
    """Tell whether what is said of a row stands above its figures, by the room between lines."""
    votes = 0
    for first, last in pairwise(anchors):
        if last - first < 2:
            continue
        up = lines[first + 1].top - lines[first].bottom
        down = lines[last].top - lines[last - 1].bottom
        height = lines[last].bottom - lines[last].top
        if abs(up - down) > 0.2 * height:
            votes += (down > _NEARER * max(up, 0.0)) - (up > _NEARER * max(down, 0.0))
    if votes:
        return votes < 0
    start = anchors[0]
    if not start or not lines[start - 1].cells.keys() & _SAYING:
        return False
    height = lines[start].bottom - lines[start].top
    return lines[start].top - lines[start - 1].bottom <= _CLOSE * height


def _anchor(line: int, anchors: Sequence[int], *, above: bool) -> int:
    """Return the anchor line that a line belongs to."""
    if above:
        return next((a for a in anchors if a >= line), anchors[-1])
    return max((a for a in anchors if a <= line), default=anchors[0])


def _reaches(lines: Sequence[_Line], line: int, anchor: int) -> bool:
    """Tell whether no gap between a line and its anchor is too wide for one row."""
    first, last = min(line, anchor), max(line, anchor)
    height = lines[anchor].bottom - lines[anchor].top
    return all(
        b.top - a.bottom <= _FAR * height
        for a, b in zip(lines[first:last], lines[first + 1 : last + 1], strict=True)
    )


def _joined(rows: Sequence[Cells]) -> list[Cells]:
    """Return the rows, with those that only carry what the one before them lacks joined to it.

    Forms print a position over several lines, figures in each; a row of its own says what it is.
    """
    joined: list[Cells] = []
    for cells in rows:
        goes_on = (
            joined
            and not joined[-1].keys() & cells.keys() - {ITEM + "code"}
            and not cells.keys() & _NAMING
            and joined[-1].keys() & _NAMING
            and ITEM + "amount_net" not in joined[-1]
        )
        if goes_on:
            joined[-1] = cells | joined[-1]
        else:
            joined.append(cells)
    return joined


def _likeliest(page: Page, blocks: Blocks, own: Chances, words: Sequence[int]) -> list[int]:
    """Return the words of a cell: of neighbouring columns with the same label, the likelier.

    A trade number (GTIN) yields to the seller's own number beside it.
    """
    pieces = list(_pieces(blocks, words).values())
    own_numbers = [p for p in pieces if not ean.is_valid("".join(page.words[i].text for i in p))]
    return max(own_numbers or pieces, key=lambda piece: float(own[piece].mean()))


def _whole(page: Page, blocks: Blocks, own: Chances, words: Sequence[int]) -> list[int]:
    """Return the words of a description: of each visual line the likeliest piece, whole."""
    pieces = _pieces(blocks, words)
    found: list[int] = []
    for segment, piece in pieces.items():
        box = blocks.boxes[segment]
        beside = [
            other
            for other, words in pieces.items()
            if other != segment
            and box.y0 <= (blocks.boxes[other].y0 + blocks.boxes[other].y1) / 2 <= box.y1
            and own[words].sum() > own[piece].sum()
        ]
        if not beside:
            found += whole_line(page, blocks.segments[segment], piece, own)
    return found


def _pieces(blocks: Blocks, words: Sequence[int]) -> dict[int, list[int]]:
    """Return the words by segment, in reading order."""
    pieces: dict[int, list[int]] = {}
    for word in words:
        pieces.setdefault(blocks.segment_of[word], []).append(word)
    return pieces

"""Tagged cells -> rows of the table.

A row is anchored by a visual line that carries figures (quantity, price or amount); description
lines without figures belong to the anchor they stand nearest to, below it or, where a table
prints them first, above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doctally.pages import Page
from doctally.results import FieldValue
from doctally.schemas import Kind
from doctally.values import Locale, normalise
from models.blocks import Blocks
from models.decode import Scores
from models.tasks import ITEM, Task

FIGURES = frozenset({"quantity", "unit_price", "amount_net", "amount_gross", "shipped_quantity"})
NAMING = frozenset({ITEM + "position", ITEM + "description"})
SURE = 0.5

Cells = dict[str, list[int]]  # column -> word indices, in reading order


def line_items(
    pages: Sequence[Page],
    blocks: Sequence[Blocks],
    scores: Sequence[Scores],
    task: Task,
    locale: Locale,
) -> tuple[Mapping[str, FieldValue], ...]:
    """Return the rows of all pages' tables, top to bottom."""
    columns = {i: n for i, n in enumerate(task.names) if n.startswith(ITEM)}
    kinds = {label.name: label.kind for label in task.labels}
    rows: list[Mapping[str, FieldValue]] = []
    if not columns:
        return ()
    for number, (page, block) in enumerate(zip(pages, blocks, strict=True)):
        for cells in _rows(page, block, scores[number], columns):
            row = {
                name.removeprefix(ITEM): value
                for name, words in cells.items()
                if (value := _cell(page, block, words, scores[number], task, name, kinds, locale))
            }
            if row.keys() & (FIGURES | {"description", "code"}):
                rows.append(row)
    return tuple(rows)


def _rows(page: Page, blocks: Blocks, scores: Scores, columns: Mapping[int, str]) -> list[Cells]:
    """Return the cells of each row of a page."""
    if not len(scores):
        return []
    best = scores.argmax(-1)
    tagged = [
        (i, columns[int(best[i])])
        for i in range(len(page.words))
        if int(best[i]) in columns and scores[i].max() >= SURE
    ]
    lines: list[tuple[float, float, Cells]] = []
    for index, name in tagged:
        box = page.words[index].box
        middle = (box.y0 + box.y1) / 2
        if not lines or not lines[-1][0] <= middle <= lines[-1][1]:
            lines.append((box.y0, box.y1, {}))
        lines[-1][2].setdefault(name, []).append(index)
    anchors = [
        n for n, (_, _, cells) in enumerate(lines) if {ITEM + f for f in FIGURES} & cells.keys()
    ]
    if not anchors:
        return []
    above = anchors[0] > 0 and lines[0][2].keys() & {ITEM + "description", ITEM + "code"}
    rows: dict[int, Cells] = {n: {} for n in anchors}
    for n, (_, _, cells) in enumerate(lines):
        target = _anchor(n, anchors, first_above=bool(above))
        for name, words in cells.items():
            if (
                n == target
                or name in (ITEM + "description", ITEM + "code")
                or (name not in rows[target] and name not in lines[target][2])
            ):
                rows[target].setdefault(name, []).extend(words)
    return _joined([rows[n] for n in anchors])


def _joined(rows: Sequence[Cells]) -> list[Cells]:
    """Return the rows, with those that only carry what the one before them lacks joined to it.

    Forms print a position over several lines, figures in each; a row of its own says what it is.
    """
    joined: list[Cells] = []
    for cells in rows:
        goes_on = (
            joined
            and not joined[-1].keys() & cells.keys()
            and not cells.keys() & NAMING
            and joined[-1].keys() & NAMING
            and ITEM + "amount_net" not in joined[-1]
        )
        if goes_on:
            joined[-1] |= cells
        else:
            joined.append(cells)
    return joined


def _anchor(line: int, anchors: Sequence[int], *, first_above: bool) -> int:
    """Return the anchor line that a line belongs to."""
    if first_above:
        return next((a for a in anchors if a >= line), anchors[-1])
    return max((a for a in anchors if a <= line), default=anchors[0])


def _cell(
    page: Page,
    blocks: Blocks,
    words: Sequence[int],
    scores: Scores,
    task: Task,
    name: str,
    kinds: Mapping[str, Kind],
    locale: Locale,
) -> FieldValue | None:
    text = " ".join(page.words[i].text for i in words)
    value = normalise(kinds[name], text, locale)
    if value is None and len(words) > 1:
        # two neighbours in one cell: keep the likelier one that reads as a value
        column = task.names.index(name)
        for index in sorted(words, key=lambda i: -scores[i, column]):
            value = normalise(kinds[name], page.words[index].text, locale)
            if value is not None:
                words, text = [index], page.words[index].text
                break
    if value is None:
        return None
    column = task.names.index(name)
    return FieldValue(
        value=value,
        confidence=float(min(scores[list(words), column].mean(), 0.9999)),
        page=page.number,
        box=blocks.box(tuple(words)),
        text=text,
    )

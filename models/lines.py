"""Rows of tagged cells -> lines of values, without those that are no lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from doctally.pages import Page
from doctally.results import FieldValue
from doctally.schemas import Kind
from doctally.values import Locale, normalise
from models.blocks import Blocks
from models.decode import Scores
from models.products import is_tax, made_to_multiply, multiplies
from models.rows import FIGURES, table_rows
from models.tasks import ITEM, Task

Row = Mapping[str, FieldValue]

_SAYING = frozenset({"description", "code"})
_PRICED = FIGURES - {"quantity", "shipped_quantity"}
_POSITION = re.compile(r"[A-Za-z]{0,2}(\d{1,6}|\d{1,2}([.\-/]\d{1,3}){1,3})")


def line_items(
    pages: Sequence[Page],
    blocks: Sequence[Blocks],
    scores: Sequence[Scores],
    task: Task,
    locale: Locale,
) -> tuple[Row, ...]:
    """Return the rows of all pages' tables, top to bottom."""
    columns = {i: n for i, n in enumerate(task.names) if n.startswith(ITEM)}
    kinds = {label.name: label.kind for label in task.labels}
    rows: list[Row] = []
    if not columns:
        return ()
    for number, (page, block) in enumerate(zip(pages, blocks, strict=True)):
        for cells in table_rows(page, block, scores[number], columns):
            row = {
                name.removeprefix(ITEM): value
                for name, words in cells.items()
                if (value := _cell(page, block, words, scores[number], task, name, kinds, locale))
            }
            if row.keys() & (FIGURES | _SAYING) and not is_tax(row, page, locale):
                rows.append(made_to_multiply(row, page, locale))
    if any("description" in row for row in rows):
        rows = [row for row in rows if row.keys() & _SAYING or multiplies(row)]
    if 2 * sum(bool(row.keys() & _PRICED) for row in rows) > len(rows):
        rows = [row for row in rows if row.keys() & _PRICED or "quantity" not in row]
    return tuple(rows)


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
    if value is None or (name == ITEM + "position" and not _POSITION.fullmatch(value)):
        return None
    column = task.names.index(name)
    return FieldValue(
        value=value,
        confidence=float(min(scores[list(words), column].mean(), 0.9999)),
        page=page.number,
        box=blocks.box(tuple(words)),
        text=text,
    )

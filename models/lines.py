"""Rows of tagged cells -> lines of values, without those that are no lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from doctally.pages import Page
from doctally.results import FieldValue
from doctally.schemas import Kind
from doctally.values import Locale, normalise
from models.blocks import Blocks
from models.candidates import Candidate, candidates
from models.decode import Scores
from models.products import Row, is_tax, made_to_multiply, multiplies
from models.rows import FIGURES, SAYING, Cells, table_rows
from models.tasks import ITEM, Task

_PRICED = FIGURES - {"quantity", "shipped_quantity"}
_NAMED = frozenset({"position", "code"})
_COUNTED = frozenset({"quantity", "shipped_quantity"})
_GROUPED = (Kind.AMOUNT, Kind.QUANTITY)
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
        table = table_rows(page, block, scores[number], columns)
        spans = {kind: candidates(page, block, kind, locale) for kind in _GROUPED} if table else {}
        for cells in table:
            row = {
                name.removeprefix(ITEM): value
                for name, words in _grouped(cells, kinds, spans).items()
                if (
                    value := _cell(
                        page, block, words, cells[name], scores[number], task, name, kinds, locale
                    )
                )
            }
            if row.keys() & (FIGURES | SAYING) and not is_tax(row, page, locale):
                rows.append(made_to_multiply(row, page, locale))
    if any("description" in row for row in rows):
        rows = [row for row in rows if row.keys() & SAYING or multiplies(row)]
    if 2 * sum(bool(row.keys() & _PRICED) for row in rows) > len(rows):
        rows = [row for row in rows if row.keys() & _PRICED or "quantity" not in row]
    return tuple(_goods(rows))


def _goods(rows: Sequence[Row]) -> list[Row]:
    """Return the rows without discounts and freight of the whole document at their end.

    Where every line has its number or code, a last row that has neither is none of them if it
    takes away from their sum, or counts nothing.
    """
    named = 0
    while named < len(rows) and rows[named].keys() & _NAMED:
        named += 1
    if not named or any(row.keys() & _NAMED for row in rows[named:]):
        return list(rows)
    total = sum(map(_amount, rows[:named]))
    return [
        row
        for n, row in enumerate(rows)
        if n < named or (row.keys() & _COUNTED and _amount(row) * total >= 0)
    ]


def _amount(row: Row) -> Decimal:
    value = row.get("amount_net") or row.get("amount_gross")
    return Decimal(value.value) if value is not None else Decimal(0)


def _grouped(
    cells: Cells, kinds: Mapping[str, Kind], spans: Mapping[Kind, Sequence[Candidate]]
) -> Cells:
    """Return the cells with numbers that spaces group ("2 392,80") whole, as in the header.

    A group that is a cell of its own stays one.
    """
    taken = {word for words in cells.values() for word in words}

    def whole(name: str, words: list[int]) -> list[int]:
        for span in spans.get(kinds[name], ()):
            more = set(span.words) - set(words)
            if more and set(words) <= set(span.words) and not more & taken:
                return list(span.words)
        return words

    return {name: whole(name, words) for name, words in cells.items()}


def _cell(
    page: Page,
    blocks: Blocks,
    words: Sequence[int],
    tagged: Sequence[int],
    scores: Scores,
    task: Task,
    name: str,
    kinds: Mapping[str, Kind],
    locale: Locale,
) -> FieldValue | None:
    """Return what the words of a cell say, as sure as the model is of the ``tagged`` of them."""
    column = task.names.index(name)
    text = " ".join(page.words[i].text for i in words)
    value = normalise(kinds[name], text, locale)
    if value is None and len(words) > 1:
        # two neighbours in one cell: keep the likelier one that reads as a value
        for index in sorted(words, key=lambda i: -scores[i, column]):
            value = normalise(kinds[name], page.words[index].text, locale)
            if value is not None:
                words, tagged, text = [index], [index], page.words[index].text
                break
    if value is None or (name == ITEM + "position" and not _POSITION.fullmatch(value)):
        return None
    return FieldValue(
        value=value,
        confidence=float(min(scores[list(tagged), column].mean(), 0.9999)),
        page=page.number,
        box=blocks.box(tuple(words)),
        text=text,
    )

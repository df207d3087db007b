"""A person's verdict on every value of a document: which were wrong, which are confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from doctally.corrections import DOCUMENT_TYPE, Correction, correction
from doctally.edits import Edits, lines_of
from doctally.results import Extraction, FieldValue

Cells = Mapping[str, FieldValue]


def verdicts(before: Extraction, after: Extraction, edits: Edits) -> tuple[Correction, ...]:
    """Return one correction a value, also for those left as they were (``CONFIRMED``).

    ``after`` is ``edited(before, edits)``: the edits say which line was which.
    """
    found = [correction(DOCUMENT_TYPE, before.document_type, after.document_type)]
    found += _header(before.fields, after.fields)
    found += _lines(before, after, edits)
    return tuple(one for one in found if one is not None)


def field_path(one: Correction) -> str:
    """Return the field as findings name it: ``line_items.0.quantity`` for a cell, from 0."""
    return one.field if one.row is None else f"line_items.{one.row - 1}.{one.field}"


def _header(before: Cells, after: Cells) -> Iterator[Correction | None]:
    for name in dict.fromkeys((*before, *after)):
        yield _verdict(name, before.get(name), after.get(name))


def _lines(before: Extraction, after: Extraction, edits: Edits) -> Iterator[Correction | None]:
    origins: list[int | None] = list(range(len(before.line_items)))
    if edits.rows is not None:
        origins = [origin for origin, _ in lines_of(edits)]
    for number, (origin, cells) in enumerate(zip(origins, after.line_items, strict=True), start=1):
        old = {} if origin is None else before.line_items[origin]
        for name in dict.fromkeys((*old, *cells)):
            removed = name not in cells and origin is not None
            row = origin + 1 if removed and origin is not None else number
            yield _verdict(name, old.get(name), cells.get(name), row=row)
    for origin, old in enumerate(before.line_items):
        if origin not in origins:
            for name, cell in old.items():
                yield _verdict(name, cell, None, row=origin + 1)


def _verdict(
    name: str, old: FieldValue | None, new: FieldValue | None, *, row: int | None = None
) -> Correction | None:
    return correction(
        name,
        old.value if old else None,
        new.value if new else None,
        row=row,
        page=new.page if new else None,
        bbox=new.box if new else None,
    )

"""Label objects: the label contract, and where on the pages each value stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from doctally.schemas import DocumentType, has_line_items, header_fields
from synth.ink import Mark

OTHER = DocumentType.OTHER
"""Told from the rest, and no more: nobody asks what is in it, so no value of it is asked for."""


def label_object(
    file: str, marks: Iterable[Mark], *, document_type: str, language: str, currency: str
) -> dict[str, Any]:
    """Return the labels of what was drawn; ``currency`` is one that is printed in amounts only."""
    fields: dict[str, str] = {}
    boxes: dict[str, list[Any]] = {}
    printed: dict[str, list[str]] = {}
    rows: dict[int, dict[str, str]] = {}
    row_boxes: dict[int, dict[str, Any]] = {}
    for mark in marks:
        if mark.row is not None:
            if rows.setdefault(mark.row, {}).setdefault(mark.name, mark.value) == mark.value:
                row_boxes.setdefault(mark.row, {}).setdefault(mark.name, _fragments(mark))
            continue
        if fields.setdefault(mark.name, mark.value) == mark.value:
            boxes.setdefault(mark.name, []).append(_fragments(mark))
            printed.setdefault(mark.name, []).append(" ".join(d[5] for d in mark.drawn))
    if currency:
        fields.setdefault("currency", currency)
    found: dict[str, Any] = {
        "file": file,
        "document_type": document_type,
        "language": language,
        "fields": fields,
        "labelled": [spec.name for spec in header_fields(document_type) if document_type != OTHER],
        "source": "synth",
        "boxes": boxes,
        "printed": printed,
    }
    if has_line_items(document_type):
        order = sorted(rows)
        found["line_items"] = [rows[i] for i in order]
        found["item_boxes"] = [row_boxes[i] for i in order]
    return found


def _fragments(mark: Mark) -> list[list[float]]:
    return [
        [page, round(x0, 4), round(y0, 4), round(x1, 4), round(y1, 4)]
        for page, x0, y0, x1, y1, _ in mark.drawn
    ]

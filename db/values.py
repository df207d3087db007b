"""Values in normal form as rows: typed copies that SQL computes with, keys for look-ups."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from db.columns import DIGITS, PLACES, plain
from db.tables import FieldValueRow
from doctally.pages import Box
from doctally.results import FieldValue, Source
from doctally.schemas import FieldSpec, Kind, all_header_fields, item_fields

_LARGEST = Decimal(10) ** (DIGITS - PLACES)
_KEYED = (Kind.NAME, Kind.IDENTIFIER, Kind.TAX_ID, Kind.IBAN)
_HEADER: Mapping[str, FieldSpec] = {spec.name: spec for spec in all_header_fields()}


def key_of(text: str) -> str:
    """Return the letters and digits, folded and without accents, 64 at most."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in folded if c.isalnum())[:64]


def typed(kind: Kind, value: str) -> Any:
    """Return the value as its SQL type holds it, None where it does not fit."""
    try:
        if kind in (Kind.AMOUNT, Kind.QUANTITY, Kind.PERCENT):
            number = Decimal(value)
            fits = number.is_finite() and abs(number) < _LARGEST
            rounded = round(number, PLACES) if fits else _LARGEST
            return rounded if abs(rounded) < _LARGEST else None
        if kind is Kind.DATE:
            return date.fromisoformat(value)
        if kind is Kind.TIME:
            return datetime.fromisoformat(value).replace(tzinfo=None)
    except (InvalidOperation, ValueError):
        return None
    return plain(value)


def _probability(value: float) -> float:
    return min(max(float(value), 0.0), 1.0) if value == value else 0.0


def header_row(
    document_id: int, name: str, found: FieldValue, *, model_version: str
) -> dict[str, Any]:
    """Return the row of ``field_values`` for a header value."""
    kind = _HEADER[name].kind if name in _HEADER else Kind.TEXT
    copies = dict.fromkeys(("number", "day", "moment"))
    column = {Kind.DATE: "day", Kind.TIME: "moment"}.get(kind, "number")
    if column != "number" or kind in (Kind.AMOUNT, Kind.QUANTITY, Kind.PERCENT):
        copies[column] = typed(kind, found.value)
    box = found.box
    return {
        "document_id": document_id,
        "name": name,
        "value": found.value,
        "text": found.text,
        "page": found.page,
        **dict(zip(("x0", "y0", "x1", "y1"), box.as_list() if box else [None] * 4, strict=True)),
        "confidence": _probability(found.confidence),
        "source": found.source,
        "model_version": model_version,
        **copies,
        "key": (key_of(found.value) or None) if kind in _KEYED else None,
    }


def header_value(row: FieldValueRow) -> FieldValue:
    """Return the value that ``header_row`` has made a row of."""
    box = None
    if row.x0 is not None and row.y0 is not None and row.x1 is not None and row.y1 is not None:
        box = Box(row.x0, row.y0, row.x1, row.y1)
    source = cast(Source, row.source)  # its CHECK constraint is made from Source
    return FieldValue(row.value, row.confidence, row.page, box, source, row.text)


def line_row(document_id: int, line: int, cells: Mapping[str, FieldValue]) -> dict[str, Any]:
    """Return the row of ``line_items`` for a line, the first being number 1."""
    columns = {
        spec.name: typed(spec.kind, cells[spec.name].value) if spec.name in cells else None
        for spec in item_fields()
    }
    provenance = {name: as_cell(found) for name, found in cells.items()}
    return {"document_id": document_id, "line": line, "cells": provenance, **columns}


def as_cell(found: FieldValue) -> dict[str, Any]:
    """Return the value as JSON keeps it; ``cell_value`` reads it."""
    place = {"page": found.page, "box": found.box.as_list()} if found.box else {}
    if found.page is not None:
        place["page"] = found.page
    return {
        "value": plain(found.value),
        "text": plain(found.text),
        "confidence": round(_probability(found.confidence), 6),
        "source": found.source,
        **place,
    }


def cell_value(cell: Mapping[str, Any]) -> FieldValue:
    """Return the value that ``as_cell`` has made JSON of."""
    box = cell.get("box")
    return FieldValue(
        value=cell["value"],
        confidence=cell["confidence"],
        page=cell.get("page"),
        box=Box(*box) if box else None,
        source=cell["source"],
        text=cell["text"],
    )

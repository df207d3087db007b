"""An extraction as an instance of its schema, whole or with what does not fit left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from doctally.errors import RefusedRecord
from doctally.results import Extraction, FieldValue
from doctally.schemas import (
    SCHEMAS,
    DocumentType,
    Kind,
    all_header_fields,
    has_line_items,
    header_fields,
    item_fields,
)

# Stricter than Pydantic, which also reads "1520208000" as a date and "1e3" as a number.
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,6})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FORMS = {
    Kind.DATE: _DAY,
    Kind.TIME: re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII),
    Kind.AMOUNT: _NUMBER,
    Kind.QUANTITY: _NUMBER,
    Kind.PERCENT: _NUMBER,
}


def as_record(extraction: Extraction) -> BaseModel:
    """Return the extraction as an instance of its type's schema.

    Raises RefusedRecord naming the first field that does not fit.
    """
    record, faults = valid_part(extraction)
    for field, reason in faults.items():
        raise RefusedRecord(f"{field}: {reason}", code="schema_invalid")
    return record


def valid_part(extraction: Extraction) -> tuple[BaseModel, dict[str, str]]:
    """Return what fits the schema, and the reason for each field that does not.

    Fields of lines are named ``line_items.0.quantity``, counted from 0. What only other types
    have (``foreign_fields``) is left out and is no fault. A type that is not ours is the fault of
    ``document_type`` and gives the record of an other document.
    """
    faults: dict[str, str] = {}
    try:
        kind = DocumentType(extraction.document_type)
    except ValueError:
        faults["document_type"] = f"{extraction.document_type!r} is no document type"
        return SCHEMAS[DocumentType.OTHER].model_validate({}), faults
    header = {spec.name: spec.kind for spec in header_fields(kind)}
    data: dict[str, Any] = _fitting(extraction.fields, header, "", faults)
    if has_line_items(kind):
        cells = {spec.name: spec.kind for spec in item_fields()}
        data["line_items"] = [
            _fitting(row, cells, f"line_items.{number}.", faults)
            for number, row in enumerate(extraction.line_items)
        ]
    try:
        return SCHEMAS[kind].model_validate(data), faults
    except ValidationError as error:
        for problem in error.errors():
            faults[".".join(str(part) for part in problem["loc"])] = problem["msg"]
            holder: Any = data
            for part in problem["loc"][:-1]:
                holder = holder[part]
            holder.pop(problem["loc"][-1], None)
    return SCHEMAS[kind].model_validate(data), faults


def foreign_fields(extraction: Extraction) -> tuple[str, ...]:
    """Return the names that the extraction carries and only other document types have."""
    own = {spec.name for spec in header_fields(extraction.document_type)}
    names = [name for name in extraction.fields if name in _known() and name not in own]
    if extraction.line_items and not has_line_items(extraction.document_type):
        names.append("line_items")
    return tuple(names)


@cache
def _known() -> frozenset[str]:
    return frozenset(spec.name for spec in all_header_fields())


def _fitting(
    values: Mapping[str, FieldValue], kinds: Mapping[str, Kind], path: str, faults: dict[str, str]
) -> dict[str, str]:
    kept = {}
    for name, cell in values.items():
        if name not in kinds:
            if path or name not in _known():
                faults[path + name] = "no such field"
        elif (form := _FORMS.get(kinds[name])) and not form.fullmatch(cell.value):
            faults[path + name] = f"{cell.value!r} is no {kinds[name]} in normal form"
        else:
            kept[name] = cell.value
    return kept

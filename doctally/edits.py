"""What a person changes in a document, and the document's values after it.

Edits are what the review page keeps as a draft and the API takes. Values are in normal form
(``doctally.values.normalise`` makes it). A value that a person gave or accepted has the source
``human`` and the confidence 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from doctally.corrections import DOCUMENT_TYPE
from doctally.errors import DoctallyError
from doctally.pages import Box
from doctally.record import valid_part
from doctally.results import Extraction, FieldValue
from doctally.schemas import DocumentType

Place = tuple[float, float, float, float]


class Given(BaseModel):
    """A value as a person gives it: in normal form, and where the page prints it, if it does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: str = Field(description="normal form, for example 2026-03-02 or 119.00")
    page: int | None = Field(default=None, ge=1, description="page that prints it, from 1")
    box: Place | None = Field(default=None, description="x0, y0, x1, y1 in fractions of the page")
    text: str = Field(default="", description="as the page prints it")


class Row(BaseModel):
    """A line after the edits: the line it was and the cells that change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: int | None = Field(
        default=None, ge=0, description="which line it was, from 0; none: new"
    )
    cells: dict[str, Given | None] = Field(
        default={}, description="changed cells; null removes one"
    )


class Edits(BaseModel):
    """All that a person changes in one document; what is not named stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_type: DocumentType | None = Field(
        default=None, description="the right type; none: as it is"
    )
    fields: dict[str, Given | None] = Field(
        default={}, description="changed values; null removes one"
    )
    rows: tuple[Row, ...] | None = Field(
        default=None, description="all lines in order; none: as they are"
    )
    accepted: tuple[str, ...] = Field(
        default=(), description="fields that were looked at and are right"
    )

    @property
    def empty(self) -> bool:
        """Tell whether nothing is changed and nothing accepted."""
        return self == Edits()


class EditRefused(DoctallyError):
    """A given value does not fit its field; ``faults`` says why, field by field.

    Cells of lines are named ``line_items.0.quantity``, counted from 0 after the edits.
    """

    code = "edit_refused"

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in faults.items()))
        self.faults = dict(faults)


def edited(extraction: Extraction, edits: Edits) -> Extraction:
    """Return the extraction as it is after the edits; raises EditRefused for a line unknown."""
    fields = with_given(extraction.fields, edits.fields)
    for name in edits.accepted:
        if name in fields:
            fields[name] = replace(fields[name], confidence=1.0, source="human")
    sure = edits.document_type is not None or DOCUMENT_TYPE in edits.accepted
    return replace(
        extraction,
        document_type=str(edits.document_type or extraction.document_type),
        route_confidence=1.0 if sure else extraction.route_confidence,
        fields=fields,
        line_items=_lines(extraction, edits),
    )


def faults_of(after: Extraction, edits: Edits) -> dict[str, str]:
    """Return why given values do not fit their fields, those that it had before left out."""
    given = {name for name, value in edits.fields.items() if value is not None}
    for number, (_, cells) in enumerate(lines_of(edits)):
        given |= {f"line_items.{number}.{name}" for name, cell in cells.items() if cell}
    _, faults = valid_part(after)
    return {name: reason for name, reason in faults.items() if name in given}


def lines_of(edits: Edits) -> list[tuple[int | None, Mapping[str, Given | None]]]:
    """Return the edited lines that stay, each with the line it was: new empty ones are left out."""
    kept = [row for row in edits.rows or () if row.origin is not None or any(row.cells.values())]
    return [(row.origin, row.cells) for row in kept]


def _lines(extraction: Extraction, edits: Edits) -> tuple[Mapping[str, FieldValue], ...]:
    before = extraction.line_items
    if edits.rows is None:
        return before
    lines = []
    for origin, cells in lines_of(edits):
        if origin is not None and origin >= len(before):
            raise EditRefused({f"line_items.{origin}": "there is no such line"})
        lines.append(with_given(before[origin] if origin is not None else {}, cells))
    return tuple(lines)


def with_given(
    values: Mapping[str, FieldValue], given: Mapping[str, Given | None]
) -> dict[str, FieldValue]:
    """Return the values with what was given in their place."""
    changed = dict(values)
    for name, value in given.items():
        if value is None or not value.value:
            changed.pop(name, None)
        else:
            changed[name] = _cell(value, values.get(name))
    return changed


def _cell(given: Given, old: FieldValue | None) -> FieldValue:
    """Return the given value; where it is the old one typed again, it stays in its place."""
    if old is not None and given.value == old.value and given.box is None:
        return replace(old, confidence=1.0, source="human")
    box = Box(*given.box) if given.box else None
    return FieldValue(given.value, 1.0, given.page, box, "human", given.text)

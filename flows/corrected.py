"""A corrected sheet becomes confirmed documents: the same step as on the review page.

A document is taken whole or not at all: one row that cannot be believed (no such document, no
such field, a value that is no longer what the sheet says, a text that is no value) leaves its
document as it is, and is told with its number.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from db import documents
from db.detail import StoredDocument
from doctally.corrections import DOCUMENT_TYPE
from doctally.edits import Edits, Given, Row
from doctally.errors import DoctallyError
from doctally.results import Extraction
from doctally.schemas import DocumentType, FieldSpec, Kind, header_fields, item_fields
from doctally.values import Locale, infer_locale, normalise
from flows.folders import Folders, Found, free, move, write_reason
from flows.names import safe_name
from flows.review import Desk, confirm
from flows.sheets import SheetRow, corrected

TAG = "corrections"
"""The folder of the inbox into which corrected sheets are dropped."""

SUFFIXES = (".csv", ".xlsx")
FINE, NONE = "ok", "-"
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBERS = (Kind.AMOUNT, Kind.QUANTITY, Kind.PERCENT)

log = logging.getLogger("doctally.corrections")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken, and why."""

    row: int
    document: str
    reason: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of a sheet: the documents that are confirmed now, the rows that were refused."""

    confirmed: tuple[int, ...]
    changed: int
    refused: tuple[Refused, ...]

    def __str__(self) -> str:
        """Return the outcome in words, a refused row on each line."""
        lines = [f"{len(self.confirmed)} documents confirmed, {self.changed} values changed"]
        lines += [f"row {r.row}, document {r.document}: {r.reason}" for r in self.refused]
        return "\n".join(lines)


class _Odd(Exception):
    """A row that cannot be believed."""


class _AsItIs:
    """A value that was looked at and is right."""


def apply(desk: Desk, path: Path, *, who: str, now: datetime) -> Applied:
    """Confirm the documents of a corrected sheet; raises BadDocument if it is no such sheet."""
    groups: dict[str, list[SheetRow]] = {}
    for row in corrected(path):
        groups.setdefault(row.document, []).append(row)
    done: list[int] = []
    refused: list[Refused] = []
    changed = 0
    for name, rows in groups.items():
        faults: list[Refused] = []
        try:
            found = _document(desk, rows[0])
            edits, faults = _edits(desk, found, rows)
            if not faults:
                number = found.summary.document_id
                seen = found.summary.updated_at
                changed += confirm(desk, number, edits, who=who, now=now, seen=seen).changed
                done.append(number)
        except DoctallyError as error:
            faults = [Refused(rows[0].number, name, error.message)]
        refused += faults
    return Applied(tuple(done), changed, tuple(refused))


def is_sheet(found: Found) -> bool:
    """Tell whether a file of the inbox is a corrected sheet: it lies in ``corrections/``."""
    return found.tags[:1] == (TAG,) and found.path.suffix.lower() in SUFFIXES


def take_sheet(desk: Desk, folders: Folders, path: Path, *, now: datetime) -> Applied | None:
    """Apply a sheet that was dropped into the inbox and file it; None if it is no such sheet.

    A sheet that was taken goes to ``processed/``, one of which anything was refused to
    ``failed/`` with the reasons beside it. Raises AccessDenied.
    """
    name = safe_name(path.name)
    applied = None
    try:
        applied = apply(desk, path, who=f"file {name}", now=now)
        told = str(applied)
    except DoctallyError as error:
        told = error.message
    fine = applied is not None and not applied.refused
    where = folders.home / "processed" / f"{now:%Y}" / f"{now:%m}" if fine else folders.failed
    target = free(where / f"{TAG}-{token_hex(4)}-{name}")
    move(path, target)
    if not fine:
        write_reason(target, told + "\n")
    log.info("%s: %s", name, told.splitlines()[0])
    return applied


def _document(desk: Desk, row: SheetRow) -> StoredDocument:
    if not row.document.isascii() or not row.document.isdigit() or len(row.document) > 18:
        raise DoctallyError("there is no such document", code="no_such_document")
    found = documents.document(desk.database, int(row.document))
    if found.summary.public_id != row.public_id:
        raise DoctallyError("the id is another document's", code="no_such_document")
    return found


def _edits(
    desk: Desk, found: StoredDocument, rows: Sequence[SheetRow]
) -> tuple[Edits, list[Refused]]:
    extraction = found.extraction
    if extraction is None:
        raise DoctallyError("nothing was read in it", code="no_values")
    pages = documents.pages(desk.database, found.summary.document_id)
    locale = infer_locale(" ".join(w.text for page in pages for w in page.words))
    kinds = [r for r in rows if r.field == DOCUMENT_TYPE and r.correct.casefold() != FINE]
    document_type = extraction.document_type
    if kinds and kinds[-1].correct in set(DocumentType):
        document_type = kinds[-1].correct
    specs = {spec.name: spec for spec in header_fields(document_type)}
    fields: dict[str, Given | None] = {}
    accepted: list[str] = []
    lines: dict[int, dict[str, Given | None]] = {}
    faults: list[Refused] = []
    for row in rows:
        try:
            if row.public_id != found.summary.public_id:
                raise _Odd("the id is another document's")
            if row.line:
                line = _line(row, extraction)
                cell = _given(row, _cell_specs(), _now(extraction, row.field, line), locale)
                if not isinstance(cell, _AsItIs):
                    lines.setdefault(line, {})[row.field] = cell
            elif row.field == DOCUMENT_TYPE:
                _type(row, extraction)
            else:
                value = _given(row, specs, _now(extraction, row.field, None), locale)
                if isinstance(value, _AsItIs):
                    accepted.append(row.field)
                else:
                    fields[row.field] = value
        except _Odd as odd:
            faults.append(Refused(row.number, row.document, str(odd)))
    edits = Edits(
        document_type=DocumentType(document_type) if kinds and not faults else None,
        fields=fields,
        rows=_rows(extraction, lines) if lines else None,
        accepted=tuple(accepted),
    )
    return edits, faults


def _type(row: SheetRow, extraction: Extraction) -> None:
    if row.value and row.value != extraction.document_type:
        raise _Odd(f"the value is {extraction.document_type} now")
    if row.correct.casefold() != FINE and row.correct not in set(DocumentType):
        raise _Odd(f"{row.correct[:40]} is no document type")


def _line(row: SheetRow, extraction: Extraction) -> int:
    count = len(extraction.line_items)
    if not row.line.isascii() or not row.line.isdigit() or not 1 <= int(row.line[:6]) <= count + 50:
        raise _Odd(f"there is no line {row.line[:20]}")
    return int(row.line)


def _now(extraction: Extraction, field: str, line: int | None) -> str:
    if line is None:
        value = extraction.fields.get(field)
    else:
        rows = extraction.line_items
        value = rows[line - 1].get(field) if line <= len(rows) else None
    return value.value if value else ""


def _cell_specs() -> Mapping[str, FieldSpec]:
    return {spec.name: spec for spec in item_fields()}


def _given(
    row: SheetRow, specs: Mapping[str, FieldSpec], present: str, locale: Locale
) -> Given | _AsItIs | None:
    """Return the value that a row gives, None for none, or that it is right as it is."""
    spec = specs.get(row.field)
    if spec is None:
        raise _Odd(f"there is no field {row.field[:40]!r}")
    if not _alike(spec.kind, row.value, present):
        raise _Odd(
            f"the value of {row.field} is {present or 'none'!r} now, not what the sheet says"
        )
    if row.correct.casefold() == FINE:
        return _AsItIs()
    if row.correct == NONE:
        return None
    value = _normal(spec.kind, row.correct, locale)
    if value is None:
        raise _Odd(f"{row.correct[:40]!r} is no value of {row.field}")
    return Given(value=value)


def _alike(kind: Kind, told: str, present: str) -> bool:
    """Tell whether a sheet's value is the document's, however a spreadsheet writes numbers."""
    if told == present:
        return True
    if kind in _NUMBERS and _PLAIN_NUMBER.fullmatch(told) and _PLAIN_NUMBER.fullmatch(present):
        return float(told) == float(present)
    return " ".join(told.split()) == " ".join(present.split())


def _normal(kind: Kind, text: str, locale: Locale) -> str | None:
    if kind is Kind.DATE and _ISO_DAY.fullmatch(text):
        return text
    if kind in _NUMBERS and _PLAIN_NUMBER.fullmatch(text):
        return normalise(kind, text, Locale(day_first=locale.day_first, decimal_comma=False))
    return normalise(kind, text, locale)


def _rows(
    extraction: Extraction, lines: Mapping[int, Mapping[str, Given | None]]
) -> tuple[Row, ...]:
    """Return all lines: those there are, changed where the sheet says so, and the new ones."""
    count = len(extraction.line_items)
    rows = [Row(origin=n, cells=dict(lines.get(n + 1, {}))) for n in range(count)]
    new = sorted(number for number in lines if number > count)
    return (*rows, *(Row(cells=dict(lines[number])) for number in new))

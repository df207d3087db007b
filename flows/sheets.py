"""Doubtful documents as a sheet to correct, and the corrected sheet read back; CSV or Excel.

One row a value. In the column ``correct`` a person writes the right value, ``ok`` for a value that
is right, ``-`` for one that the document does not have; a document with nothing in that column
stays as it is. A sheet comes from outside: it is only text, no formula of it is ever computed.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas
from openpyxl import load_workbook

from db import documents
from db.database import Database
from db.review import Wanted, queue
from doctally.errors import BadDocument, UnreadableDocument
from doctally.export import is_formula
from doctally.results import FieldValue, Finding, Severity, State
from doctally.schemas import header_fields, item_fields
from extractors.limits import ReadLimits
from extractors.package import content_of, open_package, refuse_entities

COLUMNS = (
    "document",
    "id",
    "file",
    "type",
    "line",
    "field",
    "value",
    "confidence",
    "page",
    "why",
    "correct",
)
NEEDED = ("document", "id", "field", "value", "correct")
MOST_ROWS = 100_000
LONGEST_CELL = 2_000
LIMITS = ReadLimits(max_file_mb=20)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row in which a person wrote something; ``number`` is its row in the file, from 1."""

    number: int
    document: str
    public_id: str
    line: str
    field: str
    value: str
    correct: str


def doubtful(database: Database, *, now: datetime, limit: int = 200) -> pandas.DataFrame:
    """Return the values of the documents that wait for a review, the most urgent first."""
    rows: list[dict[str, Any]] = []
    for entry in queue(database, Wanted(state=State.REVIEW), now=now, limit=limit):
        rows += _rows_of(database, entry.document_id)
    return pandas.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _rows_of(database: Database, number: int) -> Iterator[dict[str, Any]]:
    found = documents.document(database, number)
    extraction = found.extraction
    if extraction is None:
        return

    def row(field: str, value: FieldValue | None, line: int | None) -> dict[str, Any]:
        return {
            "document": number,
            "id": found.summary.public_id,
            "file": found.summary.name,
            "type": str(extraction.document_type),
            "line": line,
            "field": field,
            "value": value.value if value else None,
            "confidence": round(value.confidence, 3) if value else None,
            "page": value.page if value else None,
            "why": "; ".join(f.message for f in _about(found.findings, field, line)),
            "correct": None,
        }

    kind = FieldValue(extraction.document_type, extraction.route_confidence)
    yield row("document_type", kind, None)
    for spec in header_fields(extraction.document_type):
        value = extraction.fields.get(spec.name)
        if value is not None or any(_about(found.findings, spec.name, None)):
            yield row(spec.name, value, None)
    for line, cells in enumerate(extraction.line_items, 1):
        for spec in item_fields():
            if spec.name in cells:
                yield row(spec.name, cells[spec.name], line)


def _about(findings: Sequence[Finding], field: str, line: int | None) -> Iterator[Finding]:
    name = field if line is None else f"line_items.{line - 1}.{field}"
    return (f for f in findings if name in f.fields and f.severity is not Severity.INFO)


def corrected(path: Path) -> list[SheetRow]:
    """Return the rows of a sheet in which a person wrote something, in the file's order.

    Raises BadDocument (``not_a_sheet``) for a file without the needed columns or with too many
    rows, UnreadableDocument for a damaged one.
    """
    if path.stat().st_size > LIMITS.max_file_mb * 1_000_000:
        raise BadDocument(f"the sheet is larger than {LIMITS.max_file_mb} MB", code="not_a_sheet")
    grid = _csv(path) if path.suffix.lower() == ".csv" else _xlsx(path)
    names = [name.strip().casefold() for name in next(grid, [])]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise BadDocument(f"the sheet lacks: {', '.join(missing)}", code="not_a_sheet")
    found = []
    for number, cells in enumerate(grid, 2):
        if number > MOST_ROWS:
            raise BadDocument(f"the sheet has more than {MOST_ROWS} rows", code="not_a_sheet")
        told = dict(zip(names, map(_plain, cells), strict=False))
        if told.get("correct"):
            found.append(
                SheetRow(
                    number=number,
                    document=told.get("document", ""),
                    public_id=told.get("id", ""),
                    line=told.get("line", ""),
                    field=told.get("field", ""),
                    value=told.get("value", ""),
                    correct=told["correct"],
                )
            )
    return found


def _plain(text: str) -> str:
    """Return a cell without the apostrophe that keeps it from being a formula."""
    kept = text.strip()[:LONGEST_CELL]
    return kept[1:] if kept.startswith("'") and is_formula(kept[1:]) else kept


def _csv(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    except csv.Error as error:
        raise UnreadableDocument(f"the CSV is damaged: {error}", code="damaged") from error


def _xlsx(path: Path) -> Iterator[list[str]]:
    with open_package(path, LIMITS) as package:
        for member in package.infolist():
            if member.filename.endswith((".xml", ".rels", ".vml")):
                refuse_entities(content_of(package, member))
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                for cells in book.worksheets[0].iter_rows(max_row=MOST_ROWS + 2, max_col=40):
                    yield [_text(cell.value) for cell in cells]
            finally:
                book.close()
    except Exception as error:  # the library raises whatever a damaged part makes happen
        raise UnreadableDocument(
            f"the workbook is damaged ({type(error).__name__}); save it again", code="damaged"
        ) from error


def _text(value: Any) -> str:
    """Return a cell as text: a whole number without decimals, a day without its time."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value if value.time().isoformat() != "00:00:00" else value.date()).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

"""Documents handed over one by one: each as a UBL file in a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from doctally.errors import AccessDenied, ConfigurationError, RefusedRecord
from doctally.ubl import as_ubl

if TYPE_CHECKING:
    from db.database import Database

TABLES = ("invoices", "credit_notes", "purchase_orders")
"""The tables whose documents have a form in UBL."""


def write_ubl(
    database: Database, table: str, folder: Path, *, states: Sequence[str]
) -> Iterator[tuple[Path | None, str]]:
    """Yield for each document the file that was written, or None and why it was not.

    Files are named by document and number, so that a second export writes the same files anew.
    Raises ConfigurationError for another table, AccessDenied when nothing can be written.
    """
    from db.detail import document
    from db.frames import table as frame_of

    if table not in TABLES:
        raise ConfigurationError(
            f"{table} has no form in UBL; there are {', '.join(TABLES)}", code="unknown_format"
        )
    frame = frame_of(database, table, where={"state": list(states)})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in frame["document_id"]:
            extraction = document(database, int(number)).extraction
            if extraction is None:
                continue
            try:
                content = as_ubl(extraction)
            except RefusedRecord as refused:
                yield None, f"document {number}: {refused.message}"
                continue
            cell = extraction.fields.get("document_number")
            slug = re.sub(r"[^A-Za-z0-9]+", "-", cell.value if cell else "").strip("-")[:60]
            path = folder / f"{int(number):08}-{slug}.xml"
            part = path.with_suffix(".part")
            part.write_bytes(content)
            part.replace(path)
            yield path, ""
    except OSError as error:
        raise AccessDenied(f"{folder}: cannot be written: {error.strerror or error}") from error

"""Tables as files: CSV, Excel, Parquet and JSON, chosen by the file's suffix.

Documents come from strangers, and a spreadsheet runs a cell that starts like a formula. In CSV
such a text gets an apostrophe in front; in Excel files it is marked as text, unchanged. Numbers,
negative ones too, stay as they are. Not handled: several sheets, Excel's semicolon CSV.
"""

from __future__ import annotations

import csv
import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import pandas

from doctally.errors import AccessDenied, ConfigurationError

EXCEL_ROWS = 1_048_575
EXCEL_CHARACTERS = 32_767

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # XML 1.0, 2.2: no characters


def write_table(frame: pandas.DataFrame, path: Path) -> None:
    """Write the frame to ``path`` as its suffix says: .csv, .xlsx, .parquet or .json (records).

    The file appears whole or not at all. Amounts keep their decimals: in JSON they are strings
    like ``"1234.50"``. Raises ConfigurationError for another suffix or a table too long for
    Excel, AccessDenied when the file cannot be written.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        known = ", ".join(WRITERS)
        message = f"{path.name}: cannot write {path.suffix or 'a file without suffix'}; use {known}"
        raise ConfigurationError(message, code="unknown_format")
    part = path.with_name(f".{secrets.token_hex(4)}-{path.name}")
    try:
        try:
            writer(frame, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise AccessDenied(f"{path}: cannot be written: {error.strerror or error}") from error


def write_csv(frame: pandas.DataFrame, stream: TextIO) -> None:
    """Write the frame as CSV with a header line; empty is nothing, times are ISO 8601."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_harmless(name) for name in frame.columns])
    writer.writerows([_harmless(value) for value in row] for row in _rows(frame))


def is_formula(value: object) -> bool:
    """Tell whether a spreadsheet could run this cell; numbers written as text cannot run."""
    return isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value)


def _rows(frame: pandas.DataFrame) -> list[list[Any]]:
    """Return the rows as plain objects: None for every kind of nothing, no pandas types."""
    columns = [[_cell(value) for value in frame.iloc[:, i]] for i in range(frame.shape[1])]
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(value: Any) -> Any:
    if value is None or value is pandas.NaT or value is pandas.NA or value != value:
        return None
    if isinstance(value, str):
        return str.__str__(value)  # an enumeration's member as its value
    return value.to_pydatetime() if isinstance(value, pandas.Timestamp) else value


def _harmless(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        return value
    text = f"'{value}" if is_formula(value) else value
    # the csv module leaves a lone \r unquoted, and what follows would start a row
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _csv(frame: pandas.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_csv(frame, stream)


def _xlsx(frame: pandas.DataFrame, path: Path) -> None:
    if len(frame) > EXCEL_ROWS:
        message = f"Excel holds {EXCEL_ROWS} rows, the table has {len(frame)}; use .csv or .parquet"
        raise ConfigurationError(message, code="too_many_rows")
    rows = [[_fitting(value) for value in row] for row in _rows(frame)]
    names = [_fitting(name) for name in frame.columns]
    with pandas.ExcelWriter(path, engine="openpyxl") as book:
        pandas.DataFrame(rows, columns=names, dtype=object).to_excel(book, index=False)
        for sheet in book.sheets.values():
            for cells in sheet.iter_rows():
                for cell in cells:
                    if is_formula(cell.value):
                        cell.data_type, cell.quotePrefix = "s", True
            sheet.freeze_panes = "A2"


def _fitting(value: Any) -> Any:
    """Return what a cell of Excel can hold: no control characters, no time zones (UTC)."""
    if isinstance(value, str):
        return _CONTROL.sub("", value)[:EXCEL_CHARACTERS]
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _parquet(frame: pandas.DataFrame, path: Path) -> None:
    frame.to_parquet(path, engine="pyarrow", index=False)


def _json(frame: pandas.DataFrame, path: Path) -> None:
    names = [str(name) for name in frame.columns]
    records = [dict(zip(names, row, strict=True)) for row in _rows(frame)]
    text = json.dumps(records, default=_plain, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    item = getattr(value, "item", None)  # numpy's numbers
    return item() if callable(item) else str(value)


WRITERS: Mapping[str, Callable[[pandas.DataFrame, Path], None]] = {
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
    ".json": _json,
}

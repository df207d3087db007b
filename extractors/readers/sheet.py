"""Excel workbooks (.xlsx, .xlsm): each visible sheet as a grid, with the values last computed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from extractors import notices
from extractors.grid import text_of
from extractors.package import content_of, open_package, refuse_entities
from extractors.plain import pages_of_text
from extractors.source import Source

_MOST_COLUMNS = 100
_ROWS_A_PAGE = 66
_CURRENCY = re.compile(r"[€$£¥]|\b[A-Z]{3}\b")
_DECIMALS = re.compile(r"\.(0+)")
_QUOTED = re.compile(r'"([^"]*)"|\[\$([^\]-]*)[^\]]*\]|\\(.)')


def read(source: Source) -> Reading:
    """Return the sheets as pages, each sheet on a page of its own.

    Raises UnreadableDocument: ``damaged``, ``encrypted``, ``archive_bomb``, ``hostile_xml``.
    """
    with open_package(source.path, source.limits) as package:
        names = package.namelist()
        for member in package.infolist():
            if member.filename.endswith((".xml", ".rels", ".vml")):
                refuse_entities(content_of(package, member))
    told = [notices.macros_ignored()] if any("vbaProject" in name for name in names) else []
    most = source.limits.max_pages * _ROWS_A_PAGE
    try:
        sheets = list(_sheets(source, most=most))
    except Exception as error:  # the library raises whatever a damaged part makes happen
        raise UnreadableDocument(
            f"The workbook is damaged ({type(error).__name__}); save it again.", code="damaged"
        ) from error
    pages, total = pages_of_text("\f".join(filter(None, sheets)), max_pages=source.limits.max_pages)
    if total > len(pages):
        told.append(notices.pages_cut(len(pages), total))
    return Reading(media_type=source.media, pages=tuple(pages), notices=tuple(told))


def _sheets(source: Source, *, most: int) -> Iterator[str]:
    with warnings.catch_warnings(), source.path.open("rb") as file:  # a path is judged by its name
        warnings.simplefilter("ignore")
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    continue
                sheet.reset_dimensions()
                rows = sheet.iter_rows(max_col=_MOST_COLUMNS)
                yield text_of([[shown(cell) for cell in row] for row in islice(rows, most)])
        finally:
            book.close()


def shown(cell: Any) -> str:
    """Return a cell as its format shows it: decimals, percent, currency; dates as ISO dates."""
    value = cell.value
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or "General"))
    return str(value)


def _number(value: float, style: str) -> str:
    style = style.split(";")[0]
    quoted = " ".join("".join(groups) for groups in _QUOTED.findall(style))
    plain = _QUOTED.sub("", style)
    percent = "%" in plain
    decimals = _DECIMALS.search(plain)
    value = value * 100 if percent else value
    if decimals:
        text = f"{value:.{len(decimals.group(1))}f}"
    elif "0" in plain and "E" not in plain and plain != "General":
        text = f"{value:.0f}"
    else:
        text = f"{value:.10g}" if isinstance(value, float) else str(value)
    unit = _CURRENCY.search(quoted) or _CURRENCY.search(plain.replace("General", ""))
    return text + ("%" if percent else "") + (f" {unit.group()}" if unit else "")

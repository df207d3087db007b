"""The read model: views that a person can query, built from the schemas.

A query pays for the columns it names: SQLite looks a value up where its column is used (and can
join 64 tables at most), PostgreSQL joins the values and leaves out what is not used. Measured in
docs/database.md. A change here or in a schema is a new revision of the database.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Float, Integer
from sqlalchemy.types import TypeEngine

from db.columns import Plain, Utc, column_type
from db.life import STORED
from doctally.results import State
from doctally.schemas import (
    DocumentType,
    FieldSpec,
    Kind,
    all_header_fields,
    has_line_items,
    header_fields,
    item_fields,
)

NAMES = {
    DocumentType.INVOICE: ("invoices", "invoice_lines"),
    DocumentType.CREDIT_NOTE: ("credit_notes", "credit_note_lines"),
    DocumentType.RECEIPT: ("receipts", "receipt_lines"),
    DocumentType.PURCHASE_ORDER: ("purchase_orders", "purchase_order_lines"),
    DocumentType.SHIPMENT_NOTICE: ("shipment_notices", "shipment_lines"),
    DocumentType.SHIPMENT_STATUS: ("shipment_statuses", ""),
}
LINE_HEADER = ("document_number", "issue_date", "supplier_name", "customer_name", "currency")


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column: its name, the SQL that gives it, the type of what comes back.

    In the SQL, ``{total_net.number}`` is a column of the field value of that name.
    """

    name: str
    sql: str
    type: TypeEngine[Any]


@dataclass(frozen=True, slots=True)
class View:
    """A view's columns, the tables of its rows and which of these rows."""

    columns: tuple[ViewColumn, ...]
    tables: str
    where: str = ""

    def sql(self, name: str, dialect: str) -> str:
        """Return the CREATE VIEW statement for ``sqlite`` or ``postgresql``."""
        listed = ",\n".join(f"  {column.sql} AS {column.name}" for column in self.columns)
        tables, value = self.tables, _LOOKED_UP
        if dialect == "postgresql":
            listed, value = listed.replace("group_concat", "string_agg"), r"v_\1.\2"
            names = dict.fromkeys(name for name, _ in _VALUE.findall(listed))
            tables += "".join(_JOINED.format(name) for name in names)
        return f"CREATE VIEW {name} AS SELECT\n{_VALUE.sub(value, listed)}\n{tables}\n{self.where}"


_VALUE = re.compile(r"\{(\w+)\.(\w+)\}")
_LOOKED_UP = r"(SELECT v.\2 FROM field_values v WHERE v.document_id = d.id AND v.name = '\1')"
_JOINED = "\nLEFT JOIN field_values v_{0} ON v_{0}.document_id = d.id AND v_{0}.name = '{0}'"


def _value(spec: FieldSpec) -> ViewColumn:
    source = "value"
    if spec.kind in (Kind.AMOUNT, Kind.QUANTITY, Kind.PERCENT):
        source = "number"
    elif spec.kind in (Kind.DATE, Kind.TIME):
        source = "day" if spec.kind is Kind.DATE else "moment"
    return ViewColumn(spec.name, f"{{{spec.name}.{source}}}", column_type(spec.kind))


def _document() -> tuple[ViewColumn, ...]:
    return (
        ViewColumn("document_id", "d.id", Integer()),
        ViewColumn("public_id", "d.public_id", Plain()),
        ViewColumn("file", "d.name", Plain()),
        ViewColumn("tags", "d.tags", Plain()),
        ViewColumn("state", "d.state", Plain()),
        ViewColumn("received_at", "d.claimed_at", Utc()),
    )


_VALUES = "FROM field_values v WHERE v.document_id = d.id"
_LOWEST = ViewColumn("lowest_confidence", f"(SELECT min(v.confidence) {_VALUES})", Float())

_IN = "(SELECT p.name FROM documents p WHERE p.id = d.parent_id)"
_PARENT = ViewColumn("came_in", _IN, Plain())


def _wanted(document_type: DocumentType) -> str:
    ended = ", ".join(f"'{state}'" for state in STORED)
    return f"WHERE d.document_type = '{document_type}' AND d.state IN ({ended})"


def _of_type(document_type: DocumentType) -> View:
    found = (_value(spec) for spec in header_fields(document_type))
    columns = (*_document(), _LOWEST, *found)
    return View(columns, "FROM documents d", _wanted(document_type))


def _lines(document_type: DocumentType) -> View:
    header = (_value(s) for s in header_fields(document_type) if s.name in LINE_HEADER)
    cells = (ViewColumn(s.name, f"l.{s.name}", column_type(s.kind)) for s in item_fields())
    line = ViewColumn("line", "l.line", Integer())
    tables = "FROM line_items l JOIN documents d ON d.id = l.document_id"
    return View((*_document(), line, *header, *cells), tables, _wanted(document_type))


def _header(*names: str) -> Iterator[ViewColumn]:
    specs = {spec.name: spec for spec in all_header_fields()}
    return (_value(specs[name]) for name in names)


def _amount() -> ViewColumn:
    choices = ", ".join(c.sql for c in _header("amount_due", "total_gross", "total_net"))
    return ViewColumn("amount", f"coalesce({choices})", column_type(Kind.AMOUNT))


def _doubtful(most: int) -> str:
    lowest = f"SELECT v.name {_VALUES} ORDER BY v.confidence, v.name LIMIT {most}"
    return f"(SELECT group_concat(f.name, ', ') FROM ({lowest}) f)"  # noqa: S608


def _findings() -> str:
    codes = "SELECT DISTINCT f.code FROM findings f WHERE f.document_id = d.id"
    return (
        f"(SELECT group_concat(c.code, ', ') FROM ({codes} AND f.severity <> 'info' ORDER BY 1) c)"  # noqa: S608
    )


def _review() -> View:
    columns = (
        *_document(),
        _PARENT,
        ViewColumn("document_type", "d.document_type", Plain()),
        *_header("supplier_name", "document_number"),
        _amount(),
        *_header("currency"),
        ViewColumn("reason_code", "d.reason_code", Plain()),
        ViewColumn("reason", "d.reason", Plain()),
        ViewColumn("findings", _findings(), Plain()),
        ViewColumn("doubtful_fields", _doubtful(3), Plain()),
        _LOWEST,
        ViewColumn("waiting_since", "d.updated_at", Utc()),
    )
    return View(columns, "FROM documents d", f"WHERE d.state = '{State.REVIEW}'")


def _overview() -> View:
    arrivals = "(SELECT count(*) FROM arrivals a WHERE a.document_id = d.id)"
    parts = "(SELECT count(*) FROM documents c WHERE c.parent_id = d.id)"
    columns = (
        *_document(),
        ViewColumn("parent_id", "d.parent_id", Integer()),
        _PARENT,
        ViewColumn("parts", parts, Integer()),
        ViewColumn("document_type", "d.document_type", Plain()),
        *_header("supplier_name", "document_number", "issue_date", "total_gross", "currency"),
        _LOWEST,
        ViewColumn("reason_code", "d.reason_code", Plain()),
        ViewColumn("reason", "d.reason", Plain()),
        ViewColumn("location", "d.location", Plain()),
        ViewColumn("further_files", arrivals, Integer()),
        ViewColumn("duplicate_of", "d.duplicate_of", Integer()),
        ViewColumn("attempts", "d.attempts", Integer()),
        ViewColumn("model_version", "d.model_version", Plain()),
        ViewColumn("updated_at", "d.updated_at", Utc()),
        ViewColumn("finished_at", "d.finished_at", Utc()),
    )
    return View(columns, "FROM documents d")


def _all() -> Iterator[tuple[str, View]]:
    for document_type, (headers, lines) in NAMES.items():
        yield headers, _of_type(document_type)
        if lines and has_line_items(document_type):
            yield lines, _lines(document_type)
    yield "review_queue", _review()
    yield "documents_overview", _overview()


VIEWS: Mapping[str, View] = dict(_all())


def fingerprint() -> str:
    """Return a hash of all views; each revision carries that of its time, and a test compares."""
    text = "\n".join(v.sql(n, d) for n, v in VIEWS.items() for d in ("sqlite", "postgresql"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def drop(connection: Connection) -> None:
    """Remove the views, so that the tables under them can change."""
    for name in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def create(connection: Connection) -> None:
    """Make the views anew."""
    for name, view in VIEWS.items():
        connection.exec_driver_sql(view.sql(name, connection.dialect.name))

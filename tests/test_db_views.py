"""The read model: views that people query, and the same as pandas frames."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas
import pytest
from sqlalchemy import text

from db import documents, views
from db.claims import Incoming
from db.database import Database, open_database
from db.frames import table
from db.store import Stored
from doctally.errors import ConfigurationError
from doctally.pages import Reading
from doctally.results import Extraction, FieldValue, Finding, Severity, State
from doctally.schemas import DocumentType, header_fields, item_fields

NOW = datetime(2024, 5, 1, 8, 0, 0, 250_000, tzinfo=UTC)


def _store(
    database: Database,
    content: int,
    document_type: str,
    fields: dict[str, str],
    *lines: dict[str, str],
    outcome: State = State.ACCEPTED,
    findings: tuple[Finding, ...] = (),
) -> int:
    file = Incoming(f"{content:064x}", f"{content}.pdf", ("acme", "may"), 9)
    now = NOW + timedelta(hours=content)
    (claim,) = documents.claim(database, [file], owner="a", now=now, lease_s=60)
    sure = {n: FieldValue(v, 0.9 - 0.1 * i) for i, (n, v) in enumerate(fields.items())}
    rows = tuple({n: FieldValue(v, 0.9) for n, v in line.items()} for line in lines)
    found = Extraction(document_type, 0.9, sure, rows, "bank-1")
    row = Stored(claim.document_id, Reading("application/pdf"), found, findings, outcome)
    documents.store(database, [row], owner="a", now=now)
    return claim.document_id


INVOICE = {
    "supplier_name": "Müller GmbH",
    "document_number": "RE-1",
    "issue_date": "2024-02-29",
    "total_gross": "119.00",
    "total_tax": "19.0025",
    "currency": "EUR",
}
LINE = {"code": "A1", "quantity": "2.5", "unit_price": "40", "delivery_date": "2024-03-01"}


def test_an_invoice_is_one_typed_row_and_each_line_another(database: Database) -> None:
    document_id = _store(database, 1, "invoice", INVOICE, LINE, {"amount_net": "0.1"})
    frame = table(database, "invoices")
    assert len(frame) == 1
    row = frame.iloc[0].to_dict()
    assert row["document_id"] == document_id
    assert (row["file"], row["tags"], row["state"]) == ("1.pdf", "acme/may", "accepted")
    assert row["received_at"] == NOW + timedelta(hours=1)
    assert row["lowest_confidence"] == pytest.approx(0.4)
    assert row["issue_date"] == date(2024, 2, 29)
    assert [str(row[n]) for n in ("total_gross", "total_tax")] == ["119.00", "19.0025"]
    assert row["supplier_name"] == "Müller GmbH"
    assert row["due_date"] is None
    lines = table(database, "invoice_lines")
    assert list(lines["line"]) == [1, 2]
    assert str(lines["quantity"][0]) == "2.5"
    assert str(lines["unit_price"][0]) == "40.00"
    assert lines["delivery_date"][0] == date(2024, 3, 1)
    assert list(lines["document_number"]) == ["RE-1", "RE-1"]
    assert list(lines["amount_net"]) == [None, Decimal("0.10")]
    for other in ("credit_notes", "receipts", "purchase_orders", "purchase_order_lines"):
        assert len(table(database, other)) == 0


EXAMPLES = {"amount": "1.50", "quantity": "2", "percent": "19", "date": "2024-05-01"} | {
    "time": "2024-05-01T10:30:00"
}


def test_every_field_of_every_schema_arrives_in_its_view(database: Database) -> None:
    for content, (document_type, (name, lines)) in enumerate(views.NAMES.items()):
        fields = {s.name: EXAMPLES.get(s.kind, s.name) for s in header_fields(document_type)}
        cells = {s.name: EXAMPLES.get(s.kind, s.name) for s in item_fields()}
        _store(database, content, document_type, fields, *([cells] if lines else []))
        row = table(database, name).iloc[0]
        for spec in header_fields(document_type):
            found = row[spec.name]
            shown = found.isoformat() if hasattr(found, "isoformat") else str(found)
            assert shown == fields[spec.name], (name, spec)
        if lines:
            row = table(database, lines).iloc[0]
            assert {n: str(row[n]) for n in cells} == cells
    assert len(table(database, "documents_overview")) == len(DocumentType) - 1


def test_only_documents_with_values_are_in_the_views_but_all_in_the_overview(
    database: Database,
) -> None:
    _store(database, 1, "invoice", INVOICE)
    _store(database, 2, "invoice", INVOICE, outcome=State.REVIEW)
    files = [Incoming(f"{n:064x}", f"{n}.pdf", (), 9) for n in (3, 4)]
    claims = documents.claim(database, files, owner="a", now=NOW, lease_s=60)
    documents.fail(database, claims[0].document_id, "empty", "No bytes.", owner="a", now=NOW)
    assert list(table(database, "invoices")["state"]) == ["accepted", "review"]
    overview = table(database, "documents_overview")
    assert sorted(overview["state"]) == ["accepted", "claimed", "failed", "review"]
    failed = table(database, "documents_overview", where={"reason_code": "empty"})
    assert list(failed["reason"]) == ["No bytes."]


def test_the_review_queue_says_why_what_is_doubtful_and_what_is_at_stake(
    database: Database,
) -> None:
    _store(database, 1, "invoice", INVOICE)
    findings = (
        Finding("total_differs", Severity.REVIEW, "The sums differ.", ("total_gross",)),
        Finding("bad_iban", Severity.REJECT, "No IBAN.", ("supplier_iban",)),
        Finding("long_ago", Severity.INFO, "Long ago."),
        Finding("total_differs", Severity.REVIEW, "The sums differ again."),
    )
    with_due = {**INVOICE, "amount_due": "19.00"}
    given = {"outcome": State.REVIEW, "findings": findings}
    document_id = _store(database, 2, "invoice", with_due, **given)
    _store(database, 3, "shipment_notice", {"carrier": "DHL"}, outcome=State.REVIEW)
    queue = table(database, "review_queue")
    assert list(queue["document_type"]) == ["invoice", "shipment_notice"]
    row = queue.iloc[0]
    assert row["document_id"] == document_id
    assert row["findings"] == "bad_iban, total_differs"
    assert row["doubtful_fields"] == "amount_due, currency, total_tax"
    assert row["lowest_confidence"] == pytest.approx(0.3)
    assert str(row["amount"]) == "19.00"
    assert row["currency"] == "EUR"
    assert queue.iloc[1]["amount"] is None
    assert queue.iloc[1]["findings"] is None


def test_a_further_file_is_counted_in_the_overview(database: Database) -> None:
    _store(database, 1, "receipt", {"total_gross": "5.00"})
    copy = Incoming(f"{1:064x}", "copy.pdf", (), 9)
    documents.claim(database, [copy], owner="a", now=NOW, lease_s=60)
    assert list(table(database, "documents_overview")["further_files"]) == [1]


def test_a_frame_takes_conditions_and_a_beginning(database: Database) -> None:
    ids = [_store(database, n, "invoice", {**INVOICE, "document_number": str(n)}) for n in range(3)]
    some = table(database, "invoices", where={"document_number": ["0", "2"]})
    assert list(some["document_id"]) == [ids[0], ids[2]]
    both = {"document_number": "2", "supplier_name": "Müller GmbH", "due_date": None}
    assert len(table(database, "invoices", where=both)) == 1
    assert len(table(database, "invoices", where={"total_gross": Decimal(119)})) == 3
    assert len(table(database, "invoices", where={"issue_date": date(2024, 2, 29)})) == 3
    recent = table(database, "invoices", since=NOW + timedelta(hours=1))
    assert list(recent["document_id"]) == ids[1:]
    empty = table(database, "invoices", where={"currency": "USD"})
    assert list(empty.columns) == list(some.columns)


def test_an_unknown_table_or_column_is_told_with_the_known_ones(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="no table 'bills'; there are invoices, "):
        table(database, "bills")
    with pytest.raises(ConfigurationError, match="no column 'total'; it has document_id, "):
        table(database, "invoices", where={"total": 1})


def test_pandas_reads_a_query_of_its_own(database: Database) -> None:
    for content in range(3):
        _store(database, content, "invoice", INVOICE)
    query = """
        SELECT supplier_name, currency, count(*) AS invoices, sum(total_gross) AS gross
        FROM invoices WHERE state IN ('accepted', 'confirmed') GROUP BY 1, 2
    """
    frame = pandas.read_sql(text(query), database.engine)
    assert frame.to_dict("records") == [
        {"supplier_name": "Müller GmbH", "currency": "EUR", "invoices": 3, "gross": 357.0}
    ]


def test_sqlite_finds_documents_and_values_by_index(tmp_path: Path) -> None:
    queries = ("SELECT total_gross FROM invoices", "SELECT * FROM review_queue")
    with (
        open_database(f"sqlite:///{tmp_path}/x.db") as database,
        database.read() as session,
    ):
        for query in queries:
            plan = [str(row[-1]) for row in session.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
            tables = [step for step in plan if " d" in step or " v" in step]
            assert tables
            assert all(step.startswith("SEARCH") for step in tables), plan

"""How long storing and querying take: python -m benchmarks.database --documents 100000.

Stores 2,000 documents through the repository, in batches like the flows do, into SQLite in a
temporary folder or an empty database; copies them in SQL up to the number asked for; then times
the queries of docs/database.md and prints the first steps of their plans.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from db import documents
from db.database import Database, open_database
from db.tables import DocumentRow, FieldValueRow, FindingRow, LineItemRow, PageRow, TransitionRow
from doctally.pages import Box, Page, Reading, Word
from doctally.results import Extraction, FieldValue, Finding, Severity, State

NOW = datetime(2024, 5, 1, tzinfo=UTC)
BATCH, STORED = 100, 2000
QUERIES = {
    "gross per supplier and month, all invoices": """
        SELECT supplier_name, substr(CAST(issue_date AS TEXT), 1, 7) AS month, currency,
               SUM(total_gross) AS gross
        FROM invoices WHERE state IN ('accepted', 'confirmed') GROUP BY 1, 2, 3""",
    "invoices above 900": "SELECT * FROM invoices WHERE total_gross > 900",
    "invoices of one supplier": "SELECT * FROM invoices WHERE supplier_name = 'Supplier 17 GmbH'",
    "every invoice, every column": "SELECT * FROM invoices",
    "most bought items": """
        SELECT code, SUM(quantity) AS quantity, AVG(unit_price) AS price
        FROM invoice_lines GROUP BY code ORDER BY 2 DESC LIMIT 20""",
    "review queue, dearest first": "SELECT * FROM review_queue ORDER BY amount DESC LIMIT 50",
    "one document": "SELECT * FROM invoices WHERE document_id = 4711",
    "overview, newest 50": "SELECT * FROM documents_overview ORDER BY document_id DESC LIMIT 50",
}


def _extraction(number: int, dice: random.Random) -> Extraction:
    kind = dice.choices(("invoice", "purchase_order", "receipt"), (6, 3, 1))[0]
    net = dice.randrange(1000, 100_000)
    values = {
        "document_number": f"RE-{number:07d}",
        "issue_date": str(date(2024, 1, 1) + timedelta(days=dice.randrange(365))),
        "supplier_name": f"Supplier {dice.randrange(500)} GmbH",
        "supplier_address": f"Street {dice.randrange(99)}, 10115 Berlin",
        "supplier_tax_id": f"DE{dice.randrange(10**9):09d}",
        "customer_name": "Customer AG",
        "currency": dice.choice(("EUR", "EUR", "USD")),
        "total_net": f"{net / 100:.2f}",
        "total_tax": f"{net * 19 // 100 / 100:.2f}",
        "total_gross": f"{(net + net * 19 // 100) / 100:.2f}",
        "payment_terms": "30 days net",
        "order_number": f"PO{dice.randrange(10**6)}",
    }
    box = Box(0.1, 0.2, 0.3, 0.22)
    fields = {n: FieldValue(v, dice.random(), 1, box, "model", v) for n, v in values.items()}
    cells = {"code": "A", "description": "Goods", "quantity": "3", "unit_price": "4.50"}
    lines = tuple(
        {
            name: FieldValue(f"A{dice.randrange(2000)}" if name == "code" else value, 0.9, 1, box)
            for name, value in cells.items()
        }
        for _ in range(4)
    )
    return Extraction(kind, 0.97, fields, lines, "benchmark")


def fill(database: Database, count: int) -> float:
    """Return the seconds that claiming and storing took."""
    dice = random.Random(1)
    words = tuple(Word(f"word{i}", Box(0.1, 0.1, 0.2, 0.12), 9.0) for i in range(200))
    reading = Reading("application/pdf", (Page(1, 595, 842, words),))
    finding = Finding("total_differs", Severity.REVIEW, "The sums differ.", ("total_gross",))
    begun = time.perf_counter()
    for start in range(0, count, BATCH):
        entries = [
            documents.Incoming(f"{n:064x}", f"{n}.pdf", ("bench",), 1000)
            for n in range(start, min(start + BATCH, count))
        ]
        claims = documents.claim(database, entries, owner="bench", now=NOW, lease_s=60)
        batch = [
            documents.Stored(
                document_id=claim.document_id,
                reading=reading,
                extraction=_extraction(claim.document_id, dice),
                findings=(finding,) if claim.document_id % 10 == 0 else (),
                outcome=State.REVIEW if claim.document_id % 10 == 0 else State.ACCEPTED,
            )
            for claim in claims
        ]
        documents.store(database, batch, owner="bench", now=NOW)
    return time.perf_counter() - begun


def copy(database: Database, times: int) -> None:
    """Store each document so many times more, under new ids."""
    changed = {"id": "{c} + {n}", "document_id": "{c} + {n}", "duplicate_of": "NULL"}
    unique = "substr('{n:08d}', 1, 8) || substr({c}, 9)"
    changed |= {"sha256": unique, "public_id": unique}
    tables = (DocumentRow, FieldValueRow, LineItemRow, FindingRow, TransitionRow, PageRow)
    for copy in range(1, times + 1):
        with database.write() as session:
            for table in (t.__table__ for t in tables):
                names = [
                    c.name for c in table.columns if c.name != "id" or table.name == "documents"
                ]
                values = [changed.get(c, "{c}").format(c=c, n=copy * STORED) for c in names]
                key = "id" if table.name == "documents" else "document_id"
                statement = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT "
                statement += f"{', '.join(values)} FROM {table.name} WHERE {key} <= {STORED}"
                session.execute(text(statement))


def _timed(database: Database) -> Iterator[tuple[str, float, int, str]]:
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    for name, query in QUERIES.items():
        with database.read() as session:
            begun = time.perf_counter()
            rows = len(session.execute(text(query)).all())
            seconds = time.perf_counter() - begun
            plan = [str(row[-1]) for row in session.execute(text(explain + query))]
        steps = [step for step in plan if "SUBQUERY" not in step]
        yield name, seconds, rows, "; ".join(dict.fromkeys(s.strip() for s in steps[:3]))


def main() -> None:
    """Print one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--url", default="", help="an empty database; default: SQLite")
    parser.add_argument("--keep", help="SQLite file to keep; filled only if it is not there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(given.keep or f"{folder}/benchmark.db")
        filled = file.exists()
        with open_database(given.url or f"sqlite:///{file}") as database:
            if not filled:
                seconds = fill(database, STORED)
                print(f"{STORED / seconds:8.0f} documents/s claimed and stored")
                copy(database, given.documents // STORED - 1)
            if not given.url:
                print(f"{file.stat().st_size / 1e6:8.0f} MB")
            with database.write() as session:
                session.execute(text("ANALYZE"))
            for name, seconds, rows, plan in _timed(database):
                print(f"{seconds * 1000:8.1f} ms  {rows:6d} rows  {name}\n{'':14}{plan}")


if __name__ == "__main__":
    main()

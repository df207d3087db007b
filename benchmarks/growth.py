"""What one more document costs beside many: python -m benchmarks.growth --stored 1000 10000 100000.

A thousand files go through the runner's steps for real; their rows are then copied in SQL, under
numbers of their own, up to each size: one supplier keeps a quarter of all documents as open orders,
the others grow to ten thousand suppliers. Then the same kinds of new documents are processed as
always (no Prefect server, no model: records need none): bills, orders, and bills of the one
supplier that name no order. Told is milliseconds a document, of the processor and of the clock, the
part of matching alone, and what each is of the first row's.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from sqlalchemy import text

from benchmarks import papers
from benchmarks.faults.engine import load
from benchmarks.faults.worker import Here
from benchmarks.papers import Paper
from benchmarks.speed.watch import watching
from db.database import Database
from db.tables import (
    DocumentRow,
    FieldValueRow,
    FindingRow,
    LineItemRow,
    MatchLinkRow,
    MatchNameRow,
    MatchPaperRow,
    MatchReasonRow,
    MatchWordRow,
    OpenLineRow,
    TransitionRow,
)
from doctally.results import Extraction, FieldValue
from doctally.settings import Settings
from doctally.ubl import as_ubl
from extractors.limits import ReadLimits
from extractors.read import read
from flows.folders import Folders
from flows.home import Home, open_home
from flows.once import process_all
from models.given import from_record

MADE, FIRMS = 1000, 50
STEP = 10_000
"""Copies are numbered so far apart: more than the documents of a thousand files."""
_TABLES = (
    DocumentRow,
    FieldValueRow,
    LineItemRow,
    FindingRow,
    TransitionRow,
    MatchPaperRow,
    MatchNameRow,
    MatchWordRow,
    MatchLinkRow,
    MatchReasonRow,
    OpenLineRow,
)
_KEPT = ("code", "description", "quantity", "unit", "unit_price")
_CHANGED = {
    "id": "{c} + {n}",
    "document_id": "{c} + {n}",
    "order_id": "{c} + {n}",
    "other_id": "{c} + {n}",
    "duplicate_of": "NULL",
    "parent_id": "NULL",
    "sha256": "substr('{k:08d}', 1, 8) || substr({c}, 9)",
    "public_id": "substr('{k:08d}', 1, 8) || substr({c}, 9)",
    "file_id": "NULL",
    "owner": "''",
}
_OF_TABLE = {
    (FieldValueRow, "key"): "CASE WHEN name = 'document_number' THEN {c} || '{k}' ELSE {c} END",
    (MatchNameRow, "key"): "substr({c} || 'k{k}', 1, 64)",
    (
        MatchWordRow,
        "word",
    ): "CASE WHEN {c} LIKE 'p:%' THEN substr({c} || '~{k}', 1, 32) ELSE {c} END",
    (MatchPaperRow, "firm"): "CASE WHEN kind = 'purchase_order' THEN {c} ELSE {c} || '{f}' END",
}


def copies(database: Database, first: int, last: int) -> None:
    """Store the first thousand files' rows again, as so many copies."""
    for k in range(first, last):
        with database.write() as session:
            for table in _TABLES:
                columns = table.__table__.columns
                names = [c.name for c in columns if c.name != "id" or table is DocumentRow]
                values = [
                    (_OF_TABLE.get((table, name)) or _CHANGED.get(name, "{c}")).format(
                        c=name, n=k * STEP, k=k, f=k % FIRMS
                    )
                    for name in names
                ]
                keys = [c for c in ("document_id", "order_id") if c in columns] or ["id"]
                where = " AND ".join(f"{key} < {STEP}" for key in keys)
                session.execute(
                    text(
                        f"INSERT INTO {table.__tablename__} ({', '.join(names)}) "
                        f"SELECT {', '.join(values)} FROM {table.__tablename__} "
                        f"WHERE {where}"
                    )
                )
            new = "INSERT INTO match_firms (firm) SELECT DISTINCT firm FROM match_papers "
            new += (
                f"WHERE document_id BETWEEN {k * STEP} AND {(k + 1) * STEP} ON CONFLICT DO NOTHING"
            )
            session.execute(text(new))


def probe(turn: int, count: int, folder: Path) -> Iterator[Paper]:
    """Yield new documents: bills, orders, and bills of the supplier of all orders, in turn."""
    for place in range(count):
        number = 1_000_000 * turn + place
        if place % 3 == 0:
            yield Paper(f"R-{number}.xml", papers.invoice(f"R-{number}"))
        elif place % 3 == 1:
            yield Paper(f"P-{number}.edi", papers.order(f"P-{number}", number % 10**9))
        else:
            yield Paper(
                f"R-{number}.xml", unnamed(f"R-{number}", 2 + 20 * turn + 4 * place, folder)
            )


def unnamed(number: str, order: int, folder: Path) -> bytes:
    """Return a bill for what an order of the first thousand ordered, which it does not name."""
    file = folder / "order.edi"
    file.write_bytes(papers.order(f"P-{order}", order))
    ordered = from_record(read(file, ReadLimits(), pages_only=False, threads=1))
    head = {name: cell.value for name, cell in ordered.fields.items()}
    rows, net = [], Decimal(0)
    for place, line in enumerate(ordered.line_items, start=1):
        row = {name: cell.value for name, cell in line.items() if name in _KEPT}
        amount = (Decimal(row["quantity"]) * Decimal(row["unit_price"])).quantize(Decimal("0.01"))
        net += amount
        rows.append({**row, "position": str(place), "amount_net": str(amount), "tax_rate": "0"})
    given = {name: value for name, value in head.items() if name.startswith("supplier")}
    given |= {"document_number": number, "issue_date": "2026-04-01", "currency": "USD"}
    given |= {"customer_name": "Acme", "customer_address": "Side Street 2, 54321 City"}
    given |= {"supplier_address": "Main Street 1, 12345 Town", "total_tax": "0.00"}
    given |= dict.fromkeys(("total_net", "total_gross", "amount_due"), str(net))
    cells = tuple({n: FieldValue(v, 1.0) for n, v in row.items()} for row in rows)
    return as_ubl(
        Extraction("invoice", 1.0, {n: FieldValue(v, 1.0) for n, v in given.items()}, cells)
    )


def work(home: Home, given: Sequence[Paper]) -> tuple[float, float, float, int]:
    """Return processor and clock milliseconds a document, matching's, and how many there were."""
    papers.drop(given, home.folders.inbox)
    count = 0
    with watching() as watch:
        cpu, wall = time.process_time(), time.perf_counter()
        for batch in process_all(home, told=lambda _: None):
            count += len(batch.items)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    each = 1000 / max(count, 1)
    return cpu * each, wall * each, watch.spent["match"] * each, count


def main() -> None:
    """Print a row for each size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--stored", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--new", type=int, default=192, help="documents processed at each size")
    parser.add_argument("--database", default="", help="URL of an empty database; none: SQLite")
    chosen = parser.parse_args()
    print("   stored   CPU ms   x   clock ms   x   matching ms   x", flush=True)
    with tempfile.TemporaryDirectory(prefix="growth") as name:
        settings = Settings(
            home=Path(name) / "home", database_url=chosen.database, settle_s=0, readers=1, threads=1
        )
        Folders(settings.home).create()
        with open_home(settings, load_engine=load) as opened:
            home = replace(opened, readers=Here())  # type: ignore[arg-type]
            work(home, [papers.paper(n) for n in range(1, MADE + 1)])
            base: tuple[float, ...] = ()
            copied = 1
            for turn, size in enumerate(sorted(chosen.stored), start=1):
                copies(home.database, copied, size // MADE)
                copied = max(size // MADE, copied)
                with home.database.write() as session:
                    session.execute(text("ANALYZE"))
                work(home, list(probe(2 * turn, 32, Path(name))))  # warm
                *told, count = work(home, list(probe(2 * turn + 1, chosen.new, Path(name))))
                base = base or tuple(told)
                cells = (f"{ms:8.1f} {ms / one:5.2f}" for ms, one in zip(told, base, strict=True))
                print(f"{size:9,} {'   '.join(cells)}   ({count} documents)", flush=True)


if __name__ == "__main__":
    main()

"""How long the dashboard's queries take: python -m benchmarks.dashboard --documents 100000.

Fills a database with made-up documents of 40 days, 12 values each, a quarter of them confirmed by
people, and prints the median of five runs of each query with the load of the machine.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from db import accuracy, daily, review
from db.database import Database, open_database
from db.tables import AuditRow, CorrectionRow, DocumentRow, FieldValueRow, TransitionRow
from db.waiting import waiting
from doctally.corrections import CorrectionKind
from doctally.results import State
from doctally.schemas import DocumentType, header_fields

FIELDS = [spec.name for spec in header_fields(DocumentType.INVOICE)][:12]
AT_ONCE = 5_000
NOW = datetime.now(UTC)
SINCE = NOW - timedelta(days=90)
STATES = (State.ACCEPTED, State.CONFIRMED, State.REVIEW, State.FAILED)
QUERIES: dict[str, Callable[[Database], object]] = {
    "documents by day": lambda d: daily.days(d, since=SINCE),
    "amounts": lambda d: daily.amounts(d, since=SINCE),
    "confidence by day": lambda d: daily.confidence(d, since=SINCE, below=0.7),
    "review time": lambda d: daily.waited(d, since=SINCE),
    "accuracy by field": lambda d: accuracy.by_field(d, since=SINCE),
    "accuracy by supplier": lambda d: accuracy.by_supplier(d, since=SINCE),
    "accuracy by day": lambda d: accuracy.by_day(d, since=SINCE),
    "open findings": accuracy.open_findings,
    "queue": waiting,
    "suppliers": lambda d: review.suppliers(d, state=None, limit=500),
}


def fill(database: Database, start: int, number: int, draw: random.Random) -> None:
    """Store documents with their values, steps and verdicts."""
    rows: dict[Any, list[dict[str, Any]]] = {}
    for n in range(start, start + number):
        at = NOW - timedelta(days=draw.random() * 40)
        (state,) = draw.choices(STATES, (62, 25, 10, 3))
        texts = dict.fromkeys(("tags", "reason_code", "reason", "owner", "location"), "")
        document = {
            "id": n,
            "public_id": f"{n:032}",
            "sha256": f"{n:064}",
            "name": f"{n}.pdf",
            "size": 1,
            "state": state,
            "document_type": DocumentType.INVOICE,
            "attempts": 1,
            "model_version": "v",
            "excerpt": "invoice " * 60,
            "claimed_at": at,
            "updated_at": at,
            "supplier": f"Supplier {int(draw.paretovariate(0.6)) % 900}",
            "amount": draw.randrange(1, 10**6) / 100,
            "currency": draw.choice(("EUR", "GBP")),
            **texts,
        }
        rows.setdefault(DocumentRow, []).append(document)
        for field in FIELDS:
            value = {"document_id": n, "name": field, "value": "x", "text": "x"}
            sure = {"confidence": draw.betavariate(9, 1), "source": "model", "model_version": "v"}
            rows.setdefault(FieldValueRow, []).append({**value, **sure})
            if state is State.CONFIRMED:
                kinds = (CorrectionKind.CONFIRMED, CorrectionKind.CHANGED)
                (kind,) = draw.choices(kinds, (9, 1))
                verdict = {"document_id": n, "field": field, "kind": kind}
                told = {"who": "anna", "corrected_at": at}
                rows.setdefault(CorrectionRow, []).append({**verdict, **told})
        if state in (State.CONFIRMED, State.REVIEW):
            step = {"document_id": n, "after": State.REVIEW, "at": at, "owner": ""}
            rows.setdefault(TransitionRow, []).append({**step, "reason_code": ""})
        if state is State.CONFIRMED:
            act = {"document_id": n, "who": "anna", "action": "confirm", "field": "state"}
            decided = at + timedelta(hours=draw.expovariate(0.5))
            rows.setdefault(AuditRow, []).append({**act, "at": decided})
    with database.write() as session:
        for table, given in rows.items():
            session.execute(insert(table), given)


def main() -> None:
    """Fill, time, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--documents", type=int, default=100_000)
    number = asked.parse_args().documents
    draw = random.Random(7)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_database(f"sqlite:///{folder}/x.db") as database,
    ):
        for start in range(1, number + 1, AT_ONCE):
            fill(database, start, min(AT_ONCE, number + 1 - start), draw)
        print(f"{number} documents, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for name, query in QUERIES.items():
            took = []
            for _ in range(5):
                begun = time.perf_counter()
                query(database)
                took.append(time.perf_counter() - begun)
            print(
                f"{name:22} {statistics.median(took) * 1000:7.0f} ms, best {min(took) * 1000:.0f}"
            )


if __name__ == "__main__":
    main()

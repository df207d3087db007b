"""How long matching one new bill takes beside many open order lines, and how that grows.

    python benchmarks/matching_speed.py [--lines 10000 100000 1000000] [--bills 20]

A database of orders of ten lines from 500 suppliers; then bills of eight lines are stored and
matched, half with an order number, half without one. Told is processor time of this process (the
database is SQLite, inside it), so that other work on the machine does not count; and wall time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from db.cases import firm_of, forms, words
from db.database import Database, open_database
from db.matching import match
from db.tables import (
    DocumentRow,
    FieldValueRow,
    LineItemRow,
    MatchNameRow,
    MatchPaperRow,
    MatchWordRow,
    OpenLineRow,
)
from db.values import header_row, line_row
from doctally.matching import Paper, Tolerances, paper_of
from doctally.results import Extraction, FieldValue
from synth.dice import Dice

PER_ORDER, SUPPLIERS = 10, 500
NOW = datetime(2024, 6, 1, tzinfo=UTC)
_NOUNS = [
    "bolt",
    "screw",
    "washer",
    "valve",
    "pipe",
    "hose",
    "cable",
    "switch",
    "lamp",
    "panel",
    "box",
    "tape",
    "label",
    "glove",
    "mask",
]
_KINDS = [
    "steel",
    "brass",
    "white",
    "black",
    "blue",
    "heavy",
    "light",
    "long",
    "short",
    "round",
    "flat",
    "fine",
    "coarse",
    "dry",
]
_MAKES = [
    "Nordwerk",
    "Velta",
    "Kaspar",
    "Tyrell",
    "Ombra",
    "Fenwick",
    "Quarz",
    "Lumex",
    "Brixton",
    "Solano",
]


def main() -> None:
    """Print milliseconds per bill for each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--bills", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, open_database(f"sqlite:///{folder}/s.db") as db:
        dice, filled = Dice("speed"), 0
        for lines in sorted(options.lines):
            started = time.process_time()
            fill(db, dice, filled // PER_ORDER, lines // PER_ORDER)
            filled = lines
            spent = time.process_time() - started
            print(f"{lines:>9} open order lines (filled in {spent:.0f} s)")
            for named in (True, False):
                cpu, wall = [], []
                for n in range(options.bills):
                    order = dice.randint(0, filled // PER_ORDER - 1)
                    c, w = ask(db, order, bill(order, named=named), n)
                    cpu.append(c)
                    wall.append(w)
                told = "by number" if named else "by content"
                print(f"          {told:<11} median {middle(cpu):6.1f} ms processor, "
                      f"{middle(wall):6.1f} ms wall, worst {max(cpu):6.1f}")  # fmt: skip


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return sorted(values)[len(values) // 2]


def goods(order: int) -> list[dict[str, str]]:
    """Return the lines of an order, always the same for its number."""
    dice = Dice(f"goods-{order}")
    found = []
    for _ in range(PER_ORDER):
        price = Decimal(dice.randint(10, 99_999)) / 100
        quantity = dice.randint(1, 90)
        size = f"{dice.randint(2, 90)} x {dice.randint(2, 90)} mm"
        text = f"{dice.pick(_KINDS)} {dice.pick(_NOUNS)} {size} {dice.pick(_MAKES)}"
        found.append({"description": text, "code": dice.shape("AA-99999"), "unit": "pcs",
                      "quantity": str(quantity), "unit_price": str(price),
                      "amount_net": str(price * quantity)})  # fmt: skip
    return found


def extraction(kind: str, order: int, lines: list[dict[str, str]], **more: str) -> Extraction:
    """Return a paper of the order's supplier."""
    fields = {
        "supplier_name": f"Supplier {order % SUPPLIERS} Handels GmbH",
        "currency": "EUR",
        **more,
    }
    return Extraction(
        kind,
        1.0,
        {n: FieldValue(v, 1.0) for n, v in fields.items()},
        tuple({n: FieldValue(v, 1.0) for n, v in row.items()} for row in lines),
    )


def bill(order: int, *, named: bool) -> Extraction:
    """Return a bill over eight lines of an order, reordered, its words in capitals."""
    lines = [{**row, "description": row["description"].upper()} for row in goods(order)[:8]]
    number = {"order_number": f"po {order:07d}"} if named else {}
    day = "2024-05-20"
    return extraction("invoice", order, lines[::-1], document_number="R1", issue_date=day, **number)


def fill(db: Database, dice: Dice, first: int, last: int) -> None:
    """Add open orders, as storing and matching them would have left them."""
    for start in range(first, last, 2000):
        rows: dict[type, list[dict[str, Any]]] = {}
        for order in range(start, min(start + 2000, last)):
            day = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=order % 120)
            found = extraction("purchase_order", order, goods(order),
                               document_number=f"PO-{order:07d}",
                               issue_date=day.date().isoformat())  # fmt: skip
            paper = paper_of(found, paper_id=str(order + 1))
            if paper is not None:
                _rows(rows, order + 1, found, paper)
        with db.write() as session:
            for table, values in rows.items():
                session.execute(insert(table).execution_options(render_nulls=True), values)


def _rows(
    rows: dict[type, list[dict[str, Any]]], number: int, found: Extraction, paper: Paper
) -> None:
    def add(table: type, *values: dict[str, Any]) -> None:
        rows.setdefault(table, []).extend(values)

    add(DocumentRow, document(number, found.document_type))
    add(
        FieldValueRow,
        *(header_row(number, n, c, model_version="") for n, c in found.fields.items()),
    )
    add(LineItemRow, *(line_row(number, n, cells) for n, cells in enumerate(found.line_items, 1)))
    add(MatchPaperRow, {"document_id": number, "kind": "purchase_order", "firm": firm_of(paper),
                        "day": paper.day, "currency": "EUR", "linked": False, "closed": False,
                        "decision": None, "stake": None, "matched_at": NOW})  # fmt: skip
    add(
        MatchNameRow,
        *({"document_id": number, "role": "own", "key": k} for k in forms(paper.number)),
    )
    add(
        MatchWordRow,
        *({"firm": firm_of(paper), "word": w, "order_id": number} for w in words(paper)),
    )
    add(OpenLineRow, *({"order_id": number, "line": x.number, "ordered": x.quantity,
                        "received": Decimal(0), "billed": Decimal(0), "amount": x.value,
                        "billed_amount": Decimal(0)} for x in paper.lines))  # fmt: skip


def document(number: int, kind: str) -> dict[str, Any]:
    """Return a row of an accepted document."""
    return {"id": number, "public_id": f"{number:032x}", "sha256": f"{number:064x}",
            "name": f"{number}.pdf", "tags": "", "size": 1, "state": "accepted",
            "document_type": kind, "reason_code": "", "reason": "", "owner": "", "attempts": 1,
            "location": "", "model_version": "", "excerpt": "", "claimed_at": NOW,
            "updated_at": NOW}  # fmt: skip


def ask(db: Database, order: int, found: Extraction, n: int) -> tuple[float, float]:
    """Return milliseconds (processor, wall) of matching a bill; it is taken away again."""
    number = 90_000_000 + n
    with db.write() as session:
        session.execute(insert(DocumentRow), [document(number, found.document_type)])
        values = [header_row(number, name, c, model_version="") for name, c in found.fields.items()]
        session.execute(insert(FieldValueRow).execution_options(render_nulls=True), values)
        lines = [line_row(number, k, cells) for k, cells in enumerate(found.line_items, 1)]
        session.execute(insert(LineItemRow).execution_options(render_nulls=True), lines)
        session.flush()
        cpu, wall = time.process_time(), time.perf_counter()
        told = match(session, [number], tolerances=Tolerances(), now=NOW)
        session.flush()
        spent = (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000
        linked = {m.order_id for t in told for m in t.verdict.lines}
        if linked != {str(order + 1)}:
            print(f"          the bill of order {order + 1} went to {sorted(linked)}")
        session.rollback()
    return spent


if __name__ == "__main__":
    main()

"""How long matching one new bill takes beside many open order lines, and how that grows.

    python benchmarks/matching_speed.py [--lines 10000 100000 1000000] [--bills 20] [--judge]

A database of orders of ten lines from 500 suppliers: the first thousand orders are made as
storing and matching would leave them, the further ones are copies of these in SQL, with numbers,
codes and prices of their own and the same words, dealt anew. Then bills of eight lines are stored
and matched, half with an order number, half without one. Told is processor time of this process
(the database is SQLite, inside it), so that other work on the machine does not count; and wall
time.

``--judge`` adds bills whose lines name the goods otherwise, without codes and prices: the pair task
of the bank is asked about them between two transactions, as when they are stored. Told are the
time of both transactions and, beside it, the time of the pair task.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Insert, case, func, insert, select, text

from db.cases import firm_of, forms, words
from db.database import Database, open_database
from db.matching import match
from db.opinions import Answers
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
from doctally.matching import Judge, Line, Paper, Tolerances, paper_of
from doctally.results import Extraction, FieldValue
from doctally.schemas import DocumentType
from doctally.settings import load_settings
from flows.engine import shared_engine
from flows.opinion import judge_of
from synth.dice import Dice

PURCHASE_ORDER = DocumentType.PURCHASE_ORDER
PER_ORDER, SUPPLIERS, MADE = 10, 500, 1000
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
_TABLES = {
    DocumentRow: "id",
    FieldValueRow: "document_id",
    LineItemRow: "document_id",
    MatchPaperRow: "document_id",
    MatchNameRow: "document_id",
    MatchWordRow: "order_id",
    OpenLineRow: "order_id",
}
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
    parser.add_argument("--judge", action="store_true")
    options = parser.parse_args()
    judge = _judge() if options.judge else None
    with tempfile.TemporaryDirectory() as folder, open_database(f"sqlite:///{folder}/s.db") as db:
        dice, filled = Dice("speed"), 0
        for lines in sorted(options.lines):
            started = time.process_time()
            fill(db, filled // PER_ORDER, lines // PER_ORDER)
            filled = lines
            spent = time.process_time() - started
            print(f"{lines:>9} open order lines (filled in {spent:.0f} s)")
            for named in (True, False):
                cpu, wall = [], []
                for n in range(options.bills):
                    order = dice.randint(0, min(MADE, filled // PER_ORDER) - 1)
                    c, w = ask(db, order, bill(order, named=named), n)
                    cpu.append(c)
                    wall.append(w)
                told = "by number" if named else "by content"
                print(f"          {told:<11} median {middle(cpu):6.1f} ms processor, "
                      f"{middle(wall):6.1f} ms wall, worst {max(cpu):6.1f}")  # fmt: skip
            if judge is not None:
                _in_doubt(db, judge, dice, options.bills, min(MADE, filled // PER_ORDER))


def _judge() -> Judge:
    settings = load_settings()
    judge = judge_of(partial(shared_engine, settings))
    if judge is None:
        raise SystemExit("there is no bank")
    judge([(Line(1, text="valve"), Line(1, text="tap"))])  # load it
    return judge


def _in_doubt(db: Database, judge: Judge, dice: Dice, bills: int, orders: int) -> None:
    inside, beside, pairs = [], [], []
    for n in range(bills):
        order = dice.randint(0, orders - 1)
        found, answers = bill(order, named=True, renamed=True), Answers()
        first, _ = ask(db, order, found, n, judge=answers)
        pairs.append(len(answers.missing))
        started = time.process_time()
        answers.ask(judge)
        beside.append((time.process_time() - started) * 1000)
        second, _ = ask(db, order, found, n, judge=answers)
        inside.append(first + second)
    print(f"          in doubt    median {middle(inside):6.1f} ms processor in both transactions, "
          f"worst {max(inside):6.1f}; beside them {middle(beside):6.1f}, worst {max(beside):6.1f}, "
          f"for {middle(pairs)} pairs")  # fmt: skip


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
        "supplier_name": name_of(order),
        "currency": "EUR",
        **more,
    }
    return Extraction(
        kind,
        1.0,
        {n: FieldValue(v, 1.0) for n, v in fields.items()},
        tuple({n: FieldValue(v, 1.0) for n, v in row.items()} for row in lines),
    )


def bill(order: int, *, named: bool, renamed: bool = False) -> Extraction:
    """Return a bill over eight lines of an order, reordered, its words in capitals.

    ``renamed`` leaves the kind and size of the goods out, and their codes and prices.
    """
    lines = [{**row, "description": row["description"].upper()} for row in goods(order)[:8]]
    if renamed:
        lines = [
            {
                "description": " ".join(row["description"].split()[1::5]),
                "quantity": row["quantity"],
            }
            for row in lines
        ]
    number = {"order_number": f"po {order:07d}"} if named else {}
    day = "2024-05-20"
    return extraction("invoice", order, lines[::-1], document_number="R1", issue_date=day, **number)


def fill(db: Database, first: int, last: int) -> None:
    """Add open orders, as storing and matching them would have left them."""
    rows: dict[type, list[dict[str, Any]]] = {}
    for order in range(first, min(last, MADE)):
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
    for block in range(max(first // MADE, 1), last // MADE):
        with db.write() as session:
            for statement in copies(block):
                session.execute(statement)


def copies(block: int) -> Iterator[Insert]:
    """Yield what copies the first thousand orders, as others of the same suppliers."""
    for table, key in _TABLES.items():
        columns = table.__table__.columns
        own = getattr(table, key)
        values: dict[str, Any] = {key: own + block * MADE}
        if table is DocumentRow:
            values["public_id"] = func.printf("%032x", own + block * MADE)
            values["sha256"] = func.printf("%064x", own + block * MADE)
        elif table is MatchNameRow:
            values["key"] = func.printf("%d", block) + MatchNameRow.key
        elif table is MatchWordRow:
            values |= _words(block)
        elif table is LineItemRow:  # other goods: no price, no code of the first ones
            for name in ("unit_price", "amount_net", "code"):
                cells = func.replace(values.get("cells", text("cells")), f'"{name}"', f'"{name}x"')
                values["cells"] = cells
        chosen = select(*(values.get(c.name, c) for c in columns)).where(own <= MADE)
        yield insert(table).from_select([c.name for c in columns], chosen, include_defaults=False)


def _words(block: int) -> dict[str, Any]:
    """Return the words of copies: codes and prices of their own, plain words dealt anew."""
    word, place = MatchWordRow.word, MatchWordRow.order_id - 1
    own = word.startswith("c:") | word.startswith("p:")
    letters = (
        func.unicode(func.substr(word, 1, 1)) * 31 + func.unicode(func.substr(word, 3, 1)) * 17
    )
    dealt = (place + letters + func.length(word) * 7 + block * 13) % MADE
    goes = case((own, place), else_=dealt)
    before, _, after = firm_of(Paper("", PURCHASE_ORDER, supplier=name_of(277))).partition("277")
    return {
        "firm": func.printf(f"{before}%d{after}", goes % SUPPLIERS),
        "word": case((own, func.substr(word + func.printf("~%d", block), 1, 32)), else_=word),
        "order_id": goes + 1 + block * MADE,
    }


def name_of(order: int) -> str:
    """Return the supplier of an order."""
    return f"Supplier {order % SUPPLIERS} Handels GmbH"


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


def ask(
    db: Database, order: int, found: Extraction, n: int, *, judge: Judge | None = None
) -> tuple[float, float]:
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
        told = match(session, [number], tolerances=Tolerances(), now=NOW, judge=judge)
        session.flush()
        spent = (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000
        linked = {m.order_id for t in told for m in t.verdict.lines}
        if judge is None and linked != {str(order + 1)}:
            print(f"          the bill of order {order + 1} went to {sorted(linked)}")
        session.rollback()
    return spent


if __name__ == "__main__":
    main()

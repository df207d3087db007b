"""How well papers are matched: generated deals with planted differences, seeded, never tuned on.

    python benchmarks/matching.py [--cases 400] [--seeds 901 902 903] [--judge] [--wrong]

Documents: links of deliveries and bills to orders. Lines: lines of these to lines of orders.
Differences: reason code on the right paper (and line), with the right amount to the cent.
With --judge the bank's pair task is asked about the lines that their texts leave in doubt.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from doctally.matching import (
    Judge,
    Line,
    Reason,
    Reconciliation,
    Tolerances,
    Weight,
    paper_of,
    reconcile,
)
from doctally.matching.tolerance import Tolerance
from synth.cases import world
from synth.triples import Planted, World

TOLD = {"back_order", "price_below_order"}  # what is open, and what favours the buyer
CENTS = Decimal("0.02")


def main() -> None:
    """Print the figures of each seed and of all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--seeds", type=int, nargs="+", default=[901, 902, 903])
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    parser.add_argument("--judge", action="store_true", help="ask the bank about lines in doubt")
    options = parser.parse_args()
    judge = Counted(judge_of_bank()) if options.judge else None
    counts: dict[str, Counter[str]] = {}
    codes: dict[str, Counter[str]] = {}
    for seed in options.seeds:
        made = world(seed, options.cases)
        started = time.perf_counter()
        found = solve(made, judge)
        spent = time.perf_counter() - started
        lines = {(v.paper_id, m.line, m.order_id, m.order_line) for v in found.verdicts
                 for m in v.lines if m.kind != "charge"}  # fmt: skip
        lines, wanted = {twin(made, x) for x in lines}, {twin(made, x) for x in made.lines}
        count("documents", counts, {(x.paper_id, x.order_id) for x in found.links}, made.links)
        count("lines", counts, lines, wanted)
        differences(made, found, counts, codes, wrong=options.wrong)
        if options.wrong:
            show(made, found, lines)
        asked = f", {judge.pairs} pairs asked so far" if judge else ""
        print(f"seed {seed}: {len(made.papers)} papers in {spent:.1f} s{asked}")
    for name, tally in counts.items():
        print(f"{name:<24} {line(tally)}")
    for name, tally in sorted(codes.items()):
        print(f"  {name:<22} {line(tally)}")


class Counted:
    """A judge that counts what it is asked."""

    def __init__(self, judge: Judge) -> None:
        self.judge, self.pairs = judge, 0

    def __call__(self, pairs: Sequence[tuple[Line, Line]]) -> Sequence[float]:
        """Return what the judge says."""
        self.pairs += len(pairs)
        return self.judge(pairs)


def judge_of_bank() -> Judge:
    """Return the pair task of the bank that is served."""
    from doctally.settings import load_settings
    from models.engine import Engine
    from models.lineage import bank_of
    from models.opinion import LineJudge

    settings = load_settings()
    engine = Engine.load(backbone=settings.backbone, bank=bank_of(settings), threads=1)
    return LineJudge(engine.same)


def solve(made: World, judge: Judge | None = None) -> Reconciliation:
    """Return the reconciliation of a world's papers."""
    papers = [paper_of(e, paper_id=i, closed=closed) for i, e, closed in made.papers]
    strict = Tolerances(default=Tolerance.model_validate({"order_required": True}))
    return reconcile([p for p in papers if p is not None], tolerances=strict, judge=judge)


def twin(made: World, place: tuple) -> tuple:
    """Return a line's place with the first of its order's same lines: none tells them apart."""
    paper, line, order, its = place
    rows = next(e.line_items for i, e, _ in made.papers if i == order)
    return paper, line, order, _first(rows, its)


def _first(rows: tuple, its: int) -> int:
    def content(row: dict) -> dict:
        return {k: v.value for k, v in row.items() if k not in ("position", "description", "unit")}

    return next(n for n, row in enumerate(rows, 1) if content(row) == content(rows[its - 1]))


def count(name: str, counts: dict[str, Counter[str]], found: set, wanted: set) -> None:
    """Add right, superfluous and missing ones to a tally."""
    tally = counts.setdefault(name, Counter())
    tally["right"] += len(found & wanted)
    tally["extra"] += len(found - wanted)
    tally["missing"] += len(wanted - found)


def differences(made: World, found: Reconciliation, counts: dict[str, Counter[str]],
                codes: dict[str, Counter[str]], *, wrong: bool) -> None:  # fmt: skip
    """Compare reasons with what was planted: code, paper, line where both name one, amount."""
    said = [(v.paper_id, r) for v in found.verdicts for r in v.reasons if r.code not in TOLD]
    left = list(said)
    for planted in made.planted:
        hit = next((x for x in left if hits(x, planted)), None)
        if hit is not None:
            left.remove(hit)
        for tally in (counts.setdefault("differences", Counter()),
                      codes.setdefault(planted.code, Counter())):  # fmt: skip
            tally["right" if hit else "missing"] += 1
        if hit is None and wrong:
            near = [(r.code, str(r.amount), r.line) for p, r in said if p == planted.paper]
            print("missing", planted, "said:", near)
    for paper, reason in left:
        counts["differences"]["extra"] += 1
        codes.setdefault(reason.code, Counter())["extra"] += 1
        if wrong:
            print("extra", paper, reason)
    decided = counts.setdefault("decisions", Counter())
    asked = {p.paper for p in made.planted if p.code != "received_not_billed"}
    for verdict in found.verdicts:
        stopped = any(r.weight is not Weight.INFO for r in verdict.reasons)
        if stopped == (verdict.paper_id in asked):
            decided["right"] += 1
        else:
            decided["extra" if stopped else "missing"] += 1


def hits(said: tuple[str, Reason], planted: Planted) -> bool:
    """Tell whether a reason is the planted one: paper, code, amount, line where both name one."""
    paper, reason = said
    if (paper, reason.code) != (planted.paper, planted.code):
        return False
    same_line = reason.line == planted.line or None in (reason.line, planted.line)
    return same_line and abs(reason.amount - planted.amount) <= CENTS


def show(made: World, found: Reconciliation, lines: set) -> None:
    """Print wrong links and lines."""
    links = {(x.paper_id, x.order_id): x for x in found.links}
    for link in links.keys() - made.links:
        print("extra link", links[link])
    for link in made.links - links.keys():
        print("missing link", link)
    texts = {(i, n): {k: v.value for k, v in row.items()} for i, e, _ in made.papers
             for n, row in enumerate(e.line_items, 1)}  # fmt: skip
    ok = links.keys() & made.links
    for paper, n, order, m in sorted(made.lines - lines):
        if (paper, order) in ok:
            print("missing line", paper, n, order, m, texts[paper, n], texts[order, m])


def line(tally: Counter[str]) -> str:
    """Return F1, recall and precision of a tally."""
    right, extra, missing = (tally[k] for k in ("right", "extra", "missing"))
    recall, precision = right / max(right + missing, 1), right / max(right + extra, 1)
    f1 = 2 * right / max(2 * right + extra + missing, 1)
    return f"F1 {f1:.4f}  recall {recall:.4f}  precision {precision:.4f}  ({right + missing})"


if __name__ == "__main__":
    main()

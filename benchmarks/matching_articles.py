"""How well differently worded lines are matched, with and without the trained pair task.

    python benchmarks/matching_articles.py FOLDER [--part test] [--deals 200] [--seed 1] [--wrong]

FOLDER holds labelled pairs of articles (train.csv, valid.csv, test.csv; left, right, label). An
order prints what the left side calls its articles, a delivery note what the right side does: no
codes, no prices, quantities that repeat. Articles of one order are alike: such as the set pairs up
as hard negatives. Every other deal has an article too much, that nobody ordered. The bank was
fitted on train, its level and the weight of its word chosen on valid.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from doctally.matching import Judge, Line, Paper, reconcile
from doctally.schemas import DocumentType
from doctally.settings import load_settings
from models.engine import Engine
from models.lineage import bank_of
from models.opinion import LineJudge
from models.pairs import Pair, pair_files, read_pairs
from synth.dice import Dice

LINES = 8
QUANTITIES = (1, 1, 1, 2, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Deal:
    """An order, its delivery note, and which line is which; -1: nobody ordered it."""

    order: Paper
    note: Paper
    truth: dict[int, int]


def main() -> None:
    """Print the figures of each set, without and with the judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", default="test")
    parser.add_argument("--deals", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bank", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    options = parser.parse_args()
    settings = load_settings()
    engine = Engine.load(
        backbone=settings.backbone, bank=options.bank or bank_of(settings), threads=1
    )
    for path in pair_files([options.folder], f"{options.part}.csv"):
        every = [p for part in ("train", "valid", "test")
                 for p in read_pairs(path.with_name(f"{part}.csv"))]  # fmt: skip
        made = deals(read_pairs(path), every, Dice(f"articles-{options.seed}"), options.deals)
        for name, judge in (("texts alone", None), ("with the pair task", LineJudge(engine.same))):
            started = time.process_time()
            tally = solve(made, judge, wrong=options.wrong and judge is not None)
            spent = (time.process_time() - started) * 1000 / len(made)
            print(f"{path.parent.name:<14} {name:<19} {line(tally)}  {spent:.0f} ms a deal")


def deals(asked: Sequence[Pair], every: Sequence[Pair], dice: Dice, count: int) -> list[Deal]:
    """Return deals over the articles of a part; ``every`` tells what is the same elsewhere."""
    same = {(p.left, p.right) for p in every if p.same}
    near: dict[object, list[object]] = {}
    for pair in asked:
        if not pair.same:
            near.setdefault(pair.left, []).append(pair.right)
            near.setdefault(pair.right, []).append(pair.left)
    true = [pair for pair in asked if pair.same]
    return [_deal(true, near, same, dice, n) for n in range(count)]


def _deal(true: Sequence[Pair], near: dict, same: set, dice: Dice, number: int) -> Deal:
    chosen = [dice.pick(true)]
    for _ in range(dice.randint(1, LINES - 1)):
        about = {x for pair in chosen for side in (pair.left, pair.right)
                 for x in near.get(side, ())}  # fmt: skip
        free = [p for p in true if not any(_overlaps(p, c, same) for c in chosen)]
        like = [p for p in free if p.left in about or p.right in about]
        if not free:
            break
        chosen.append(dice.pick(like or free))
    foreign = [] if number % 2 else [
        x for pair in chosen for x in near.get(pair.left, ())
        if not any((c.left, x) in same or c.right == x for c in chosen)
    ]  # fmt: skip
    rights: list[tuple[object, int]] = [(pair.right, n) for n, pair in enumerate(chosen, 1)]
    rights += [(dice.pick(foreign), -1)] if foreign else []
    amounts = {n: Decimal(dice.pick(QUANTITIES)) for n in range(1, len(chosen) + 1)}
    dice.shuffle(rights)
    order = Paper("o", DocumentType.PURCHASE_ORDER, "PO-4711",
                  lines=tuple(Line(n, p.left.title, quantity=amounts[n], unit="pcs")
                              for n, p in enumerate(chosen, 1)))  # fmt: skip
    note = Paper("n", DocumentType.SHIPMENT_NOTICE, "DN-1", ("PO-4711",), ("DN-1",),
                 lines=tuple(Line(n, r.title, quantity=amounts.get(of, Decimal(1)), unit="pcs")
                             for n, (r, of) in enumerate(rights, 1)))  # fmt: skip
    return Deal(order, note, {n: of for n, (_, of) in enumerate(rights, 1)})


def _overlaps(one: Pair, other: Pair, same: set) -> bool:
    """Tell whether two pairs are about one article, as far as the set says."""
    return (
        one.left == other.left
        or one.right == other.right
        or (one.left, other.right) in same
        or (other.left, one.right) in same
    )


def solve(made: Sequence[Deal], judge: Judge | None, *, wrong: bool) -> Counter[str]:
    """Return how many lines went where they belong, elsewhere, or nowhere."""
    tally: Counter[str] = Counter()
    for deal in made:
        verdict = reconcile([deal.order, deal.note], judge=judge).verdict("n")
        found = {m.line: m.order_line for m in verdict.lines if m.kind == "item"}
        for number, of in deal.truth.items():
            said = found.get(number, -1)
            key = "right" if said == of else "missing" if said < 0 else "extra"
            tally["left alone" if said == of == -1 else key] += 1
            if said != of != -1 and said > 0:
                tally["missing"] += 1
            if wrong and said != of:
                print("  ", deal.note.lines[number - 1].text, "->", _text(deal, said), "not",
                      _text(deal, of))  # fmt: skip
    return tally


def _text(deal: Deal, number: int) -> str:
    return deal.order.lines[number - 1].text if number > 0 else "nothing"


def line(tally: Counter[str]) -> str:
    """Return F1, recall and precision of a tally."""
    right, extra, missing = (tally[k] for k in ("right", "extra", "missing"))
    recall, precision = right / max(right + missing, 1), right / max(right + extra, 1)
    f1 = 2 * right / max(2 * right + extra + missing, 1)
    return (f"lines F1 {f1:.4f}  recall {recall:.4f}  precision {precision:.4f} "
            f"({right + missing}; {tally['left alone']} rightly left alone)")  # fmt: skip


if __name__ == "__main__":
    main()

"""How many suppliers never seen get their spend category, with and without training.

python benchmarks/categories.py            the packaged vectors, the bare descriptions, calibration
python benchmarks/categories.py --teach    first teach the packaged vectors anew and store them
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch

from doctally.categories import Category, load_categories
from models.backbone import load_backbone
from models.spend import Asked, Spend, Vectors, packaged_vectors
from models.spend_training import SpendExample, save_taught, taught, taught_from_start
from synth.spend import Billed, billed
from synth.wording import LANGUAGES, variants

UNSEEN = Path(__file__).parent / "data" / "spend_unseen.txt"
OWN = UNSEEN.with_name("own_list.csv")
TRADES = {
    "office": ("office_supplies", "furniture"),
    "building": ("building_materials", "electrical", "plumbing_hvac"),
    "food": ("food_beverage",),
    "it": ("it_equipment", "software_it_services"),
    "industry": ("industrial_parts",),
    "media": ("advertising_printing",),
    "utility": ("utilities", "telecommunications"),
    "transport": ("transport_logistics",),
    "medical": ("medical_laboratory",),
    "clothing": ("clothing_textiles",),
}
"""The generator's trades; its names of firms say nothing of what they sell."""
NAMES = ("Jackson & Co. Ltd", "Meyer GmbH", "Roger SARL", "García SL", "Kowalski Sp. z o.o.")


def drawn(seed: int, count: int) -> list[tuple[Asked, tuple[str, ...]]]:
    """Return suppliers with three lines of a trade and the categories that are right."""
    dice = Random(seed)
    found = []
    for _ in range(count):
        trade = dice.choice(sorted(TRADES))
        goods = variants(dice.choice(LANGUAGES), f"goods.{trade}")
        lines = "\n".join(dice.sample(goods, min(3, len(goods))))
        found.append((Asked(dice.choice(NAMES), lines), TRADES[trade]))
    return found


def asked(rows: Sequence[Billed]) -> list[Asked]:
    """Return the rows as questions."""
    return [Asked(row.name, row.text) for row in rows]


def right(spend: Spend, rows: Sequence[Billed]) -> list[tuple[bool, float]]:
    """Return for each row whether the answer is right, and its score."""
    answers = spend.answers(asked(rows))
    return [(key == row.category, c) for row, (key, c) in zip(rows, answers, strict=True)]


def share(found: Sequence[tuple[bool, float]]) -> float:
    """Return the share of right answers."""
    return sum(ok for ok, _ in found) / len(found)


def another_list(rows: Sequence[Billed]) -> tuple[list[Category], list[Billed]]:
    """Return a list in other words, and the rows with its categories."""
    with OWN.open(encoding="utf-8") as stream:
        listed = list(csv.DictReader(stream))
    keys = {row["default"]: row["key"] for row in listed}
    categories = [Category(key=r["key"], description=r["description"]) for r in listed]
    return categories, [Billed(keys[row.category], row.name, row.lines) for row in rows]


def bare(categories: Sequence[Category]) -> list[Category]:
    """Return the categories with key and description alone."""
    return [category.model_copy(update={"words": {}}) for category in categories]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teach", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="print what is wrong")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    backbone = load_backbone()
    categories = load_categories()
    training = [SpendExample(Asked(r.name, r.text), r.category) for r in billed()]
    untaught = Spend(categories, backbone, Vectors(torch.zeros(len(categories), backbone.width)))
    if arguments.teach:
        save_taught(packaged_vectors(), untaught, taught_from_start(untaught, training))
    spend = Spend.load(categories, backbone)
    unseen, trades = billed(UNSEEN), drawn(5, 300)
    print(f"{len(categories)} categories, {len(training)} examples, {len(unseen)} unseen suppliers")
    alone = Spend(bare(categories), backbone)
    print("descriptions alone      ", f"{share(right(alone, unseen)):.3f}")
    print("descriptions and words  ", f"{share(right(untaught, unseen)):.3f}")
    told = right(spend, unseen)
    print("  with training         ", f"{share(told):.3f}", f"sharpness {spend.vectors.sharpness}")
    for name, one in (("untaught", untaught), ("trained", spend)):
        answers = one.answers([a for a, _ in trades])
        good = sum(k in ok for (k, _), (_, ok) in zip(answers, trades, strict=True))
        print(f"generator's trades, {name}: {good / len(trades):.3f} of {len(trades)}")
    for low, high in ((0.0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        inside = [ok for ok, c in told if low <= c < high]
        if inside:
            good = sum(inside) / len(inside)
            print(f"score {low:.1f}-{min(high, 1):.1f}: {len(inside)}, right {good:.2f}")
    dear = [ok for ok, c in told if c >= 0.5]
    told_share = len(dear) / len(told)
    print(f"score >= 0.5: {told_share:.2f} of the suppliers, right {sum(dear) / len(dear):.3f}")
    own, theirs = another_list(unseen)
    for name, one in (("alone", Spend(own, backbone)), ("guided", Spend.load(own, backbone))):
        print(f"another list, {name}: {share(right(one, theirs)):.3f}")
    told_own = [SpendExample(Asked(r.name, r.text), r.category) for r in another_list(billed())[1]]
    one = Spend.load(own, backbone)
    one.vectors = taught(one, told_own)
    print(f"another list, guided, with training: {share(right(one, theirs)):.3f}")
    # corrections: half of the unseen suppliers' categories are told, the other half is asked
    halves = (unseen[::2], unseen[1::2])
    for taught_half, other in (halves, halves[::-1]):
        examples = [SpendExample(Asked(r.name, r.text), r.category) for r in taught_half]
        moved = Spend.load(categories, backbone)
        moved.vectors = taught(spend, examples)
        print(
            f"corrections: {len(examples)} told, the others {share(right(spend, other)):.3f} -> "
            f"{share(right(moved, other)):.3f}; the told {share(right(moved, taught_half)):.3f}"
        )
    if arguments.wrong:
        for row, (key, c) in zip(unseen, spend.answers(asked(unseen)), strict=True):
            if key != row.category:
                print(f"{row.category} <- {key} {c:.2f}: {row.name}: {'; '.join(row.lines)}")


if __name__ == "__main__":
    main()

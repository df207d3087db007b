"""F1 of the pair task on labelled pairs, by set: doctally's bank against plain text likeness.

    python benchmarks/pairs.py FOLDER [--bank my-bank] [--part test] [--limit N]

FOLDER holds sets with train.csv, valid.csv and test.csv (left, right, label).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from doctally.matching import TextScorer
from doctally.settings import load_settings
from models.engine import Engine
from models.lineage import bank_of
from models.pairs import Pair, pair_files, read_pairs


def main() -> None:
    """Print precision, recall and F1 of each set."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bank", type=Path)
    parser.add_argument("--part", default="test")
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    settings = load_settings()
    bank = options.bank or bank_of(settings)
    engine = Engine.load(backbone=settings.backbone, bank=bank, threads=settings.threads)
    for path in pair_files([options.folder], f"{options.part}.csv"):
        asked = read_pairs(path)[: options.limit]
        started = time.perf_counter()
        said = engine.same(asked)
        spent = time.perf_counter() - started
        print(f"{path.parent.name:<16} bank {engine.version}: {figures(said, asked, 0.5)}  "
              f"{1000 * spent / len(asked):.1f} ms a pair")  # fmt: skip
        valid = read_pairs(path.with_name("valid.csv"))
        level = best_level(likenesses(valid), valid)
        print(
            f"{'':<16} text likeness from {level:.2f}: {figures(likenesses(asked), asked, level)}"
        )


def likenesses(asked: list[Pair]) -> list[float]:
    """Return how alike the texts are without a model."""
    score = TextScorer()
    return [float(score([pair.left.text], [pair.right.text])[0, 0]) for pair in asked]


def best_level(said: list[float], asked: list[Pair]) -> float:
    """Return the threshold with the best F1, for a part that is not reported."""
    return max((n / 50 for n in range(10, 50)), key=lambda level: scores(said, asked, level)[2])


def scores(said: list[float], asked: list[Pair], level: float) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    found = sum(s >= level for s in said)
    true = sum(bool(p.same) for p in asked)
    right = sum(s >= level and bool(p.same) for s, p in zip(said, asked, strict=True))
    f1 = 2 * right / max(found + true, 1)
    return right / max(found, 1), right / max(true, 1), f1


def figures(said: list[float], asked: list[Pair], level: float) -> str:
    """Return the figures in words."""
    precision, recall, f1 = scores(said, asked, level)
    return f"F1 {f1:.3f}  precision {precision:.3f}  recall {recall:.3f}  ({len(asked)})"


if __name__ == "__main__":
    main()

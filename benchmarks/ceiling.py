"""What decoding would reach if the model were always right: labels in the place of its scores.

    python -m synth --out unseen --count 160 --seed 99
    python benchmarks/ceiling.py unseen [--limit 160] [--wrong]

Prints header and line-item F1 of decoding on synthetic documents whose words carry their true
labels. What is missing to 1 is lost in reading the page and in decoding, not in the model.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from doctally.pages import Reading
from doctally.results import Extraction
from doctally.values import infer_locale
from extractors.read import ReaderPool
from models.backbone import load_backbone
from models.blocks import Blocks
from models.consistent import consistent
from models.currency import currency_of
from models.decode import Begins, options
from models.decode import Scores as Chances
from models.documents import LIMITS, Truth, read_all, truths
from models.evaluate import Scores, score
from models.examples import Example, example
from models.lines import line_items
from models.tasks import task_for

SURE, NEVER = 0.99, 1e-4


def told(known: Example) -> tuple[list[Chances], list[Begins]]:
    """Return the scores of a model that knows each word's label."""
    chances, begins = [], []
    for allowed, beginning in zip(known.allowed, known.begins, strict=True):
        label = np.where(beginning >= 0, allowed.argmax(1), 0)
        page = np.full(allowed.shape, NEVER, dtype=np.float32)
        page[np.arange(len(label)), label] = SURE
        chances.append(page)
        begins.append((beginning == 1).astype(np.float32))
    return chances, begins


def decoded(truth: Truth, reading: Reading, known: Example) -> Extraction:
    """Return what decoding makes of the true labels."""
    kind = truth.document_type or ""
    task = task_for(kind)
    if task is None:
        return Extraction(kind, 1.0, {}, (), "")
    locale = infer_locale(reading.text)
    blocks = [Blocks(page) for page in reading.pages]
    chances, begins = told(known)
    fields = consistent(options(reading.pages, blocks, chances, begins, task, locale))
    fields = {**fields, **currency_of(reading.pages, kind)}
    return Extraction(
        kind, 1.0, fields, line_items(reading.pages, blocks, chances, task, locale), ""
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the ceiling, and with --wrong each value that is lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=160)
    parser.add_argument("--wrong", action="store_true")
    given = parser.parse_args(arguments)
    tokenizer = load_backbone().tokenizer
    scores = Scores()
    pool = ReaderPool(LIMITS, workers=2, timeout_s=120)
    try:
        wanted = truths(given.folder / "labels.jsonl")[: given.limit]
        for truth, reading in read_all(wanted, pool=pool):
            if isinstance(reading, Reading) and task_for(truth.document_type or ""):
                known = example(truth, reading, tokenizer)
                score(truth, decoded(truth, reading, known), scores)
    finally:
        pool.close()
    full = scores.as_dict()
    print(f"{full['documents']} documents")
    print("header", full["header"])
    print("line items", full["line_items"])
    for wrong in scores.wrong if given.wrong else ():
        print(wrong["file"], wrong["field"], "|", wrong["expected"], "|", wrong["found"])


if __name__ == "__main__":
    main()

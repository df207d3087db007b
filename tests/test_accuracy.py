"""Floors on held-out real documents: unseen stations, sellers and shops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.read import ReaderPool
from models.documents import LIMITS
from models.engine import Engine
from models.evaluate import score_file

DOCUMENTS = 20  # of each set; `doctally evaluate` scores all


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load(backbone="packaged", bank=None, threads=0)


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(LIMITS, workers=2) as made:
        yield made


@pytest.mark.parametrize(
    ("labels", "types", "header"),
    [
        ("adbuy/labels.jsonl", 0.95, 0.88),
        ("receipts/labels_ocr.jsonl", 0.95, 0.85),
        # floors against getting worse: docs/model.md has the figures of all documents
        ("einvoice/labels.jsonl", 0.80, 0.86),
    ],
)
def test_header_values_of_unseen_suppliers(
    shared_data: Path, engine: Engine, pool: ReaderPool, labels: str, types: float, header: float
) -> None:
    _, scores = score_file(shared_data / labels, engine, pool, limit=DOCUMENTS)
    assert scores.documents == DOCUMENTS
    assert scores.header.f1 >= header, scores.wrong
    assert scores.typed_right / scores.typed >= types

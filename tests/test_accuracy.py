"""The marks on held-out real documents: unseen stations, sellers and shops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.read import ReaderPool
from models.documents import LIMITS
from models.engine import Engine
from models.evaluate import Scores, evaluate

DOCUMENTS = 20  # of each set; `doctally evaluate` scores all


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load(backbone="packaged", bank=None, threads=0)


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(LIMITS, workers=2) as made:
        yield made


def scores_of(folder: Path, engine: Engine, pool: ReaderPool) -> dict[str, Scores]:
    return evaluate(folder, engine, pool, limit=DOCUMENTS)


@pytest.mark.parametrize(("name", "mark"), [("adbuy", 0.60), ("einvoice", 0.60)])
def test_header_values_of_unseen_suppliers(
    shared_data: Path, engine: Engine, pool: ReaderPool, name: str, mark: float
) -> None:
    [scores] = scores_of(shared_data / name, engine, pool).values()
    assert scores.documents == DOCUMENTS
    assert scores.header.f1 >= mark, scores.wrong
    assert scores.typed_right / scores.typed >= 0.8

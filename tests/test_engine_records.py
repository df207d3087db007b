"""Records that carry no lines: the page's lines join them, nothing else does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from doctally.pages import Record
from extractors.read import read
from models.engine import Engine

SAMPLES = Path(__file__).parent / "documents"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load(backbone="packaged", bank=None, threads=0)


def test_a_record_without_lines_gets_the_lines_of_its_page(engine: Engine) -> None:
    reading = read(next(SAMPLES.glob("invoice_en*.pdf")), pages_only=True)
    bare = Record("invoice", {"document_number": "from the XML"})
    [found] = engine.extract([replace(reading, record=bare)])
    assert found.line_items
    assert {v.source for row in found.line_items for v in row.values()} == {"model"}
    assert {n: v.value for n, v in found.fields.items()} == {"document_number": "from the XML"}
    assert {v.source for v in found.fields.values()} == {"xml"}


def test_a_record_with_lines_keeps_its_own(engine: Engine) -> None:
    reading = read(next(SAMPLES.glob("invoice_en*.pdf")), pages_only=True)
    full = Record("invoice", {"document_number": "1"}, ({"description": "a thing"},))
    [found] = engine.extract([replace(reading, record=full)])
    assert [{n: v.value for n, v in row.items()} for row in found.line_items] == [
        {"description": "a thing"}
    ]

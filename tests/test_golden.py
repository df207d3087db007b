"""The packaged bank on our own sample documents, from file to values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from doctally.results import Extraction
from extractors.read import read
from models.bank import active, packaged_bank
from models.documents import Truth
from models.engine import Engine
from models.evaluate import Scores, score

SAMPLES = Path(__file__).parent / "documents"
NAMES = sorted(p.name.removesuffix(".expected.json") for p in SAMPLES.glob("*.expected.json"))


def expected(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SAMPLES / f"{name}.expected.json").read_text("utf-8"))
    return loaded


def file_of(name: str) -> Path:
    return next(p for p in SAMPLES.glob(f"{name}.*") if p.suffix != ".json")


@pytest.fixture(scope="module")
def found() -> Iterator[dict[str, tuple[Reading, Extraction]]]:
    engine = Engine.load(backbone="packaged", bank=None, threads=0)
    names = [n for n in NAMES if "outcome" not in expected(n)]
    readings = [read(file_of(n)) for n in names]
    yield dict(zip(names, zip(readings, engine.extract(readings), strict=True), strict=True))


def scored(found: dict[str, tuple[Reading, Extraction]]) -> Scores:
    scores = Scores()
    for name, (_, extraction) in found.items():
        row = expected(name)
        names = frozenset(row["fields"])
        truth = Truth(
            path=file_of(name),
            document_type=row["document_type"],
            fields=row["fields"],
            line_items=tuple(row["line_items"]),
            labelled=names,
            visible=names,
            alternatives={},
            types=(row["document_type"],),
            source="samples",
        )
        score(truth, extraction, scores)
    return scores


def test_the_samples_are_routed_to_their_types(
    found: dict[str, tuple[Reading, Extraction]],
) -> None:
    scores = scored(found)
    assert scores.typed_right >= scores.typed - 1, scores.confusion


def test_most_header_values_of_the_samples_are_right(
    found: dict[str, tuple[Reading, Extraction]],
) -> None:
    scores = scored(found)
    assert scores.header.f1 >= 0.7, scores.wrong


def test_an_invoice_with_embedded_xml_is_exact_and_needs_no_model(
    found: dict[str, tuple[Reading, Extraction]],
) -> None:
    _, extraction = found["einvoice_de"]
    values = {n: v.value for n, v in extraction.fields.items()}
    wanted = expected("einvoice_de")["fields"]
    assert {n: values.get(n) for n in wanted} == wanted
    assert all(v.source == "xml" and v.confidence == 1.0 for v in extraction.fields.values())


def test_every_model_value_is_on_its_page_where_it_says(
    found: dict[str, tuple[Reading, Extraction]],
) -> None:
    for reading, extraction in found.values():
        for name, value in extraction.fields.items():
            if value.source != "model":
                continue
            assert value.page is not None and value.box is not None, name
            inside = [
                w.text
                for w in reading.pages[value.page - 1].words
                if value.box.x0 - 1e-6 <= (w.box.x0 + w.box.x1) / 2 <= value.box.x1 + 1e-6
                and value.box.y0 - 1e-6 <= (w.box.y0 + w.box.y1) / 2 <= value.box.y1 + 1e-6
            ]
            for part in value.text.replace(",", " ").split():
                assert any(part in word.replace(",", " ") for word in inside), (name, value)


def test_one_document_alone_reads_like_in_a_batch(
    found: dict[str, tuple[Reading, Extraction]],
) -> None:
    engine = Engine.load(backbone="packaged", bank=None, threads=0)
    for name in ("invoice_en", "order_de"):
        reading, together = found[name]
        [alone] = engine.extract([reading])
        assert {n: v.value for n, v in alone.fields.items()} == {
            n: v.value for n, v in together.fields.items()
        }


def test_the_broken_sample_is_refused_with_its_code() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read(file_of("broken"))
    assert caught.value.code == expected("broken")["code"]


def test_the_packaged_bank_is_small_and_says_where_it_comes_from() -> None:
    version = active(packaged_bank())
    size = sum(p.stat().st_size for p in version.folder.iterdir())
    assert size < 3_000_000
    assert {"seed", "steps", "prompt_length"} <= version.card["config"].keys()
    told = [version.card, *version.card["ancestors"]]
    assert any(one["data"]["documents"] for one in told if "data" in one)
    assert version.card["held_out"]

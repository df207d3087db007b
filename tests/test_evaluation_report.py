"""The report of an evaluation: its figures, its plots, and papers that want to be markup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lxml import html

from doctally.cli.evaluation import write_report
from doctally.cli.plots import reliability_plot, risk_plot
from doctally.pages import Box
from doctally.results import Extraction, FieldValue
from extractors.read import ReaderPool
from models.calibration import Judgement, accepted_share, calibration_error
from models.curves import reliability, risk_coverage
from models.documents import LIMITS, Truth
from models.evaluate import Scores, score

SAMPLES = Path(__file__).parent / "documents"
HOSTILE = "<script>alert(1)</script>"
JUDGED = [Judgement("total_gross", s / 20, s % 4 != 0) for s in range(1, 20)]


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(LIMITS, workers=1) as made:
        yield made


def scored(path: Path, **fields: str) -> Scores:
    names = frozenset({"document_number", "supplier_name"})
    truth = Truth(
        path=path,
        document_type="invoice",
        fields={"document_number": "4711", "supplier_name": HOSTILE},
        line_items=(),
        labelled=names,
        visible=names,
        alternatives={},
        types=("invoice",),
        source="test",
    )
    box = Box(0.1, 0.1, 0.3, 0.12)
    values = {n: FieldValue(v, 0.9, 1, box) for n, v in fields.items()}
    scores = Scores()
    score(truth, Extraction("invoice", 0.9, values), scores)
    return scores


def test_a_report_shows_what_was_wrong_and_the_page_it_is_on(
    tmp_path: Path, pool: ReaderPool
) -> None:
    path = SAMPLES / "credit_note_en.pdf"
    page = write_report(
        {"ours": scored(path, document_number="4712")}, tmp_path, pool, "abc", worst=3
    )
    shown = html.fromstring(page.read_text(encoding="utf-8"))
    rows = [[cell.text_content().strip() for cell in row] for row in shown.findall(".//tr")]
    assert ["document_number", "4711", "4712", "0.90"] in rows
    assert ["supplier_name", HOSTILE, "nothing", ""] in rows
    assert [p.name for p in (tmp_path / "pages").iterdir()] == ["000-1.jpg"]
    assert shown.find(".//img").get("src") == "pages/000-1.jpg"


def test_what_a_document_says_is_never_markup(tmp_path: Path, pool: ReaderPool) -> None:
    odd = tmp_path / "<img src=x onerror=alert(1)>.pdf"
    odd.write_bytes((SAMPLES / "credit_note_en.pdf").read_bytes())
    page = write_report(
        {HOSTILE: scored(odd, document_number=HOSTILE)}, tmp_path / "r", pool, "abc", worst=3
    )
    shown = html.fromstring(page.read_text(encoding="utf-8"))
    assert not shown.findall(".//script")
    assert all(image.get("src").startswith("pages/") for image in shown.findall(".//img"))


def test_a_document_that_is_gone_costs_its_pictures_only(tmp_path: Path, pool: ReaderPool) -> None:
    gone = scored(tmp_path / "gone.pdf", document_number="4712")
    page = write_report({"ours": gone}, tmp_path, pool, "abc", worst=3)
    assert "ours" in page.read_text(encoding="utf-8")
    assert not list((tmp_path / "pages").iterdir())


def test_the_reliability_diagram_and_the_error_agree() -> None:
    bins = reliability(JUDGED)
    total = sum(one.values for one in bins)
    assert total == len(JUDGED)
    error = sum(abs(one.said - one.right) * one.values for one in bins) / total
    assert error == pytest.approx(calibration_error(JUDGED))


def test_the_risk_curve_and_the_accepted_share_agree() -> None:
    coverage, risk = risk_coverage(JUDGED)
    assert coverage[-1] == 1 and risk[-1] == pytest.approx(4 / 19)
    assert accepted_share(JUDGED, 0.1) == max(coverage[risk <= 0.1])
    assert len(risk_coverage([])[0]) == 0


def test_plots_are_drawn_even_of_nothing() -> None:
    for plot in (reliability_plot, risk_plot):
        for sets in ({"ours": JUDGED}, {"none": []}, {}):
            assert ET.fromstring(plot(sets)).tag.endswith("svg")

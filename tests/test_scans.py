"""Scans that lie badly: askew, on their side, two on one sheet, under a text layer of nonsense."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from test_reading_ocr import found, printed

from doctally.pages import Box, Page, Word
from extractors.glance import legibility
from extractors.gutter import fold
from extractors.layout import Run
from extractors.pdf import open_pdf, read_page
from extractors.read import read
from extractors.skew import skew
from extractors.view import View, page_image, sheet_of, view_of

BODY = (
    "Invoice 20391 of 2 March 2026",
    "Harbour Tools, 12 Quay Street",
    "Pos Article Quantity Price Amount",
    "1 Cable 40 m 3 25.00 75.00",
    "2 Switch box 1 120.50 120.50",
    "3 Mounting rail 2 8.40 16.80",
    "Total 212.30 EUR, due in 30 days",
)
OTHER = ("Delivery note 88417", "Carrier: North Freight", "Two pallets, 640 kg", "Gate 7, please")


def covered(page: Page, image: Image.Image) -> float:
    """Return the share of the ink that lies in the boxes of the page's words."""
    dark = np.asarray(image.convert("L")) < 128
    boxes = np.zeros_like(dark)
    for word in page.words:
        x0, x1 = int(word.box.x0 * image.width), int(word.box.x1 * image.width)
        y0, y1 = int(word.box.y0 * image.height), int(word.box.y1 * image.height)
        boxes[y0 : y1 + 1, x0 : x1 + 1] = True
    return float((dark & boxes).sum() / dark.sum())


@pytest.mark.parametrize("degrees", [-8.0, -2.5, 0.0, 0.7, 5.0])
@pytest.mark.parametrize("lying", [0, 90])
def test_how_far_a_page_is_askew_is_measured(degrees: float, lying: int) -> None:
    image = printed(BODY, (760, 520)).rotate(-degrees, expand=True, fillcolor="white", resample=3)
    assert skew(image.rotate(lying, expand=True)) == pytest.approx(-degrees, abs=0.25)


@pytest.mark.parametrize(
    "image", [Image.new("RGB", (600, 400), "white"), Image.effect_noise((600, 400), 90)]
)
def test_what_has_no_lines_is_not_turned(image: Image.Image) -> None:
    assert skew(image) == 0


@pytest.mark.parametrize(("lying", "turned"), [(0, None), (90, "90")])
def test_a_page_askew_is_read_line_by_line_and_its_boxes_lie_on_the_page_shown(
    tmp_path: Path, lying: int, turned: str | None
) -> None:
    image = printed(BODY, (760, 520)).rotate(-4, expand=True, fillcolor="white", resample=3)
    path = tmp_path / "askew.png"
    image.rotate(lying, expand=True).save(path)
    reading = read(path)
    (page,) = reading.pages
    assert found(page) == " ".join(BODY).split()
    assert float(reading.metadata["straightened.1"]) == pytest.approx(-4, abs=0.25)
    assert reading.metadata.get("turned.1") == turned
    codes = {notice.code for notice in reading.notices}
    assert codes == {"straightened_pages"} | ({"turned_pages"} if turned else set())
    shown = page_image(path, 1, reading.metadata)
    assert shown is not None
    assert shown.width / shown.height == pytest.approx(page.width / page.height, rel=0.01)
    assert covered(page, shown) > 0.9


def test_a_coarse_scan_is_read_in_full_and_its_boxes_lie_on_the_ink(tmp_path: Path) -> None:
    path = tmp_path / "coarse.png"
    small = printed(BODY, (760, 520)).resize((266, 182), Image.Resampling.LANCZOS)
    small.save(path)
    reading = read(path)
    assert found(reading.pages[0]) == " ".join(BODY).split()
    assert covered(reading.pages[0], small) > 0.9


def two_pages() -> Image.Image:
    """Return two pages on one sheet, the lines of each on heights of their own."""
    sheet = Image.new("RGB", (1240, 920), "white")
    sheet.paste(printed(BODY * 2, (620, 920)), (0, 0))
    sheet.paste(printed(OTHER * 3, (620, 894)), (620, 26))
    return sheet


def test_two_pages_on_one_sheet_are_read_one_after_the_other(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(840, 623))
    canvas.drawImage(ImageReader(two_pages()), 0, 0, 840, 623)
    canvas.showPage()
    canvas.drawString(40, 500, "A page with a text layer of its own")
    canvas.save()
    path = tmp_path / "double.pdf"
    path.write_bytes(buffer.getvalue())
    reading = read(path)
    assert [page.number for page in reading.pages] == [1, 2, 3]
    assert found(reading.pages[0]) == " ".join(BODY * 2).split()
    assert found(reading.pages[1]) == " ".join(OTHER * 3).split()
    assert [sheet_of(reading.metadata, n) for n in (1, 2, 3)] == [1, 1, 2]
    assert "Sheet 1 with two pages" in " ".join(notice.message for notice in reading.notices)
    for page in reading.pages:
        shown = page_image(path, page.number, reading.metadata)
        assert shown is not None
        assert covered(page, shown) > 0.85, page.number


def runs_of(rows: list[tuple[float, list[tuple[float, str]]]]) -> list[Run]:
    return [Run(text, x, y, x + 9 * len(text), y + 14, 14) for y, row in rows for x, text in row]


def test_a_landscape_table_is_never_taken_for_two_pages() -> None:
    """Its columns leave the middle blank, but its rows go through."""
    image = Image.new("RGB", (1400, 1000), "white")
    columns = (60, 200, 330, 460, 800, 930, 1100, 1250)
    rows = [(100 + 30 * n, [(x, f"{n}{x}") for x in columns]) for n in range(25)]
    assert fold(runs_of(rows), image) is None
    loose = [(y + (0 if y % 4 else 11), row[:4] if y % 4 else row[4:]) for y, row in rows]
    apart = [(y, row[:4]) for y, row in rows] + [(y * 1.31 - 20, row[4:]) for y, row in rows[:18]]
    assert fold(runs_of(apart), image) is not None
    ruled = image.copy()
    ImageDraw.Draw(ruled).line((40, 90, 1360, 90), fill="black", width=2)
    assert fold(runs_of(apart), ruled) is None
    assert fold(runs_of(loose), image.resize((1000, 1400))) is None


@pytest.mark.shared
def test_no_landscape_page_of_the_labelled_documents_is_taken_for_two(shared_data: Path) -> None:
    seen = 0
    for path in sorted((shared_data / "adbuy" / "pdfs").glob("*.pdf"))[::12]:
        with open_pdf(path) as document:
            page = read_page(document, 0)
        if page.width < 1.15 * page.height:
            continue
        width, height = page.width, page.height
        runs = [
            Run(w.text, w.box.x0 * width, w.box.y0 * height, w.box.x1 * width, w.box.y1 * height, 9)
            for w in page.words
        ]
        assert fold(runs, Image.new("RGB", (int(width), int(height)), "white")) is None, path.name
        seen += 1
    assert seen > 3


def words(text: str) -> list[Word]:
    return [Word(word, Box(0, 0, 1, 1)) for word in text.split()]


LETTER = (
    "Sehr geehrte Damen und Herren, für die gelieferten Waren berechnen wir Ihnen wie folgt. "
    "Please pay the total amount within thirty days to the account given below."
)


def test_text_under_wrong_letters_is_told_from_language() -> None:
    shifted = "".join(
        chr((ord(c) - 97 + 3) % 26 + 97) if c.isascii() and c.isalpha() else c
        for c in LETTER.lower()
    )
    clear, odd = legibility(words(LETTER)), legibility(words(shifted))
    assert clear is not None and clear > 0.8
    assert odd is not None and odd < 0.45
    assert legibility(words("Total 12,50 EUR")) is None
    assert legibility(words("Уважаемые дамы и господа " * 10)) is None


def scan_with_layer(layer: str, lines: tuple[str, ...] = BODY) -> bytes:
    """Return a scanned page with invisible text over it, as scanners write it."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(760, 520))
    canvas.drawImage(ImageReader(printed(lines, (760, 520))), 0, 0, 760, 520)
    text = canvas.beginText(40, 470)
    text.setTextRenderMode(3)
    for start in range(0, len(layer), 60):
        text.textLine(layer[start : start + 60])
    canvas.drawText(text)
    canvas.save()
    return buffer.getvalue()


def test_a_text_layer_under_wrong_letters_is_replaced_by_ocr(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(760, 520))
    canvas.drawImage(ImageReader(printed(BODY, (760, 520))), 0, 0, 760, 520)
    canvas.setFont("Helvetica", 1)
    canvas.drawString(1, 1, "Lqyrlfh ri 5 Pdufk dqg wkh uhvw lv qrqvhqvh wrr vruub " * 8)
    canvas.save()
    path = tmp_path / "wrong.pdf"
    path.write_bytes(buffer.getvalue())
    reading = read(path)
    assert found(reading.pages[0])[: len(BODY[0].split())] == BODY[0].split()
    assert [notice.code for notice in reading.notices] == ["read_by_ocr"]


def test_what_a_scanner_read_badly_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "scanner.pdf"
    noise = "lnv0icc 2O39l 0f 2 Marcb Harb0ur Toolz Quay Strect P0s Artic1e Ouantity Pricc " * 3
    path.write_bytes(scan_with_layer(noise[:190]))
    reading = read(path)
    assert found(reading.pages[0]) == " ".join(BODY).split()


def test_views_survive_the_way_through_metadata() -> None:
    view = View(2, straightened=-1.25, turned=270, part=(0.5, 1.0))
    assert view_of(view.metadata(3), 3) == view
    assert View(3).metadata(3) == {}
    assert view_of({}, 3) == View(3)

"""Words of PDFs: whole, in reading order, and their boxes on the ink."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import numpy as np
import pdfplumber
import pypdfium2 as pdfium
import pytest
from reportlab.pdfgen.canvas import Canvas

from doctally.pages import Page
from extractors.boxes import split_box
from extractors.pdf import TextLayer, open_pdf, read_layer, read_page

WIDTH, HEIGHT = 400.0, 300.0


def drawn(path: Path, draw: object, *, rotate: int = 0) -> Path:
    """Return a one-page PDF on which ``draw(canvas)`` has drawn, displayed turned by rotate."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT))
    draw(canvas)  # type: ignore[operator]
    canvas.showPage()
    canvas.save()
    document = pdfium.PdfDocument(buffer.getvalue())
    document[0].set_rotation(rotate)
    document.save(path)
    return path


def layer_of(path: Path) -> TextLayer:
    with open_pdf(path) as document:
        return read_layer(document, 0)


def texts(page: Page) -> list[str]:
    return [word.text for word in page.words]


def invoice(canvas: Canvas) -> None:
    """Draw a few lines as on an invoice, sizes and weights mixed."""
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(30, 250, "INVOICE")
    canvas.setFont("Helvetica", 9)
    canvas.drawString(200, 251.5, "Number: 4711-22")
    canvas.drawString(30, 200, "Widget, blue")
    canvas.drawRightString(250, 200, "2")
    canvas.drawRightString(300, 200, "1,234.50")
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawString(30, 180, "Total")
    canvas.drawRightString(300, 180, "2,469.00")


def sideways(canvas: Canvas) -> None:
    """Draw the invoice turned by 90 degrees, as on a portrait sheet of a landscape report."""
    canvas.translate(0, HEIGHT)
    canvas.rotate(-90)
    canvas.scale(0.7, 0.7)
    invoice(canvas)


EXPECTED = [
    *("INVOICE", "Number:", "4711-22"),
    *("Widget,", "blue", "2", "1,234.50"),
    *("Total", "2,469.00"),
]


def test_words_stand_in_reading_order_with_size_and_weight(tmp_path: Path) -> None:
    page = layer_of(drawn(tmp_path / "a.pdf", invoice)).page
    assert texts(page) == EXPECTED
    assert (page.width, page.height) == (WIDTH, HEIGHT)
    by_text = {word.text: word for word in page.words}
    assert (by_text["INVOICE"].size, by_text["INVOICE"].bold) == (20.0, True)
    assert (by_text["Widget,"].size, by_text["Widget,"].bold) == (9.0, False)
    total = by_text["2,469.00"].box
    assert total.x1 == pytest.approx(300 / WIDTH, abs=0.003)
    assert total.y0 < (HEIGHT - 183) / HEIGHT < total.y1


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("draw", [invoice, sideways])
def test_a_turned_page_gives_the_same_words_with_boxes_on_the_ink(
    tmp_path: Path, draw: object, rotate: int
) -> None:
    path = drawn(tmp_path / "turned.pdf", draw, rotate=rotate)
    layer = layer_of(path)
    assert texts(layer.page) == EXPECTED
    with open_pdf(path) as document:
        shown = document[0].render(scale=2).to_pil().convert("L")
    upright = shown.rotate(-layer.turned, expand=True)
    dark = np.asarray(upright) < 128
    down, across = dark.shape
    assert across / down == pytest.approx(layer.page.width / layer.page.height, rel=0.01)
    covered = np.zeros_like(dark)
    for word in layer.page.words:
        box = word.box
        rows = slice(int(box.y0 * down) - 1, int(box.y1 * down) + 2)
        columns = slice(int(box.x0 * across) - 1, int(box.x1 * across) + 2)
        assert dark[rows, columns].any(), f"no ink under {word.text}"
        covered[rows, columns] = True
    assert (dark & ~covered).sum() == 0


def test_letter_spaced_text_stays_whole_and_cells_stay_apart(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(30, 250)
        text.setFont("Helvetica", 10)
        text.setCharSpace(3)
        text.textOut("1,234,567.89")
        text.setCharSpace(0)
        canvas.drawText(text)
        canvas.setFont("Helvetica", 8)
        for column, cell in enumerate(("10", "2.50", "25.00")):
            canvas.drawString(30 + column * 11 + column * column * 3, 200, cell)

    page = layer_of(drawn(tmp_path / "spaced.pdf", draw)).page
    assert texts(page)[0] == "1,234,567.89"
    assert texts(page)[1:] == ["10", "2.50", "25.00"]


def test_pieces_of_a_number_drawn_apart_are_one_word(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        x = 100.0
        for piece in ("$1,2", "34", ".50"):
            canvas.drawString(x, 200, piece)
            x += canvas.stringWidth(piece)

    assert texts(layer_of(drawn(tmp_path / "pieces.pdf", draw)).page) == ["$1,234.50"]


def test_text_printed_twice_for_weight_is_read_once_and_bold(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(100, 200, "Total 99.00")
        canvas.drawString(100.4, 200, "Total 99.00")

    words = layer_of(drawn(tmp_path / "twice.pdf", draw)).page.words
    assert [word.text for word in words] == ["Total", "99.00"]


def test_words_outside_the_page_are_left_out(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(30, 200, "inside")
        canvas.drawString(30, HEIGHT + 50, "above")
        canvas.drawString(WIDTH + 5, 200, "beside")

    assert texts(layer_of(drawn(tmp_path / "out.pdf", draw)).page) == ["inside"]


def test_a_box_stays_where_it_is_when_the_crop_box_is_smaller(tmp_path: Path) -> None:
    path = drawn(tmp_path / "crop.pdf", invoice)
    document = pdfium.PdfDocument(path)
    document[0].set_cropbox(20, 100, 320, 290)
    document.save(tmp_path / "cropped.pdf")
    page = layer_of(tmp_path / "cropped.pdf").page
    assert (page.width, page.height) == (300, 190)
    total = next(word for word in page.words if word.text == "Total")
    assert total.box.x0 == pytest.approx((30 - 20) / 300, abs=0.005)


ADBUY = ("00a83bbc", "030a8ffe", "0a1704bd", "32558026")
EINVOICE = ("mustang_MustangGnuaccounting", "mustang_EN16931_Einfach")


@pytest.mark.shared
@pytest.mark.parametrize("start", [*ADBUY, *EINVOICE])
def test_words_equal_those_of_pdfplumber_on_real_documents(shared_data: Path, start: str) -> None:
    path = sorted(shared_data.glob(f"*/pdfs/{start}*.pdf"))[0]
    with open_pdf(path) as document:
        ours = Counter(texts(read_page(document, 0)))
    with pdfplumber.open(path) as reference:
        theirs = Counter(word["text"] for word in reference.pages[0].extract_words())
    common = (ours & theirs).total()
    assert common >= 0.97 * theirs.total()
    assert common >= 0.95 * ours.total()


@pytest.mark.shared
def test_neighbouring_cells_that_pdfplumber_glues_stay_apart(shared_data: Path) -> None:
    path = next(shared_data.glob("adbuy/pdfs/c3594f89*.pdf"))
    with open_pdf(path) as document:
        words = texts(read_page(document, 0))
    assert words[words.index("04/27/20") :][:3] == ["04/27/20", "to", "05/03/20"]
    assert not any(word for word in words if "20to0" in word)


def test_the_words_of_a_text_box_share_its_width_by_their_letters() -> None:
    runs = split_box("AB 12", 0, 0, 50, 10)
    assert [(run.text, run.x0, run.x1) for run in runs] == [("AB", 0, 20), ("12", 30, 50)]

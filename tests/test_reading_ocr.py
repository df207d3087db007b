"""OCR: images of all kinds, scanned pages, and text layers that mean nothing."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.ttfonts import TTFontFile
from reportlab.pdfgen.canvas import Canvas

from doctally.pages import Page
from extractors import ocr
from extractors.ocr import read_image
from extractors.read import read

LINES = ("INVOICE 20391", "Customer Harbour Tools", "Total 1,284.50 EUR")
WORDS = " ".join(LINES).split()
FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"


def printed(lines: tuple[str, ...] = LINES, size: tuple[int, int] = (640, 300)) -> Image.Image:
    """Return black lines on white."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FONT, 28)
    for row, line in enumerate(lines):
        draw.text((40, 40 + row * 60), line, fill="black", font=font)
    return image


def saved(path: Path, image: Image.Image, **more: object) -> Path:
    image.save(path, **more)  # type: ignore[arg-type]
    return path


def found(page: Page) -> list[str]:
    return [word.text for word in page.words]


def test_an_image_gives_words_with_boxes_on_the_ink_and_confidence(tmp_path: Path) -> None:
    image = printed()
    reading = read(saved(tmp_path / "scan.png", image))
    (page,) = reading.pages
    assert found(page) == WORDS
    assert page.source == "ocr"
    assert reading.notices == ()
    assert min(word.confidence for word in page.words) > 0.8
    dark = np.asarray(image.convert("L")) < 128
    covered = np.zeros_like(dark)
    for word in page.words:
        x0, x1 = int(word.box.x0 * image.width), int(word.box.x1 * image.width)
        y0, y1 = int(word.box.y0 * image.height), int(word.box.y1 * image.height)
        covered[y0 : y1 + 1, x0 : x1 + 1] = True
        own = printed((word.text,)).convert("L")
        width = int(np.ptp(np.flatnonzero((np.asarray(own) < 128).any(axis=0))))
        assert abs((x1 - x0) - width) < 0.35 * width + 12, word.text
    assert (dark & covered).sum() > 0.95 * dark.sum()


MODES = {
    "bilevel tiff": ("1", "TIFF"),
    "palette png": ("P", "PNG"),
    "grey jpeg": ("L", "JPEG"),
    "cmyk jpeg": ("CMYK", "JPEG"),
    "16 bit png": ("I;16", "PNG"),
    "transparent png": ("RGBA", "PNG"),
}


@pytest.mark.parametrize("case", MODES)
def test_images_of_all_modes_are_read(tmp_path: Path, case: str) -> None:
    mode, kind = MODES[case]
    image = printed(LINES[2:], (520, 130))
    if mode == "RGBA":
        ink = Image.eval(image.convert("L"), lambda value: 255 - value)
        image = Image.merge("RGBA", (*Image.new("RGB", image.size, "black").split(), ink))
    elif mode == "I;16":
        grey = np.asarray(image.convert("L")).astype(np.uint16) * 40
        image = Image.fromarray(grey)
    else:
        image = image.convert(mode)
    reading = read(saved(tmp_path / "scan", image, format=kind))
    assert found(reading.pages[0]) == LINES[2].split()


def test_a_photo_is_read_the_way_its_camera_was_held(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "photo.jpg", printed().rotate(90, expand=True), exif=exif)
    reading = read(path)
    assert found(reading.pages[0]) == WORDS
    assert reading.metadata == {}
    assert reading.pages[0].width > reading.pages[0].height


@pytest.mark.parametrize(("lying", "turn"), [(180, "180"), (90, "90"), (270, "270")])
def test_a_page_that_lies_wrong_is_turned_upright(tmp_path: Path, lying: int, turn: str) -> None:
    image = printed((*LINES, "Payment is due within thirty days"), (700, 340))
    reading = read(saved(tmp_path / "lying.png", image.rotate(lying, expand=True)))
    assert found(reading.pages[0])[: len(WORDS)] == WORDS
    assert reading.metadata == {"turned.1": turn}
    assert [notice.code for notice in reading.notices] == ["turned_pages"]
    first = reading.pages[0].words[0].box
    assert (first.x0, first.y0) == (
        pytest.approx(40 / 700, abs=0.02),
        pytest.approx(44 / 340, abs=0.03),
    )
    assert reading.pages[0].width / reading.pages[0].height == pytest.approx(700 / 340, rel=0.01)


def test_a_tiff_gives_a_page_for_each_of_its_images(tmp_path: Path) -> None:
    second = printed(("Page two, delivery note 77",), (560, 140))
    path = tmp_path / "fax.tif"
    printed(LINES[:1], (560, 140)).save(
        path, save_all=True, append_images=[second], dpi=(200, 200), compression="tiff_lzw"
    )
    reading = read(path)
    assert [page.number for page in reading.pages] == [1, 2]
    assert reading.pages[0].width == pytest.approx(560 * 72 / 200)
    assert "two, delivery note 77" in reading.text


def test_previews_in_a_photo_and_frames_of_an_animation_are_no_pages(tmp_path: Path) -> None:
    image, preview = printed(LINES[2:], (520, 130)), Image.new("RGB", (520, 130), "grey")
    photo, moving = tmp_path / "photo.jpg", tmp_path / "moving.png"
    image.save(photo, format="MPO", save_all=True, append_images=[preview])
    image.save(moving, format="PNG", save_all=True, append_images=[preview])
    for path in (photo, moving):
        reading = read(path)
        assert len(reading.pages) == 1
        assert reading.notices == ()
        assert reading.text == LINES[2]


def test_a_long_till_receipt_is_read_to_its_end() -> None:
    lines = tuple(f"Article {number} price {number}.50" for number in range(1, 49))
    runs, turned = read_image(printed(lines, (440, 3000)))
    assert turned == 0
    numbers = {run.text for run in runs}
    assert sum(f"{number}.50" in numbers for number in range(1, 49)) >= 46


def test_captions_are_cut_off_their_values_but_times_stay_whole() -> None:
    runs, _ = read_image(printed(("Invoice No:4711/22", "Time 15:17:20"), (520, 200)))
    assert [run.text for run in runs] == ["Invoice", "No:", "4711/22", "Time", "15:17:20"]


def scanned(*texts: str | None) -> bytes:
    """Return a PDF: a string is a page with a text layer, None a page that is a scan."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(320, 150))
    for text in texts:
        if text is None:
            canvas.drawImage(ImageReader(printed()), 0, 0, 320, 150)
        else:
            canvas.drawString(20, 100, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_only_the_scanned_page_of_a_pdf_is_read_by_ocr(tmp_path: Path) -> None:
    path = tmp_path / "mixed.pdf"
    path.write_bytes(scanned("This page has a text layer of its own", None))
    reading = read(path)
    assert [page.source for page in reading.pages] == ["text", "ocr"]
    assert found(reading.pages[1]) == WORDS
    assert [(n.code, n.message) for n in reading.notices] == [
        ("read_by_ocr", "Page 2 without usable text, read by OCR.")
    ]
    assert (reading.pages[1].width, reading.pages[1].height) == (320, 150)


def test_a_scan_under_the_header_line_of_a_fax_is_read_by_ocr(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(640, 330))
    canvas.drawImage(ImageReader(printed()), 0, 0, 640, 300)
    canvas.drawString(20, 312, "Fax from 030 555 0199 on 2 March, page 1 of 1")
    canvas.save()
    path = tmp_path / "fax.pdf"
    path.write_bytes(buffer.getvalue())
    reading = read(path)
    assert found(reading.pages[0])[-len(WORDS) :] == WORDS
    assert found(reading.pages[0])[0] == "Fax"
    assert [notice.code for notice in reading.notices] == ["read_by_ocr"]


def test_a_page_of_few_words_keeps_its_text_layer_when_ocr_finds_no_more(tmp_path: Path) -> None:
    path = tmp_path / "short.pdf"
    path.write_bytes(scanned("Annex B"))
    reading = read(path)
    assert [page.source for page in reading.pages] == ["text"]
    assert reading.notices == ()


def font_without_unicode(text: str, to_unicode: bytes | None = None) -> bytes:
    """Return a PDF that prints ``text`` by glyph numbers, as some programs embed fonts.

    Without a ToUnicode table only the embedded font tells which letters the glyphs are.
    """
    face, program = TTFontFile(str(FONT)), FONT.read_bytes()
    glyphs = [face.charToGlyph[ord(letter)] for letter in text]
    widths = " ".join(
        f"{glyph} [{face.charWidths[ord(letter)]:.0f}]"
        for letter, glyph in zip(text, glyphs, strict=True)
    )
    shown = "".join(f"{glyph:04X}" for glyph in glyphs)

    def stream(data: bytes) -> bytes:
        return b"<</Length %d>>stream\n%b\nendstream" % (len(data), data)

    font = "<</Type/Font/Subtype/Type0/BaseFont/Vera/Encoding/Identity-H/DescendantFonts[6 0 R]"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        stream(f"BT /F1 12 Tf 30 100 Td <{shown}> Tj ET".encode()),
        (font + ("/ToUnicode 9 0 R>>" if to_unicode else ">>")).encode(),
        (
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/Vera/FontDescriptor 7 0 R/DW 600"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/CIDToGIDMap/Identity/W[{widths}]>>"
        ).encode(),
        b"<</Type/FontDescriptor/FontName/Vera/Flags 4/FontBBox[-183 -236 1287 928]/StemV 80"
        b"/ItalicAngle 0/Ascent 928/Descent -236/CapHeight 729/FontFile2 8 0 R>>",
        stream(program),
        *([stream(to_unicode)] if to_unicode else []),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        body
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(body))
    )


PRIVATE_USE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Odd def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <00FF> <E000> endbfrange
endcmap end end"""
TEXT = "Invoice 4711 Total 1234.50 Customer Harbour"


def test_letters_that_only_the_font_knows_are_looked_up_by_pdfplumber(tmp_path: Path) -> None:
    path = tmp_path / "glyphs.pdf"
    path.write_bytes(font_without_unicode(TEXT))
    reading = read(path)
    (page,) = reading.pages
    assert found(page) == TEXT.split()
    assert page.source == "text"
    assert page.words[0].box.x0 == pytest.approx(30 / 400, abs=0.005)
    assert [notice.code for notice in reading.notices] == ["odd_text_layer"]


def test_a_text_layer_of_private_letters_is_read_by_ocr(tmp_path: Path) -> None:
    path = tmp_path / "private.pdf"
    path.write_bytes(font_without_unicode(TEXT, PRIVATE_USE))
    with pdfium.PdfDocument(path) as document:
        layer = document[0].get_textpage().get_text_bounded()
    assert "Invoice" not in layer
    reading = read(path)
    assert found(reading.pages[0]) == TEXT.split()
    assert reading.pages[0].source == "ocr"
    assert [notice.code for notice in reading.notices] == ["read_by_ocr"]


@pytest.mark.shared
def test_words_of_a_real_receipt_are_found(shared_data: Path) -> None:
    folder = shared_data / "receipts"
    reading = read(folder / "img" / "019.jpg")
    seen = Counter(word.upper() for page in reading.pages for word in found(page))
    lines = (folder / "ocr" / "019.csv").read_text(encoding="utf-8").splitlines()
    truth = Counter(word for line in lines for word in line.split(",", 8)[8].split())
    assert (seen & truth).total() >= 0.8 * truth.total()


def test_a_time_of_day_glued_to_its_date_is_cut_off() -> None:
    def words(text: str) -> list[str]:
        corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
        letters = [(letter, 0.9, corners) for letter in text if not letter.isspace()]
        return [run.text for run in ocr._words(text, 0.9, letters)]

    assert words("Date 03/02/201815:28") == ["Date", "03/02/2018", "15:28"]
    assert words("03.02.20189:05 RM") == ["03.02.2018", "9:05", "RM"]
    assert words("4/20/20-4/26/20") == ["4/20/20-4/26/20"]

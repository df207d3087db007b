"""Bad input: each file gets its stable code and a sentence, nothing crashes, nothing hangs."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from doctally.errors import AccessDenied, DoctallyError, UnreadableDocument
from extractors.read import ReadLimits, read
from extractors.sniff import Media, sniff


def pdf(pages: int = 1, encrypt: StandardEncryption | None = None) -> bytes:
    """Return a PDF whose pages say their number."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(200, 100), encrypt=encrypt)
    for number in range(1, pages + 1):
        canvas.drawString(20, 50, f"This is page number {number} of the test")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def blank_pdf(pages: int) -> bytes:
    """Return a PDF whose pages are blank."""
    document = pdfium.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 100)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return a valid start of a PNG of this size, as a decompression bomb has."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpeg() -> bytes:
    """Return a plain grey JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "grey").save(buffer, "JPEG")
    return buffer.getvalue()


def refused(path: Path, limits: ReadLimits | None = None) -> DoctallyError:
    with pytest.raises(DoctallyError) as caught:
        read(path, limits)
    assert len(caught.value.message) > 20
    return caught.value


CASES = {
    "empty": (b"", "empty_file"),
    "only zeros": (b"\0" * 4096, "empty_file"),
    "pdf cut short": (pdf(3)[:600], "damaged"),
    "pdf header only": (b"%PDF-1.7\n", "damaged"),
    "encrypted pdf": (pdf(encrypt=StandardEncryption("secret")), "encrypted"),
    "pdf of no pages": (blank_pdf(0), "no_pages"),
    "pdf of blank pages": (blank_pdf(2), "no_text"),
    "image bomb": (png_header(30_000, 30_000), "too_many_pixels"),
    "image over our limit": (png_header(12_000, 12_000), "too_many_pixels"),
    "image cut short": (jpeg()[:400], "damaged"),
    "image header only": (b"\x89PNG\r\n\x1a\n" + b"\0" * 10, "damaged"),
    "zip cut short": (b"PK\x03\x04" + b"\0" * 60, "damaged"),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(range(200)), "unknown_type"),
    "random bytes": (bytes((i * 7919) % 256 for i in range(5000)), "unknown_type"),
    "html without text": (b"<!DOCTYPE html><html><body></body></html>", "no_text"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_refused_with_its_code(tmp_path: Path, case: str) -> None:
    content, code = CASES[case]
    path = tmp_path / "document.pdf"
    path.write_bytes(content)
    error = refused(path)
    assert isinstance(error, UnreadableDocument)
    assert error.code == code


def test_a_long_document_is_read_up_to_the_limit_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(pdf(2000))
    reading = read(path, ReadLimits(max_pages=5))
    assert [page.number for page in reading.pages] == [1, 2, 3, 4, 5]
    assert "number 5" in reading.text
    (notice,) = reading.notices
    assert notice.code == "pages_cut"
    assert "2000 pages; the first 5" in notice.message


def test_a_large_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.truncate(3_000_000)
    assert refused(path, ReadLimits(max_file_mb=2)).code == "too_large"


def test_a_misnamed_file_is_read_by_its_content_with_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "scan.jpg"
    path.write_bytes(pdf())
    reading = read(path)
    assert reading.media_type == "application/pdf"
    assert [notice.code for notice in reading.notices] == ["misnamed"]
    assert "page number 1" in reading.text


def test_blank_pages_between_others_stay_as_pages_without_words(tmp_path: Path) -> None:
    document = pdfium.PdfDocument(pdf(2))
    document.new_page(200, 100, index=1)
    path = tmp_path / "gap.pdf"
    document.save(path)
    reading = read(path)
    assert [len(page.words) for page in reading.pages] == [8, 0, 8]
    assert [notice.code for notice in reading.notices] == ["blank_pages"]


def test_folders_links_pipes_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "real.pdf").write_bytes(pdf())
    link, pipe = tmp_path / "link.pdf", tmp_path / "pipe.pdf"
    link.symlink_to(tmp_path / "real.pdf")
    os.mkfifo(pipe)
    assert refused(tmp_path).code == "not_a_file"
    assert refused(link).code == "symlink"
    assert refused(pipe).code == "not_a_file"
    assert refused(tmp_path / "gone.pdf").code == "not_found"


def test_a_file_without_permission_is_access_denied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(pdf())
    path.chmod(0)
    if os.access(path, os.R_OK):  # root reads anything: let the system call refuse

        def no(self: Path, *_args: object, **_more: object) -> None:
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "open", no)
    error = refused(path)
    assert isinstance(error, AccessDenied)
    assert error.code == "access_denied"


TYPES = {
    "junk before the header": (b"\r\n\r\nmail gateway\r\n" + pdf(), Media.PDF),
    "xml with a mark": ("\ufeff<?xml version='1.0'?><a/>".encode(), Media.XML),
    "xml without declaration": (b"  <Invoice xmlns='urn:x'/>", Media.XML),
    "utf-16 text": ("Rechnung Nr. 4711\r\n".encode("utf-16"), Media.TEXT),
    "latin text": ("Gesamtbetrag für Überführung: 10,00 €".encode("cp1252"), Media.TEXT),
    "utf-8 text cut in a letter": (("ä" * 5000).encode()[:8191], Media.TEXT),
}


@pytest.mark.parametrize("case", TYPES)
def test_the_type_comes_from_the_content(tmp_path: Path, case: str) -> None:
    content, media = TYPES[case]
    path = tmp_path / "file.bin"
    path.write_bytes(content)
    assert sniff(path) is media


def test_plain_text_keeps_its_lines_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "mail.txt"
    path.write_bytes(
        "Rechnung 4711\r\n\r\nMüller\t10,00 €\r\nTotal    99,50 €\r\n".encode("cp1252")
    )
    reading = read(path)
    (page,) = reading.pages
    assert reading.text == "Rechnung 4711 Müller 10,00 € Total 99,50 €"
    boxes = {word.text: word.box for word in page.words}
    assert boxes["Total"].x0 == boxes["Müller"].x0 == boxes["Rechnung"].x0
    assert boxes["Total"].y0 > boxes["Müller"].y1 > boxes["4711"].y1
    assert boxes["99,50"].x0 > boxes["Total"].x1


def test_long_text_goes_over_pages_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("\n".join(f"line {number}" for number in range(1, 201)))
    reading = read(path)
    assert [page.number for page in reading.pages] == [1, 2, 3, 4]
    assert reading.pages[3].words[-1].text == "200"
    cut = read(path, ReadLimits(max_pages=2))
    assert len(cut.pages) == 2
    assert [notice.code for notice in cut.notices] == ["pages_cut"]


def test_scripts_in_a_pdf_are_told_and_never_run(tmp_path: Path) -> None:
    catalog, action = b"/Type /Catalog", b"/OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>>"
    assert pdf().count(catalog) == 1
    path = tmp_path / "active.pdf"
    path.write_bytes(pdf().replace(catalog, catalog + b" " + action))
    reading = read(path)
    assert [notice.code for notice in reading.notices] == ["scripts_ignored"]
    assert reading.text == "This is page number 1 of the test"


def test_files_attached_to_a_pdf_are_named_and_left_inside(tmp_path: Path) -> None:
    path = tmp_path / "loaded.pdf"
    with pdfium.PdfDocument(pdf()) as document:
        document.new_attachment("../../etc/run.exe").set_data(b"MZ" + bytes(200))
        document.save(path)
    reading = read(path)
    (notice,) = reading.notices
    assert notice.code == "parts_ignored"
    assert "run.exe" in notice.message
    assert reading.parts == ()
    assert [entry.name for entry in tmp_path.iterdir()] == ["loaded.pdf"]

"""Messages, archives and office files: what is read, what is left aside, what is refused."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from containers import Outlook, mail_of, tnef_of, zip_of
from fakes import invoice_pdf
from openpyxl import Workbook
from PIL import Image

from doctally.errors import DoctallyError
from doctally.pages import Reading
from extractors.limits import ReadLimits
from extractors.read import read
from extractors.sniff import Media

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PDF = invoice_pdf("R-1")


def reading_of(tmp_path: Path, content: bytes, name: str = "file", **limits: int) -> Reading:
    path = tmp_path / name
    path.write_bytes(content)
    return read(path, ReadLimits(**limits))


def code_of(tmp_path: Path, content: bytes, **limits: int) -> str:
    with pytest.raises(DoctallyError) as caught:
        reading_of(tmp_path, content, **limits)
    return caught.value.code


def names(reading: Reading) -> list[str]:
    return [part.name for part in reading.parts]


def picture(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((width, height), 60).save(buffer, "PNG")
    return buffer.getvalue()


def with_picture(size: tuple[int, int], *, inline: bool) -> EmailMessage:
    message = mail_of("A few words for you.", html="<p>A few words for you.<img src='cid:a@b'>")
    message.add_attachment(
        picture(*size),
        maintype="image",
        subtype="png",
        filename="image001.png",
        cid="<a@b>" if inline else None,
        disposition="inline" if inline else "attachment",
    )
    return message


def word(body: str) -> bytes:
    return f"<w:document {WORD}><w:body>{body}</w:body></w:document>".encode()


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:r>{properties}<w:t>{text}</w:t></w:r></w:p>"


def test_a_message_gives_its_body_headers_and_attachments(tmp_path: Path) -> None:
    inner = mail_of("The text that was forwarded.", {"b.pdf": PDF}, subject="Fwd: März")
    message = mail_of("Please find it attached.", {"Rechnung März.pdf": PDF}, inner=inner)
    found = reading_of(tmp_path, message.as_bytes())
    assert found.media_type == Media.MAIL
    assert "Subject: Documents Please find it attached." in found.text
    assert names(found) == ["Rechnung März.pdf", "Fwd: März.eml"]
    assert found.parts[0].content == PDF
    deeper = reading_of(tmp_path, found.parts[1].content)
    assert names(deeper) == ["b.pdf"]
    assert "The text that was forwarded." in deeper.text


def test_a_body_in_html_becomes_text_with_its_tables(tmp_path: Path) -> None:
    html = "<table><tr><td>Item<td>Price<tr><td>Widget<td>9.50</table><script>x()</script>"
    html += "<p style='display:none'>unseen</p><!-- nor this -->"
    found = reading_of(tmp_path, mail_of("-", html=html).as_bytes())
    assert "Item Price Widget 9.50" in found.text
    assert "unseen" not in found.text and "nor this" not in found.text
    assert [notice.code for notice in found.notices] == ["scripts_ignored"]


@pytest.mark.parametrize(
    ("size", "inline", "taken"),
    [
        ((200, 80), True, False),
        ((1600, 500), True, False),
        ((900, 1300), True, True),
        ((900, 1300), False, True),
        ((300, 300), False, True),
        ((20, 20), False, False),
    ],
)
def test_logos_in_the_body_are_left_aside_and_pages_are_taken(
    tmp_path: Path, size: tuple[int, int], inline: bool, taken: bool
) -> None:
    found = reading_of(tmp_path, with_picture(size, inline=inline).as_bytes())
    assert names(found) == (["image001.png"] if taken else [])
    assert [notice.code for notice in found.notices] == ([] if taken else ["parts_ignored"])


MALFORMED = {
    "no end": b"From: a\nTo: b\nSubject: c\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhi",
    "no boundary": b"From: a\nTo: b\nSubject: c\nContent-Type: multipart/mixed\n\nhello you there",
    "odd charset": b"From: a\nTo: b\nSubject: c\nContent-Type: text/plain; charset=no\n\nhi \xff",
    "odd base64": b"From: a\nTo: b\nSubject: c\nContent-Transfer-Encoding: base64\n\n!!aGVsbG8=",
    "odd header": b"From: =?x?q?=ff?=\nTo: \xff\nSubject: =?utf-8?b?!!?=\nDate: 99\n\nhello",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_message_is_read_as_far_as_it_goes(tmp_path: Path, case: str) -> None:
    found = reading_of(tmp_path, MALFORMED[case])
    assert found.media_type == Media.MAIL
    assert found.metadata["to"]
    assert found.text


def test_parts_nested_without_end_are_refused(tmp_path: Path) -> None:
    deep = b"From: a\nTo: b\nSubject: c\n"
    for i in range(400):
        deep += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i)
    assert code_of(tmp_path, deep + b"\nend") == "too_deep"


def test_an_encrypted_message_says_so(tmp_path: Path) -> None:
    sealed = b"From: a\nTo: b\nSubject: c\nContent-Type: application/pkcs7-mime\n\nMIAGCSq"
    assert code_of(tmp_path, sealed) == "encrypted"


def test_an_outlook_message_is_opened_with_the_message_inside_it(tmp_path: Path) -> None:
    outlook = Outlook()
    outlook.message((), {0x1000: "The body has four words.", 0x37: "Größe", 0xC1A: "Anna"})
    place = outlook.attachment((), 0, {0x3001: "Inner"})
    outlook.message(place, {0x1000: "The inner body, with words.", 0x37: "Inner"})
    outlook.attachment(place, 0, {0x3707: "deep.pdf", 0x3701: PDF})
    outlook.attachment((), 1, {0x3707: "big.bin", 0x3701: PDF * 5})
    found = reading_of(tmp_path, outlook.build())
    assert found.media_type == Media.OUTLOOK
    assert found.metadata == {"from": "Anna", "subject": "Größe"}
    assert "The body has four words." in found.text
    assert names(found) == ["Inner.eml", "big.bin"]
    assert found.parts[1].content == PDF * 5
    inner = reading_of(tmp_path, found.parts[0].content)
    assert (names(inner), inner.parts[0].content) == (["deep.pdf"], PDF)
    assert "The inner body, with words." in inner.text


def test_the_message_inside_an_outlook_message_is_always_the_same_bytes(tmp_path: Path) -> None:
    outlook = Outlook()
    outlook.message((), {0x37: "outer"})
    outlook.message(outlook.attachment((), 0, {}), {0x1000: "inner", 0x37: "inner"})
    first, second = (reading_of(tmp_path, outlook.build()).parts for _ in range(2))
    assert first == second


def test_winmail_dat_is_opened(tmp_path: Path) -> None:
    found = reading_of(tmp_path, tnef_of("The body has four words.", {"a.pdf": PDF}))
    assert found.media_type == Media.TNEF
    assert "The body has four words." in found.text
    assert [(part.name, part.content) for part in found.parts] == [("a.pdf", PDF)]


def test_the_members_of_an_archive_are_its_parts(tmp_path: Path) -> None:
    found = reading_of(tmp_path, zip_of({"a.pdf": PDF, "sub/b.txt": b"text", "empty": b""}))
    assert [(p.name, p.content) for p in found.parts] == [("a.pdf", PDF), ("sub/b.txt", b"text")]
    assert found.pages == ()


def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.txt", "text")
    found = reading_of(tmp_path, buffer.getvalue())
    assert names(found) == ["a.txt"]
    assert "parts_ignored" in [notice.code for notice in found.notices]


def deflated(content: bytes, count: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(count):
            archive.writestr(f"{i}.txt", content)
    return buffer.getvalue()


def overlapping() -> bytes:
    """Return an archive whose directory names one member's bytes many times."""
    single = deflated(bytes(range(256)) * 4000)
    at = single.index(b"PK\x01\x02")
    entry, end = single[at : single.rindex(b"PK\x05\x06")], single[single.rindex(b"PK\x05\x06") :]
    count = (50).to_bytes(2, "little")
    size = (50 * len(entry)).to_bytes(4, "little")
    return single[:at] + entry * 50 + end[:8] + count + count + size + end[16:]


def encrypted_zip() -> bytes:
    data = bytearray(zip_of({"a.txt": b"secret"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_bombs_and_locked_archives_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    assert code_of(tmp_path, deflated(b"\0" * 20_000_000)) == "archive_bomb"
    text = b"".join(b"line %d of a text\n" % i for i in range(60_000))
    assert code_of(tmp_path, deflated(text, 3), max_unpacked_mb=2) == "archive_bomb"
    assert code_of(tmp_path, overlapping()) == "archive_bomb"
    assert code_of(tmp_path, deflated(b"text", 11), max_parts=10) == "too_many_parts"
    assert code_of(tmp_path, encrypted_zip()) == "encrypted"
    assert code_of(tmp_path, zip_of({"empty/": b""})) == "nothing_inside"


def test_a_word_document_is_read_as_a_person_sees_it(tmp_path: Path) -> None:
    row = "".join(f"<w:tc>{paragraph(t)}</w:tc>" for t in ("Item", "Price"))
    body = (
        paragraph("Invoice number R-1")
        + f"<w:sdt><w:sdtContent>{paragraph('Date 2026-03-02')}</w:sdtContent></w:sdt>"
        + f"<w:tbl><w:tr>{row}</w:tr></w:tbl>"
        + f"<w:p><w:r><w:drawing><w:txbxContent>{paragraph('In a box')}</w:txbxContent>"
        + "</w:drawing></w:r></w:p>"
        + "<w:p><w:del><w:r><w:t>gone</w:t></w:r></w:del></w:p>"
        + paragraph("hidden", "<w:rPr><w:vanish/></w:rPr>")
    )
    parts = {
        "word/document.xml": word(body),
        "word/header1.xml": word(paragraph("ACME Ltd")),
        "word/footer1.xml": word(paragraph("IBAN DE1")),
        "word/vbaProject.bin": b"macros",
    }
    found = reading_of(tmp_path, zip_of(parts), "letter.docx")
    assert found.media_type == Media.DOCX
    assert found.text == "ACME Ltd Invoice number R-1 Date 2026-03-02 Item Price In a box IBAN DE1"
    assert [notice.code for notice in found.notices] == ["macros_ignored"]


def test_a_workbook_is_a_grid_with_values_as_shown(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Item", "Quantity", "Price", "Tax"])
    sheet.append(["Widget", 2, 1234.5, 0.19])
    sheet["C2"].number_format, sheet["D2"].number_format = '#,##0.00 "€"', "0%"
    hidden = book.create_sheet("hidden")
    hidden.sheet_state = "hidden"
    hidden.append(["unseen"])
    buffer = io.BytesIO()
    book.save(buffer)
    found = reading_of(tmp_path, buffer.getvalue(), "no suffix")
    assert found.text == "Item Quantity Price Tax Widget 2 1234.50 € 19%"
    words = {word.text: word.box for word in found.pages[0].words}
    assert words["Item"].x0 == words["Widget"].x0
    assert words["Price"].x0 < words["1234.50"].x1 and words["Item"].y1 < words["Widget"].y0


def test_separated_values_are_a_grid(tmp_path: Path) -> None:
    table = 'Artikel;Menge;Preis\n"Schraube; lang";2;9,50\nMutter;10;1,00\n'
    found = reading_of(tmp_path, table.encode("cp1252"))
    assert found.media_type == Media.CSV
    assert found.text == "Artikel Menge Preis Schraube; lang 2 9,50 Mutter 10 1,00"


def test_text_with_commas_is_no_table(tmp_path: Path) -> None:
    text = "Dear Sir,\nplease pay, as agreed, at once.\nYours, truly\n"
    assert reading_of(tmp_path, text.encode()).media_type == Media.TEXT


def test_rich_text_is_read(tmp_path: Path) -> None:
    found = reading_of(tmp_path, rb"{\rtf1\ansi Total \b 9.50\b0 \u8364?\par}")
    assert (found.media_type, found.text) == (Media.RTF, "Total 9.50€")


BOMB = b"<!DOCTYPE a [<!ENTITY b 'x'>]>"


def test_entities_in_office_files_are_refused(tmp_path: Path) -> None:
    evil = BOMB + word(paragraph("&b;"))
    assert code_of(tmp_path, zip_of({"word/document.xml": evil})) == "hostile_xml"
    wide = evil.decode().encode("utf-16")
    assert code_of(tmp_path, zip_of({"word/document.xml": wide})) == "hostile_xml"
    sheet = {"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": BOMB + b"<sst/>"}
    assert code_of(tmp_path, zip_of(sheet)) == "hostile_xml"


def test_old_office_files_are_refused_by_name(tmp_path: Path) -> None:
    old = Outlook()
    old.streams[("WordDocument",)] = b"x" * 5000
    path = tmp_path / "old.doc"
    path.write_bytes(old.build())
    with pytest.raises(DoctallyError, match=r"an old Word file \(\.doc\)"):
        read(path)


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "BMP"])
def test_other_images_are_opened(tmp_path: Path, kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(buffer, kind)
    assert code_of(tmp_path, buffer.getvalue()) == "no_text"


def test_an_outlook_file_that_claims_more_than_it_has_is_refused_at_once(tmp_path: Path) -> None:
    outlook = Outlook()
    outlook.message((), {0x1000: "x" * 3000, 0x37: "subject"})
    data = outlook.build()
    entry = data.index("__substg1.0_1000001F".encode("utf-16-le"))
    size = entry + 120
    assert data[size : size + 4] == (6000).to_bytes(4, "little")
    evil = data[:size] + (2**31 - 1).to_bytes(4, "little") + data[size + 4 :]
    assert code_of(tmp_path, evil) == "damaged"


def test_a_photo_of_a_phone_is_read() -> None:
    found = read(Path(__file__).with_name("phone.heic"))
    assert (found.media_type, found.text) == (Media.HEIC, "Invoice 4711")

"""A small good file of every kind that is read, made here."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from openpyxl import Workbook
from PIL import Image, ImageDraw

TESTS = Path(__file__).resolve().parent.parent / "tests"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_BODY = f"""<w:document xmlns:w="{_WORD}"><w:body>
<w:p><w:r><w:t>Invoice number R-1</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>Item</w:t></w:r></w:p>
</w:tc><w:tc><w:p><w:r><w:t>Price</w:t><w:tab/><w:t>9.50</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
</w:body></w:document>"""


def samples() -> dict[str, list[bytes]]:
    """Return sample files by kind."""
    sys.path.insert(0, str(TESTS))
    from containers import Outlook, mail_of, tnef_of, zip_of
    from fakes import invoice_pdf

    pdf = invoice_pdf("R-1")
    html = b"<html><body><h1>Invoice 5</h1><table><tr><td>Item</td><td>9.50</td></table></body>"
    inner = mail_of("inner text of a message", {"a.pdf": pdf}, subject="inner")
    mail = mail_of(
        "See the invoice.", {"a.pdf": pdf, "b.csv": b"a;b\n"}, html=html.decode(), inner=inner
    )
    outlook = Outlook()
    outlook.message((), {0x1000: "the body of a message", 0x37: "subject", 0x1013: html})
    place = outlook.attachment((), 0, {0x3707: "inner"})
    outlook.message(place, {0x1000: "the inner body", 0x37: "inner"})
    outlook.attachment((), 1, {0x3707: "a.pdf", 0x3701: pdf})
    documents = TESTS / "documents"
    return {
        "pdf": [pdf, (documents / "einvoice_de.pdf").read_bytes()],
        "xml": [
            b"<?xml version='1.0'?><Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:"
            b"Invoice-2'><ID>1</ID><IssueDate>2026-03-02</IssueDate></Invoice>"
        ],
        "eml": [mail.as_bytes(), inner.as_bytes()],
        "msg": [outlook.build()],
        "winmail.dat": [tnef_of("the body of it", {"a.pdf": pdf, "b.txt": b"text"})],
        "docx": [zip_of({"word/document.xml": _BODY.encode(), "word/header1.xml": _BODY.encode()})],
        "xlsx": [_workbook()],
        "csv": [b'Item;Qty;Price\n"Widget; of a kind";2;9,50\nBolt;10;1,00\n'],
        "html": [html, b"<html><script>x</script><table><tr><td rowspan=2>a<td>b</table></html>"],
        "rtf": [rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}Invoice \b R-8\b0\par \u8364? 9.50\par}"],
        "txt": ["Invoice\nTotal 9,50 €\n".encode(), "Invoice\n".encode("utf-16")],
        "zip": [zip_of({"a.pdf": pdf, "b/c.txt": b"some text"})],
        "edi": [
            b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260302*1000*U*"
            b"00401*000000001*0*P*>~GS*PO*A*B*20260302*1000*1*X*004010~ST*850*0001~BEG*00*SA*1**"
            b"20260302~PO1*1*2*EA*9.50**VN*X~CTT*1~SE*5*0001~GE*1*1~IEA*1*000000001~",
            b"UNB+UNOC:3+A+B+260302:1000+1'UNH+1+INVOIC:D:96A:UN'BGM+380+R-1+9'DTM+137:20260302:102"
            b"'MOA+77:9.50'UNT+5+1'UNZ+1+1'",
        ],
        **{kind: [_picture(kind)] for kind in ("png", "jpeg", "tiff", "gif", "bmp", "webp")},
        "heic": [(TESTS / "phone.heic").read_bytes()],
    }


def _workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(["Invoice", "R-7"])
    sheet.append(["Total", 9.5])
    sheet["B2"].number_format = '#,##0.00 "EUR"'
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _drawn() -> Image.Image:
    image = Image.new("RGB", (120, 60), "white")
    ImageDraw.Draw(image).text((5, 5), "Invoice 5", fill="black")
    return image


def _picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    _drawn().save(buffer, kind.upper())
    return buffer.getvalue()

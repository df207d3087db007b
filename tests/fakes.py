"""A quick engine that reads captions, and small PDFs it understands: for tests of the flows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from doctally.pages import Reading
from doctally.results import Extraction, FieldValue

CAPTIONS = {
    "document_number": r"Invoice number (\S+)",
    "issue_date": r"Date (\d{4}-\d\d-\d\d)",
    "supplier_name": r"From (\S+)",
    "total_net": r"Net (\d+\.\d\d)",
    "total_tax": r"Tax (\d+\.\d\d)",
    "total_gross": r"Gross (\d+\.\d\d)",
    "currency": r"Currency ([A-Z]{3})",
}


class FakeEngine:
    """Finds values by their captions; fails on every document that says POISON.

    Where several pages have an invoice number each begins a document.
    """

    version = "fake-1"

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        if any("POISON" in reading.text for reading in readings):
            raise RuntimeError("cannot digest this")
        return [self._one(reading) for reading in readings]

    def _one(self, reading: Reading) -> Extraction:
        numbered = [p.number for p in reading.pages if "number" in {w.text for w in p.words}]
        if reading.loose and len(numbered) > 1:
            return Extraction("other", 0.0, {}, (), self.version, tuple(numbered))
        found = {}
        for name, pattern in CAPTIONS.items():
            match = re.search(pattern, reading.text)
            if match:
                sure = 0.2 if "UNSURE" in reading.text else 0.99
                found[name] = FieldValue(match.group(1), sure, page=1, text=match.group(1))
        kind = "invoice" if "document_number" in found else "other"
        return Extraction(kind, 0.99, found, (), self.version)


def invoice_pdf(number: str, *, words: str = "", pages: int = 1, password: str = "") -> bytes:
    """Return a small invoice that is right in itself; ``words`` are printed on it as well."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=password or None, invariant=True)
    lines = [f"Invoice number {number}", "Date 2026-03-02", "From ACME", "Net 100.00", "Tax 19.00"]
    lines += ["Gross 119.00", "Currency EUR", words]
    for page in range(pages):
        for row, line in enumerate(lines if page == 0 else [f"Page {page + 1}"]):
            canvas.drawString(72, 770 - 20 * row, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def stack_pdf(*numbers: str) -> bytes:
    """Return invoices in one file; every second one has two pages."""
    stack = pdfium.PdfDocument.new()
    for place, number in enumerate(numbers):
        stack.import_pages(pdfium.PdfDocument(invoice_pdf(number, pages=1 + place % 2)))
    buffer = BytesIO()
    stack.save(buffer)
    return buffer.getvalue()


def drop(inbox: Path, name: str, content: bytes) -> Path:
    """Put a file into the inbox and return where it is."""
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path

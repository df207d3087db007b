"""Structured documents: bare XML files and XML embedded in PDFs become a ``Record``.

NOT handled: XSD and schematron validation. What the record needs to be one is checked here
(well-formed, a known document, a number and a date); its sums are checked by ``doctally.rules``
like those of any document.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pypdfium2 as pdfium

from doctally.errors import RefusedRecord
from doctally.pages import Record
from extractors import cii, ubl
from extractors.tree import Node, parse

EMBEDDED_NAMES = (
    "factur-x.xml",
    "xrechnung.xml",
    "zugferd-invoice.xml",
    "order-x.xml",
)
"""Names of the XML in hybrid PDFs, lower case, the standard's latest first."""

_LARGEST_BYTES = 20_000_000


def read_record(data: bytes) -> Record:
    """Return the record of a CII or UBL document.

    Raises RefusedRecord: ``unsupported_document`` for one that no schema of ours has a place for,
    ``einvoice_invalid`` when it is broken or lacks number or date.
    """
    if len(data) > _LARGEST_BYTES:
        raise RefusedRecord("The XML is larger than 20 MB.", code="einvoice_invalid")
    root = parse(data, renamed=cii.RENAMED)
    record = _reader(root)(root)
    for name in ("document_number", "issue_date"):
        if not record.fields.get(name):
            raise RefusedRecord(
                f"The XML has no {name.replace('_', ' ')}, which its standard requires.",
                code="einvoice_invalid",
            )
    return record


def embedded_xml(document: Any) -> bytes | None:
    """Return the invoice or order XML that an open pypdfium2 document carries, if any."""
    found: dict[str, bytes] = {}
    try:
        for index in range(min(document.count_attachments(), 100)):
            attachment = document.get_attachment(index)
            name = attachment.get_name().lower()
            if name in EMBEDDED_NAMES and name not in found:
                found[name] = bytes(attachment.get_data())
    except pdfium.PdfiumError:
        return None  # a damaged attachment; the pages are read all the same
    return next((found[name] for name in EMBEDDED_NAMES if name in found), None)


def _reader(root: Node) -> Callable[[Node], Record]:
    """Return the reader of this root element."""
    if root.name in cii.ROOTS or (root.name, root.namespace) == cii.DRAFT:
        return cii.read_cii
    is_ubl = root.namespace == f"{ubl.NAMESPACE}{root.name}-2"
    if is_ubl and root.name in ubl.READERS:
        return ubl.READERS[root.name]
    known = (
        f"a UBL {root.name}" if is_ubl else f"a {root.name} ({root.namespace or 'no namespace'})"
    )
    raise RefusedRecord(
        f"The XML is {known}, which doctally has no schema for; read are invoices, credit notes, "
        "orders and their confirmations, despatch and receipt advices, waybills and transport "
        "statuses in UBL, and CII invoices and orders.",
        code="unsupported_document",
    )

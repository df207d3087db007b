"""PDFs: the pages by ``extractors.document``, and the record of an e-invoice inside."""

from __future__ import annotations

from doctally.errors import RefusedRecord
from doctally.pages import Notice, Reading, Record
from extractors import notices
from extractors.beside import beside
from extractors.document import read_document
from extractors.einvoice import embedded_xml, read_record
from extractors.pdf import open_pdf
from extractors.source import Source


def read(source: Source) -> Reading:
    """Return pages and record of a PDF; an invalid record is left aside with a notice.

    A PDF with XML inside is one document, others of several pages may be stacks.
    """
    record: Record | None = None
    told: list[Notice] = []
    with open_pdf(source.path) as document:
        xml = None if source.pages_only else embedded_xml(document)
        if xml is not None:
            try:
                record = read_record(xml)
            except RefusedRecord as error:
                told.append(notices.einvoice_invalid(error.message))
        if not source.pages_only:
            told += beside(source.path, document)
        found = read_document(
            source.path, document, max_pages=source.limits.max_pages, threads=source.threads
        )
    return Reading(
        media_type=source.media,
        pages=tuple(found.pages),
        record=record,
        notices=(*told, *found.notices()),
        metadata=found.metadata(),
        loose=xml is None and not source.pages_only and len(found.pages) > 1,
    )

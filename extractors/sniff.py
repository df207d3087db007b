"""The type of a file by its content, never by its name."""

from __future__ import annotations

import codecs
from enum import StrEnum
from pathlib import Path

import filetype

from doctally.errors import UnreadableDocument

_HEAD = 8192
_PDF_WITHIN = 1024
"""Readers accept junk before the header up to here (PDF 1.7, implementation note 13)."""


class Media(StrEnum):
    """The types that can be read."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    TIFF = "image/tiff"
    XML = "application/xml"
    TEXT = "text/plain"


SUFFIXES = {
    Media.PDF: (".pdf",),
    Media.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    Media.PNG: (".png",),
    Media.TIFF: (".tif", ".tiff"),
    Media.XML: (".xml",),
    Media.TEXT: (".txt", ".text", ".eml", ".md", ".csv", ".log", ""),
}
_ALSO = {"image/apng": "image/png"}
SUPPORTED = "PDF, JPEG, PNG, TIFF, XML e-invoices and plain text"


def sniff(path: Path) -> Media:
    """Return the file's type; raises UnreadableDocument (``unknown_type``, ``empty_file``)."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\x00 \t\r\n"):
        raise UnreadableDocument(
            "The file is empty; send it again, the transfer may have failed.", code="empty_file"
        )
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return Media.PDF
    kind = filetype.guess(head)
    if kind is not None:
        mime = _ALSO.get(kind.mime, kind.mime)
        if mime in set(Media):
            return Media(mime)
        raise _unknown(f"a {kind.extension} file ({kind.mime})")
    text = _decoded(head)
    if text is None:
        raise _unknown("not text and of no known type")
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith("<?xml") or (start.startswith("<") and not _is_html(start)):
        return Media.XML
    if _is_html(start):
        raise _unknown("an HTML page")
    return Media.TEXT


def misnamed(path: Path, media: Media) -> bool:
    """Tell whether the name promises another type than the content is."""
    return path.suffix.lower() not in SUFFIXES[media]


def encoding_of(head: bytes) -> str:
    """Return the text encoding: by its byte order mark, UTF-8, or else Windows-1252."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _decoded(head: bytes) -> str | None:
    """Return the head as text, or None when it holds what text does not."""
    encoding = encoding_of(head)
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    text = decoder.decode(head)
    odd = sum(1 for letter in text if letter < " " and letter not in "\t\r\n\f\x1b")
    return None if odd > len(text) / 100 or "\x00" in text else text


def _is_html(start: str) -> bool:
    return start.startswith(("<!doctype html", "<html"))


def _unknown(found: str) -> UnreadableDocument:
    return UnreadableDocument(f"The file is {found}; read are {SUPPORTED}.", code="unknown_type")

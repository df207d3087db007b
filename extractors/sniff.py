"""The type of a file by its content, never by its name."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from enum import StrEnum
from pathlib import Path
from zipfile import BadZipFile, LargeZipFile, ZipFile

import filetype
from olefile import OleFileIO

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
    HEIC = "image/heic"
    WEBP = "image/webp"
    GIF = "image/gif"
    BMP = "image/bmp"
    XML = "application/xml"
    TEXT = "text/plain"
    CSV = "text/csv"
    HTML = "text/html"
    RTF = "application/rtf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ZIP = "application/zip"
    MAIL = "message/rfc822"
    OUTLOOK = "application/vnd.ms-outlook"
    TNEF = "application/ms-tnef"
    EDI = "application/edi"


SUFFIXES = {
    Media.PDF: (".pdf",),
    Media.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    Media.PNG: (".png",),
    Media.TIFF: (".tif", ".tiff"),
    Media.XML: (".xml",),
    Media.TEXT: (".txt", ".text", ".eml", ".md", ".csv", ".log", ""),
    Media.HEIC: (".heic", ".heif"),
    Media.WEBP: (".webp",),
    Media.GIF: (".gif",),
    Media.BMP: (".bmp", ".dib"),
    Media.CSV: (".csv", ".tsv", ".txt", ".tab"),
    Media.HTML: (".html", ".htm", ".xhtml"),
    Media.RTF: (".rtf", ".doc"),
    Media.DOCX: (".docx", ".docm", ".dotx"),
    Media.XLSX: (".xlsx", ".xlsm", ".xltx"),
    Media.ZIP: (".zip",),
    Media.MAIL: (".eml", ".txt", ".mht", ".mhtml", ""),
    Media.OUTLOOK: (".msg",),
    Media.TNEF: (".dat", ".tnef"),
    Media.EDI: (".edi", ".x12", ".edifact", ".edf", ".txt", ".dat", ".int", ".msg", ""),
}
_ALSO = {
    "image/apng": "image/png",
    "image/heif": "image/heic",
    "image/x-ms-bmp": "image/bmp",
    "text/rtf": "application/rtf",
}
SUPPORTED = (
    "PDF, images, Word (.docx), Excel (.xlsx), CSV, HTML, text, XML e-invoices, EDI, "
    "e-mails (.eml, .msg) and ZIP archives"
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_TNEF = b"\x78\x9f\x3e\x22"
_HEADER = re.compile(
    r"(received|return-path|delivered-to|from|to|subject|date|message-id|mime-version"
    r"|content-type|content-transfer-encoding|reply-to|cc|bcc|sender|dkim-signature"
    r"|arc-[a-z-]+|authentication-results|x-[\w-]+)[ \t]*:",
    re.I,
)
_DELIMITERS = ";\t|,"
_EDI = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:ISA([^A-Za-z0-9\s])\d\d\1|UNA.{6}\s*UN[BGH]|UN[BH]\+|STX=)", re.DOTALL
)
"""How an interchange of X12, EDIFACT or TRADACOMS starts."""


def sniff(path: Path) -> Media:
    """Return the file's type; raises UnreadableDocument (``unknown_type``, ``empty_file``)."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\x00 \t\r\n"):
        raise UnreadableDocument(
            "The file is empty; send it again, the transfer may have failed.", code="empty_file"
        )
    if head.startswith(_OLE):
        return ole_type(path)
    if head.startswith(_ZIP):
        return zip_type(path)
    if head.startswith(_TNEF):
        return Media.TNEF
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return Media.PDF
    if _EDI.match(head):
        return Media.EDI
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
        return Media.HTML
    if _is_mail(start):
        return Media.MAIL
    return Media.CSV if delimiter_of(text) else Media.TEXT


def zip_type(path: Path) -> Media:
    """Return what kind of ZIP file it is by the names in its directory."""
    try:
        with ZipFile(path) as package:
            names = set(package.namelist())
    except (BadZipFile, LargeZipFile, OSError, ValueError, NotImplementedError):
        return Media.ZIP  # its reader says what is wrong
    if "word/document.xml" in names:
        return Media.DOCX
    if "xl/workbook.xml" in names:
        return Media.XLSX
    if "ppt/presentation.xml" in names:
        raise _unknown("a presentation (.pptx)")
    if "xl/workbook.bin" in names:
        raise _unknown("a binary workbook (.xlsb)")
    if "mimetype" in names and "content.xml" in names:
        raise _unknown("an OpenDocument file")
    return Media.ZIP


def ole_type(path: Path) -> Media:
    """Return what kind of OLE file it is; raises UnreadableDocument for all but messages."""
    try:
        with OleFileIO(path) as file:
            names = {entry[0] for entry in file.listdir(streams=True, storages=False) if entry}
    except Exception as error:  # the library raises whatever a damaged directory makes happen
        message = "The file is damaged or cut short; ask for it again."
        raise UnreadableDocument(message, code="damaged") from error
    if "__properties_version1.0" in names:
        return Media.OUTLOOK
    if "EncryptedPackage" in names:
        message = "The file is protected by a password; save it without one."
        raise UnreadableDocument(message, code="encrypted")
    if "WordDocument" in names:
        raise _unknown("an old Word file (.doc)")
    if names & {"Workbook", "Book"}:
        raise _unknown("an old Excel file (.xls)")
    raise _unknown("an OLE file")


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
    return start.startswith(("<!doctype html", "<html", "<head>", "<body"))


def _is_mail(start: str) -> bool:
    """Tell whether the text begins with the header of a message."""
    head = re.split(r"\r?\n[ \t]*\r?\n", start, maxsplit=1)[0]
    lines = head.splitlines()[:200]
    if lines and lines[0].startswith("from "):  # the first line of a message in a mailbox file
        lines = lines[1:]
    names = [found.group(1) for line in lines if (found := _HEADER.match(line))]
    odd = sum(1 for line in lines if not line.startswith((" ", "\t")) and ":" not in line)
    return len(set(names)) >= 3 and odd <= len(lines) // 10


def delimiter_of(text: str) -> str:
    """Return what separates the values of a table, empty for text that is none.

    Of three lines or more, nine in ten must have as many values as most have.
    """
    lines = [line for line in text[:_HEAD].splitlines() if line.strip()]
    if len(text) > _HEAD or len(text.encode()) >= _HEAD:
        lines = lines[:-1]
    for delimiter in _DELIMITERS:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter, strict=False))
        width, often = counts.most_common(1)[0] if counts else (1, 0)
        least = 4 if delimiter == "," else 2
        if len(lines) >= 3 and width >= least and often >= 0.9 * sum(counts.values()):
            return delimiter
    return ""


def _unknown(found: str) -> UnreadableDocument:
    return UnreadableDocument(f"The file is {found}; read are {SUPPORTED}.", code="unknown_type")

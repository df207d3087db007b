"""The readers: one module a kind of file, each with ``read(source: Source) -> Reading``.

A reader raises BadDocument for what it cannot read and nothing else. A new one is a module here
and a line in ``READERS`` (and, for a new type, in ``extractors.sniff``). A module is imported when
the first file of its kind comes, so that a process loads only the libraries it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from doctally.pages import Reading
from extractors.sniff import Media
from extractors.source import Source

READERS: Mapping[Media, str] = {
    Media.PDF: "pdf",
    Media.JPEG: "image",
    Media.PNG: "image",
    Media.TIFF: "image",
    Media.HEIC: "image",
    Media.WEBP: "image",
    Media.GIF: "image",
    Media.BMP: "image",
    Media.XML: "xml",
    Media.EDI: "edi",
    Media.TEXT: "text",
    Media.CSV: "csv",
    Media.HTML: "html",
    Media.RTF: "rtf",
    Media.DOCX: "word",
    Media.XLSX: "sheet",
    Media.ZIP: "archive",
    Media.MAIL: "mail",
    Media.OUTLOOK: "outlook",
    Media.TNEF: "tnef",
}
WITHOUT_PAGES = frozenset({Media.XML, Media.EDI})
"""Types that give a record only; with ``pages_only`` nothing is left of them."""


def reader_of(media: Media) -> Callable[[Source], Reading]:
    """Return the function that reads files of this type."""
    module = import_module(f"extractors.readers.{READERS[media]}")
    return cast(Callable[[Source], Reading], module.read)

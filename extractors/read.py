"""The one way in: a file of any supported type becomes a ``Reading``.

Bad files raise UnreadableDocument with one of the codes: ``not_found``, ``not_a_file``,
``symlink``, ``empty_file``, ``too_large``, ``unknown_type``, ``damaged``, ``encrypted``,
``no_pages``, ``too_many_pixels``, ``no_text``; a pool adds ``timeout`` and ``reader_crashed``.
Bare XML that is no invoice or order raises RefusedRecord (``einvoice_invalid``).
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from doctally.errors import AccessDenied, DoctallyError, RefusedRecord, UnreadableDocument
from doctally.pages import Notice, Page, Reading, Record
from extractors import notices
from extractors.document import read_document
from extractors.einvoice import embedded_xml, read_record
from extractors.images import frame_count, frames, open_image
from extractors.limits import ReadLimits
from extractors.pdf import open_pdf
from extractors.plain import read_text
from extractors.pool import ReaderPool
from extractors.scan import read_picture
from extractors.sniff import Media, misnamed, sniff

__all__ = ["ReadLimits", "ReaderPool", "read", "read_many"]


def read(
    path: Path,
    limits: ReadLimits | None = None,
    *,
    pages_only: bool = False,
    threads: int = 1,
) -> Reading:
    """Return everything read from the file; ``pages_only`` leaves an XML's record out.

    ``threads`` are those of OCR. Raises UnreadableDocument, RefusedRecord or AccessDenied.
    """
    limits = limits or ReadLimits()
    try:
        _check(path, limits)
        media = sniff(path)
        reading = _by_type(path, media, limits, pages_only=pages_only, threads=threads)
    except PermissionError as error:
        raise AccessDenied(
            f"{path.name} cannot be opened with our rights; give the service read permission."
        ) from error
    except FileNotFoundError as error:
        raise UnreadableDocument("The file is gone; drop it again.", code="not_found") from error
    if misnamed(path, media):
        notice = notices.misnamed(path.name, media)
        reading = replace(reading, notices=(notice, *reading.notices))
    return reading


def read_many(
    paths: Sequence[Path], limits: ReadLimits, *, workers: int, timeout_s: float
) -> Iterator[tuple[Path, Reading | DoctallyError]]:
    """Yield each path with its reading or what is wrong with it, in order.

    For repeated calls keep a ``ReaderPool``: starting the processes costs a second.
    """
    with ReaderPool(limits, workers=workers, timeout_s=timeout_s) as pool:
        yield from pool.read_many(paths)


def _check(path: Path, limits: ReadLimits) -> None:
    """Raise UnreadableDocument for what is not a file of a bearable size."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise UnreadableDocument("It is a link; drop the file itself.", code="symlink")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableDocument("It is not a file; drop single files.", code="not_a_file")
    if not status.st_size:
        raise UnreadableDocument(
            "The file is empty; send it again, the transfer may have failed.", code="empty_file"
        )
    if status.st_size > limits.max_file_mb * 1_000_000:
        raise UnreadableDocument(
            f"The file has {status.st_size / 1e6:.0f} MB; the limit is {limits.max_file_mb} MB.",
            code="too_large",
        )


def _by_type(
    path: Path, media: Media, limits: ReadLimits, *, pages_only: bool, threads: int
) -> Reading:
    """Return the reading by the reader of this type."""
    match media:
        case Media.PDF:
            return _read_pdf(path, limits, pages_only=pages_only, threads=threads)
        case Media.XML:
            record = read_record(path.read_bytes())
            return Reading(media_type=media, record=None if pages_only else record)
        case Media.TEXT:
            pages, cut = read_text(path, max_pages=limits.max_pages)
            _require_words(pages, None)
            told = (Notice("pages_cut", f"The first {len(pages)} pages were read."),)
            return Reading(media_type=media, pages=tuple(pages), notices=told if cut else ())
        case _:
            return _read_image(path, media, limits, threads=threads)


def _read_pdf(path: Path, limits: ReadLimits, *, pages_only: bool, threads: int) -> Reading:
    """Return pages and record of a PDF; an invalid record is left aside with a notice."""
    record: Record | None = None
    invalid: list[Notice] = []
    with open_pdf(path) as document:
        xml = None if pages_only else embedded_xml(document)
        if xml is not None:
            try:
                record = read_record(xml)
            except RefusedRecord as error:
                invalid.append(notices.einvoice_invalid(error.message))
        found = read_document(path, document, max_pages=limits.max_pages, threads=threads)
    _require_words(found.pages, record)
    return Reading(
        media_type=Media.PDF,
        pages=tuple(found.pages),
        record=record,
        notices=(*invalid, *found.notices()),
        metadata=found.metadata(),
    )


def _read_image(path: Path, media: Media, limits: ReadLimits, *, threads: int) -> Reading:
    """Return the pages of an image, read by OCR."""
    pages: list[Page] = []
    turned: dict[int, int] = {}
    with open_image(path, max_pixels=limits.max_pixels) as image:
        total = frame_count(image)
        for frame in frames(image, max_pages=limits.max_pages, max_pixels=limits.max_pixels):
            number = len(pages) + 1
            page, degrees = read_picture(
                frame.image,
                number=number,
                width=frame.width,
                height=frame.height,
                threads=threads,
            )
            pages.append(page)
            if degrees:
                turned[number] = degrees
    _require_words(pages, None)
    told = []
    if total > len(pages):
        told.append(notices.pages_cut(len(pages), total))
    if turned:
        told.append(notices.turned_pages(sorted(turned)))
    return Reading(
        media_type=media,
        pages=tuple(pages),
        notices=tuple(told),
        metadata={f"turned.{number}": str(turn) for number, turn in turned.items()},
    )


def _require_words(pages: Sequence[Page], record: Record | None) -> None:
    """Raise UnreadableDocument (``no_text``) when there is nothing to work with."""
    if record is None and not any(page.words for page in pages):
        raise UnreadableDocument(
            "No text was found on any page; scan it again, darker and straight.", code="no_text"
        )

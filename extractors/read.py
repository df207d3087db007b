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

from doctally.errors import AccessDenied, DoctallyError, UnreadableDocument
from doctally.pages import Page, Reading
from extractors import notices
from extractors.cut import cut
from extractors.limits import ReadLimits
from extractors.pool import ReaderPool
from extractors.readers import WITHOUT_PAGES, reader_of
from extractors.sniff import misnamed, sniff
from extractors.source import Source

__all__ = ["ReadLimits", "ReaderPool", "read", "read_many"]


def read(
    path: Path,
    limits: ReadLimits | None = None,
    *,
    pages_only: bool = False,
    threads: int = 1,
) -> Reading:
    """Return everything read from the file; ``pages_only`` leaves an XML's record out.

    ``threads`` are those of OCR; with ``limits.cut_at`` a stack's documents come as parts.
    Raises UnreadableDocument, RefusedRecord or AccessDenied.
    """
    limits = limits or ReadLimits()
    try:
        _check(path, limits)
        media = sniff(path)
        source = Source(path, media, limits, pages_only=pages_only, threads=threads)
        if limits.cut_at:
            return cut(source)
        reading = reader_of(media)(source)
    except PermissionError as error:
        raise AccessDenied(
            f"{path.name} cannot be opened with our rights; give the service read permission."
        ) from error
    except FileNotFoundError as error:
        raise UnreadableDocument("The file is gone; drop it again.", code="not_found") from error
    if not (reading.parts or reading.record or media in WITHOUT_PAGES):
        _require_words(reading.pages)
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


def _require_words(pages: Sequence[Page]) -> None:
    """Raise UnreadableDocument (``no_text``) when there is nothing to work with."""
    if not any(page.words for page in pages):
        raise UnreadableDocument(
            "No text was found on any page; scan it again, darker and straight.", code="no_text"
        )

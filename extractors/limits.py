"""How much of a file is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds on what is read: sizes in MB (10**6 bytes), pages, pixels of one image.

    ``max_parts`` and ``max_unpacked_mb`` bound what may come out of an archive or a message.
    ``cut_at`` are the pages that begin a document of a stack: with them the file is cut, not read.
    """

    max_file_mb: int = 100
    max_pages: int = 300
    max_pixels: int = 120_000_000
    max_parts: int = 1000
    max_unpacked_mb: int = 500
    cut_at: tuple[int, ...] = ()

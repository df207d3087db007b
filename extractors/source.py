"""What a reader is given: the file, its type by content, and how much of it to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from extractors.limits import ReadLimits
from extractors.sniff import Media


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read; ``pages_only`` leaves a record out, ``threads`` are those of OCR."""

    path: Path
    media: Media
    limits: ReadLimits = field(default_factory=ReadLimits)
    pages_only: bool = False
    threads: int = 1

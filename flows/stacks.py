"""Files that the model takes for a stack: cut into documents, which are processed on their own.

A stack that cannot be cut is one document after all, which a person looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from doctally.pages import Reading
from doctally.results import Extraction
from extractors import notices
from extractors.cut import ranges_told
from extractors.view import sheet_of
from flows.batch import Batch, Extractor, Item, Reader
from flows.engine import extract_each


def take_apart(
    batch: Batch, engine: Extractor, reader: Reader, *, kept: Callable[[Item], None]
) -> None:
    """Cut the stacks of a batch; ``kept`` puts their documents on disk, as with archives."""
    for item in batch.alive:
        reading, found = item.reading, item.extraction
        if reading is None or found is None or not found.starts:
            continue
        parts = reader.cut(item.job.path, sheets(reading, found.starts))
        if isinstance(parts, Reading):
            item.reading = opened(reading, parts, Path(item.job.name).stem)
            kept(item)
            continue
        item.reading = uncut(reading, parts.message)
        again = extract_each(engine, [item.reading])[0]
        if isinstance(again, Extraction):
            item.extraction = again
        else:
            item.fault = again


def sheets(reading: Reading, starts: Sequence[int]) -> tuple[int, ...]:
    """Return where to cut the file: two pages may lie on one of its sheets."""
    return tuple(sorted({sheet_of(reading.metadata, page) for page in starts}))


def opened(reading: Reading, cut: Reading, stem: str) -> Reading:
    """Return the reading of a stack: its documents, and its pages without their words."""
    parts = tuple(replace(part, name=f"{stem} {part.name}") for part in cut.parts)
    blank = tuple(replace(page, words=()) for page in reading.pages)
    told = (*reading.notices, notices.stack(ranges_told(parts), len(parts)))
    return replace(reading, pages=blank, parts=parts, notices=told, loose=False)


def uncut(reading: Reading, why: str) -> Reading:
    """Return the reading as that of one document, which a person should look at."""
    return replace(reading, notices=(*reading.notices, notices.stack_not_cut(why)), loose=False)

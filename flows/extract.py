"""Extraction without a database: files in, results out, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from doctally.errors import BadDocument, DoctallyError, UnreadableDocument
from doctally.pages import Reading
from doctally.results import Extraction, Finding, Result, Severity, State
from doctally.rules import decide
from doctally.settings import Settings
from flows.batch import Extractor, Reader
from flows.engine import extract_each, shared_engine
from flows.names import is_ignored
from flows.parts import stands_alone
from flows.spool import Spool
from flows.stacks import opened, sheets, uncut
from flows.steps import finding_of, findings_of

AT_ONCE = 16
"""Files per pass of the model: results appear as they are ready."""


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Return the files named, and those inside the folders named, in order."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (p for p in sorted(path.rglob("*")) if p.is_file() and not is_ignored(p.name))
            found.extend(inside)
        else:
            found.append(path)
    return found


def extract(
    paths: Sequence[Path], settings: Settings, reader: Reader, *, now: datetime
) -> Iterator[Result]:
    """Yield one result a file, in order, and after it those of what is inside it.

    A bad file is a failed result, the others go on. Raises ConfigurationError when the model
    cannot be loaded.
    """
    with ThreadPoolExecutor(1) as loader:
        engine = loader.submit(shared_engine, settings)
        read = _settled(reader(paths), settings)
        while chunk := tuple(islice(read, AT_ONCE)):
            named = [(str(path), path, result) for path, result in chunk]
            work = _Work(engine.result(), reader, settings, now)
            yield from work.results(named, depth=0)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is needed to look into files, and into what is inside them."""

    engine: Extractor
    reader: Reader
    settings: Settings
    now: datetime

    def results(
        self, chunk: Sequence[tuple[str, Path, Reading | DoctallyError]], *, depth: int
    ) -> Iterator[Result]:
        worth = [r for _, _, r in chunk if isinstance(r, Reading) and not _bare(r)]
        extractions = iter(extract_each(self.engine, worth))
        for name, path, read in chunk:
            if not isinstance(read, Reading):
                yield _failed(name, read)
                continue
            found = None if _bare(read) else next(extractions)
            if isinstance(found, Extraction) and found.starts:
                read, found = self._apart(path, read, found.starts)
            if isinstance(found, BadDocument):
                yield _failed(name, found)
            elif read.parts and depth >= self.settings.max_depth:
                yield _failed(name, UnreadableDocument("It lies too deep.", code="too_deep"))
                continue
            elif found is None or (read.parts and not stands_alone(found)):
                told = tuple(map(finding_of, read.notices))
                yield Result(name, None, told, State.UNPACKED, read.metadata)
            else:
                yield _judged(name, read, found, settings=self.settings, now=self.now)
            yield from self._inside(name, read, depth=depth)

    def _apart(
        self, path: Path, reading: Reading, starts: Sequence[int]
    ) -> tuple[Reading, Extraction | BadDocument | None]:
        """Return a stack's documents as parts, or, where it cannot be cut, one document."""
        parts = self.reader.cut(path, sheets(reading, starts))
        if isinstance(parts, Reading):
            return opened(reading, parts, path.stem), None
        whole = uncut(reading, parts.message)
        return whole, extract_each(self.engine, [whole])[0]

    def _inside(self, name: str, read: Reading, *, depth: int) -> Iterator[Result]:
        """Yield the results of what is inside a file, called ``file/member``."""
        with TemporaryDirectory(prefix="doctally-") as folder:
            spool = Spool(Path(folder))
            pieces = []
            paths = []
            for number, part in enumerate(read.parts):
                piece = spool.keep(part)
                if piece is not None:
                    pieces.append(piece)
                    paths.append(Path(folder) / f"{number}-{piece.name}")
                    spool.hand_out(piece.sha256, paths[-1])
            for piece, (path, inner) in zip(pieces, self.reader(paths), strict=True):
                if isinstance(inner, Reading) and piece.pages is not None:
                    inner = replace(inner, loose=False)
                yield from self.results([(f"{name}/{piece.name}", path, inner)], depth=depth + 1)


def _settled(
    found: Iterator[tuple[Path, Reading | DoctallyError]], settings: Settings
) -> Iterator[tuple[Path, Reading | DoctallyError]]:
    """Yield what was read; nothing is taken for a stack where that is not wanted."""
    for path, reading in found:
        if isinstance(reading, Reading) and not settings.split_stacks:
            reading = replace(reading, loose=False)
        yield path, reading


def _bare(reading: Reading) -> bool:
    """Tell whether a file only holds others."""
    return bool(reading.parts) and not reading.pages and reading.record is None


def _failed(name: str, fault: DoctallyError) -> Result:
    failure = Finding(fault.code, Severity.REJECT, fault.message)
    return Result(name, None, (failure,), State.FAILED)


def _judged(
    name: str, reading: Reading, extraction: Extraction, *, settings: Settings, now: datetime
) -> Result:
    sure = settings.accept_confidence
    findings = tuple(findings_of(reading, extraction, now=now, accept_confidence=sure))
    outcome = decide(extraction, findings, accept_confidence=sure)
    return Result(name, extraction, findings, outcome, reading.metadata)

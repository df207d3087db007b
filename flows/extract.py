"""Extraction without a database: files in, results out, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from pathlib import Path

from doctally.errors import DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction, Finding, Result, Severity, State
from doctally.rules import decide
from doctally.settings import Settings
from flows.batch import Extractor, Reader
from flows.engine import extract_each, shared_engine
from flows.names import is_ignored
from flows.steps import findings_of

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
    """Yield one result a file, in order; a bad file is a failed result, the others go on.

    Raises ConfigurationError when the model cannot be loaded.
    """
    with ThreadPoolExecutor(1) as loader:
        engine = loader.submit(shared_engine, settings)
        read = reader(paths)
        while chunk := tuple(islice(read, AT_ONCE)):
            yield from _results(chunk, engine.result(), settings=settings, now=now)


def _results(
    chunk: Sequence[tuple[Path, Reading | DoctallyError]],
    engine: Extractor,
    *,
    settings: Settings,
    now: datetime,
) -> Iterator[Result]:
    readings = [result for _, result in chunk if isinstance(result, Reading)]
    extractions = iter(extract_each(engine, readings))
    for path, result in chunk:
        if isinstance(result, Reading):
            found = next(extractions)
            if isinstance(found, Extraction):
                yield _judged(path, result, found, settings=settings, now=now)
            else:
                yield _failed(path, found)
        else:
            yield _failed(path, result)


def _failed(path: Path, fault: DoctallyError) -> Result:
    failure = Finding(fault.code, Severity.REJECT, fault.message)
    return Result(str(path), None, (failure,), State.FAILED)


def _judged(
    path: Path, reading: Reading, extraction: Extraction, *, settings: Settings, now: datetime
) -> Result:
    sure = settings.accept_confidence
    findings = tuple(findings_of(reading, extraction, now=now, accept_confidence=sure))
    outcome = decide(extraction, findings, accept_confidence=sure)
    return Result(str(path), extraction, findings, outcome, reading.metadata)

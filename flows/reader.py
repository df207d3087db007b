"""The readers of this process: a pool of processes that read files, and how to stop it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import cpu_count
from pathlib import Path
from threading import Lock

from doctally.errors import DoctallyError
from doctally.pages import Reading
from doctally.settings import Settings
from extractors.read import ReaderPool, ReadLimits


def limits_of(settings: Settings) -> ReadLimits:
    """Return how much of a file is read."""
    return ReadLimits(
        max_file_mb=settings.max_file_mb,
        max_pages=settings.max_pages,
        max_pixels=settings.max_pixels,
        max_parts=settings.max_parts,
        max_unpacked_mb=settings.max_unpacked_mb,
    )


class Readers:
    """Reads with processes that are started once and kept; a ``flows.batch.Reader``."""

    def __init__(self, settings: Settings, *, at_most: int | None = None) -> None:
        self._settings = settings
        wanted = settings.readers or cpu_count() or 1
        self._workers = max(1, min(wanted, at_most)) if at_most is not None else wanted
        self._lock = Lock()
        self._pool: ReaderPool | None = None

    def __call__(self, paths: Sequence[Path]) -> Iterator[tuple[Path, Reading | DoctallyError]]:
        """Yield each path with its reading or what is wrong with it, in order."""
        yield from self._started().read_many(paths)

    def cut(self, path: Path, starts: Sequence[int]) -> Reading | DoctallyError:
        """Return the documents of a stack as parts, or why it cannot be cut."""
        return self._started().cut(path, starts)

    def _started(self) -> ReaderPool:
        with self._lock:
            if self._pool is None:
                self._pool = ReaderPool(
                    limits_of(self._settings),
                    workers=self._workers,
                    timeout_s=self._settings.read_timeout_s,
                    memory_mb=self._settings.reader_memory_mb,
                )
            return self._pool

    def close(self) -> None:
        """End the processes, also one that is reading."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()


@contextmanager
def reading(settings: Settings, *, at_once: int | None = None) -> Iterator[Readers]:
    """Give the readers and end their processes afterwards."""
    readers = Readers(settings, at_most=at_once)
    try:
        yield readers
    finally:
        readers.close()

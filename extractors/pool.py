"""Reading in processes of their own, which may crash or hang without harm to the others.

Each process has a thread here that feeds it, so that reading goes on while the caller works on
what was read. The processes are started by ``python -m extractors.worker``, not by
multiprocessing, which would run the caller's main module (and import torch) in each of them.
"""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from doctally.errors import ConfigurationError, DoctallyError, UnreadableDocument
from doctally.pages import Reading
from extractors.child import Child, ChildDied, ChildHung
from extractors.limits import ReadLimits

MEMORY_MB = 4000
"""Memory of a reading process; OCR of a PNG of 103 megapixels takes 1.6 GB, text 0.1 GB."""
_AHEAD = 4
"""Files per process that are read before the caller asks for them."""

Outcome = Reading | DoctallyError


@dataclass(frozen=True, slots=True)
class _Job:
    path: Path
    pages_only: bool
    limits: ReadLimits
    outcome: Future[Outcome] = field(default_factory=Future)


class ReaderPool:
    """Processes that read files, started on first use and kept; use as a context or close it.

    ``workers`` 0 means the machine's cores; a file that takes longer than ``timeout_s`` ends its
    process and is reported as ``timeout``, one that kills two as ``reader_crashed``, one that takes
    more than ``memory_mb`` (0: no limit) as ``out_of_memory``. ``reader`` names the function that
    reads, as ``module:function``.
    """

    def __init__(
        self,
        limits: ReadLimits | None = None,
        *,
        workers: int = 0,
        timeout_s: float = 300.0,
        memory_mb: int = MEMORY_MB,
        reader: str = "extractors.read:read",
    ) -> None:
        self._limits = limits or ReadLimits()
        self._workers = workers or os.cpu_count() or 1
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb
        self._reader = reader
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._children: set[Child] = set()
        self._closed = False

    def __enter__(self) -> ReaderPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read_many(
        self, paths: Sequence[Path], *, pages_only: bool = False
    ) -> Iterator[tuple[Path, Outcome]]:
        """Yield each path with its reading or what is wrong with it, in order.

        Raises DoctallyError (``stopped``) when the pool is closed meanwhile, and
        ConfigurationError when its processes do not start: neither is the file's fault.
        """
        self._start()
        waiting: deque[_Job] = deque()
        try:
            for path in paths:
                job = _Job(path, pages_only, self._limits)
                waiting.append(job)
                self._jobs.put(job)
                if len(waiting) >= _AHEAD * self._workers:
                    yield waiting[0].path, waiting[0].outcome.result()
                    waiting.popleft()
            while waiting:
                yield waiting[0].path, waiting[0].outcome.result()
                waiting.popleft()
        finally:
            for job in waiting:
                job.outcome.cancel()

    def cut(self, path: Path, starts: Sequence[int]) -> Outcome:
        """Return the documents of a stack as parts, or why it cannot be cut; raises like above."""
        self._start()
        job = _Job(path, True, replace(self._limits, cut_at=tuple(starts)))
        self._jobs.put(job)
        return job.outcome.result()

    def close(self) -> None:
        """End the processes, also one that is reading."""
        with self._lock:
            self._closed = True
            threads, self._threads = self._threads, []
            for child in self._children:
                child.kill()
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join()
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is not None and job.outcome.set_running_or_notify_cancel():
                job.outcome.set_exception(_stopped())

    def _start(self) -> None:
        with self._lock:
            if self._closed:
                raise _stopped()
            for number in range(len(self._threads), self._workers):
                thread = threading.Thread(target=self._feed, name=f"reader-{number}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _feed(self) -> None:
        """Give one job after the other to a process, and a new process after each loss."""
        child: Child | None = None
        while (job := self._jobs.get()) is not None:
            if not job.outcome.set_running_or_notify_cancel():
                continue
            try:
                child = self._fit(child)
                try:
                    outcome = self._run(child, job)
                except ChildDied:  # perhaps somebody killed it: once more, in a new one
                    child = self._fit(child)
                    outcome = self._run_again(child, job)
                job.outcome.set_result(outcome)
            except DoctallyError as error:
                job.outcome.set_exception(error)
        if child is not None:
            child.kill()

    def _fit(self, child: Child | None) -> Child:
        """Return the child if it can read on, else a new one."""
        if child is not None and child.fit:
            return child
        if child is not None:
            child.kill()
            self._children.discard(child)
        with self._lock:
            if self._closed:
                raise _stopped()
            threads = max((os.cpu_count() or 1) // self._workers, 1)
            fresh = Child(self._reader, threads=threads, memory_mb=self._memory_mb)
            self._children.add(fresh)
        try:
            fresh.wait_ready()
        except ChildDied as death:
            if self._closed:
                raise _stopped() from None
            raise ConfigurationError(f"A reading process does not start: {death}") from death
        return fresh

    def _run(self, child: Child, job: _Job) -> Outcome:
        """Return the child's answer, or the error that its silence stands for; raises ChildDied."""
        try:
            return child.read(job.path, job.limits, job.pages_only, self._timeout_s)
        except ChildHung:
            if self._closed:
                raise _stopped() from None
            return UnreadableDocument(
                f"Reading took more than {self._timeout_s:.0f} s; print it to a new PDF or "
                "raise DOCTALLY_READ_TIMEOUT_S.",
                code="timeout",
            )

    def _run_again(self, child: Child, job: _Job) -> Outcome:
        """Return the second child's answer, or the error that its end stands for."""
        try:
            return self._run(child, job)
        except ChildDied as death:
            if self._closed:
                raise _stopped() from None
            return UnreadableDocument(
                f"The reader ended twice on this file ({death}); print it to a new PDF.",
                code="reader_crashed",
            )


def _stopped() -> DoctallyError:
    return DoctallyError("Reading was stopped.", code="stopped")

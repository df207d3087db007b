"""One reading process, seen from the process that feeds it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from multiprocessing.connection import Pipe
from pathlib import Path

from doctally.errors import DoctallyError
from doctally.pages import Reading
from extractors.limits import ReadLimits

_START_S = 300.0
OUT_OF_MEMORY = "out_of_memory"
"""The code with which a process says that a file was too much for it, its last word."""
_MOST_FILES = 500
"""A process is replaced after this many files, whatever its libraries leak."""


class ChildDied(Exception):
    """The process ended; says how."""


class ChildHung(Exception):
    """The process did not answer in time and was killed."""


class Child:
    """A process that reads one file at a time, with so much memory (0: no limit)."""

    def __init__(self, reader: str, *, threads: int, memory_mb: int) -> None:
        self._connection, other = Pipe(duplex=True)
        known = [entry for entry in sys.path if entry]
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [
                *(sys.executable, "-P", "-m", "extractors.worker"),
                *(str(other.fileno()), reader, str(threads), str(memory_mb)),
            ],
            pass_fds=(other.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(known)},
            start_new_session=True,
        )
        other.close()
        self._files = 0

    @property
    def fit(self) -> bool:
        """Tell whether the process can read another file."""
        return self._process.poll() is None and self._files < _MOST_FILES

    def wait_ready(self) -> None:
        """Return when the process has started; raises ChildDied."""
        try:
            if self._connection.poll(_START_S) and self._connection.recv() == "ready":
                return
        except (EOFError, OSError):
            pass  # it ended; the reason follows
        raise ChildDied(self._end())

    def read(
        self, path: Path, limits: ReadLimits, pages_only: bool, timeout_s: float
    ) -> Reading | DoctallyError:
        """Return what the process answers for this file; raises ChildHung or ChildDied."""
        self._files += 1
        try:
            self._connection.send((path, limits, pages_only, timeout_s))
            if not self._connection.poll(timeout_s):
                self.kill()
                raise ChildHung
            answer: Reading | DoctallyError = self._connection.recv()
        except (EOFError, OSError) as error:
            raise ChildDied(self._end()) from error
        if isinstance(answer, DoctallyError) and answer.code == OUT_OF_MEMORY:
            self._files = _MOST_FILES  # it is ending
        return answer

    def kill(self) -> None:
        """End the process at once and wait for it."""
        self._process.kill()
        self._process.wait()

    def _end(self) -> str:
        """Return how the process ended, after ending it if it still runs."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
            return "no answer"
        if code < 0:
            return f"signal {signal.Signals(-code).name}"
        return f"exit status {code}"

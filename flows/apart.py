"""The model in a process of its own, for documents that were in work when the program stopped.

That the program stopped says nothing against a document: it may have been killed, or the power
failed. So nothing is counted over restarts. Instead such a document goes through a child process
while we watch: only one that ends the child, twice, with us alive before, between and after, is
to blame. A kill of the whole program ends the child too and proves nothing, however often it
happens; and a document that stops the model cannot stop the program a second time.

(Reading is always done in processes of their own, see ``extractors.pool``.)
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection, Pipe
from threading import Lock
from typing import Any

from doctally.errors import BadDocument, ConfigurationError, DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction
from doctally.settings import Settings

LOADER = "flows.engine:shared_engine"
_START_S = 300.0


class _Ended(Exception):
    """The process ended, or was ended because it did not answer; says how."""


class Apart:
    """A ``flows.batch.Extractor`` whose crash costs one document; its process starts when used.

    ``loader`` names the function that gives the engine for the settings, as ``module:function``.
    """

    def __init__(self, settings: Settings, *, loader: str = LOADER) -> None:
        self.version = ""
        self._settings = settings
        self._loader = loader
        self._limit_s = settings.read_timeout_s
        self._lock = Lock()
        self._child: _Child | None = None

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        """Return one extraction per reading, in order.

        Raises BadDocument for a reading that the model fails on or that ends its process twice,
        DoctallyError (``stopped``) when closed meanwhile, ConfigurationError.
        """
        return [self._one(reading) for reading in readings]

    def close(self) -> None:
        """End the process, also in the middle of a document; it starts anew when used again."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _one(self, reading: Reading) -> Extraction:
        ends: list[str] = []
        while len(ends) < 2:
            child = self._fit()
            try:
                answer: Extraction | DoctallyError = child.ask(reading, self._limit_s)
            except _Ended as end:
                with self._lock:
                    closed, self._child = self._child is not child, None
                if closed:
                    raise _stopped() from None
                ends.append(str(end))
                continue
            if isinstance(answer, Exception):
                raise answer
            return answer
        raise BadDocument(
            f"it ended the model's process twice when tried alone ({', '.join(ends)})",
            code="crashed_repeatedly",
        )

    def _fit(self) -> _Child:
        """Return the process that is ready to work."""
        with self._lock:
            if self._child is not None:
                return self._child
            try:
                child = self._child = _Child(self._loader)
            except OSError as error:
                raise ConfigurationError(f"no process for the model: {error.strerror}") from error
        try:
            told = child.ask((self._settings, self._limit_s), _START_S)
        except _Ended as end:
            with self._lock:
                closed, self._child = self._child is not child, None
            if closed:
                raise _stopped() from None
            raise ConfigurationError(f"the model's own process does not start: {end}") from end
        if isinstance(told, Exception):
            self.close()
            raise told
        self.version = told
        return child


class _Child:
    """The process, seen from here."""

    def __init__(self, loader: str) -> None:
        ours, other = Pipe(duplex=True)
        self._connection: Connection[Any, Any] = ours
        known = [entry for entry in sys.path if entry]
        with other:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-P", "-m", "flows.probe", str(other.fileno()), loader],
                pass_fds=(other.fileno(),),
                stdin=subprocess.PIPE,  # held by us alone: the child ends when we end
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(known)},
                start_new_session=True,
            )

    def ask(self, question: Any, limit_s: float) -> Any:
        """Return the answer; raises _Ended."""
        try:
            self._connection.send(question)
            if not self._connection.poll(limit_s):
                self.kill()
                raise _Ended(f"no answer in {limit_s:.0f} s")
            return self._connection.recv()
        except (EOFError, OSError):
            raise _Ended(self._how()) from None

    def kill(self) -> None:
        """End it at once and wait for it."""
        self._process.kill()
        self._process.wait()

    def _how(self) -> str:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
            return "no answer"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def _stopped() -> DoctallyError:
    return DoctallyError("Working on the document was stopped.", code="stopped")

"""The model in a process of its own, for documents that were in work when the program stopped.

That the program stopped says nothing against a document: it may have been killed, or the power
failed. So nothing is counted over restarts. Instead such a document goes through a child process
while we watch: only one that ends the child, twice, with us alive before, between and after, is
to blame. A kill of the whole program ends the child too and proves nothing, however often it
happens; and a document that stops the model cannot stop the program a second time.

(Reading is always done in processes of their own, see ``extractors.pool``.)
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

from doctally.errors import BadDocument, ConfigurationError, DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction
from doctally.settings import Settings
from flows.child import Child, Ended

LOADER = "flows.engine:shared_engine"
_START_S = 300.0


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
        self._child: Child | None = None
        self.starts = 0
        """How often its process was started."""

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        """Return one extraction per reading, in order.

        Raises BadDocument for a reading that the model fails on or that ends its process twice,
        DoctallyError (``stopped``) when closed meanwhile, ConfigurationError.
        """
        return [self._one(reading) for reading in readings]

    def extract_each(self, readings: Sequence[Reading]) -> list[Extraction | BadDocument]:
        """Return an extraction or a fault per reading, all read in one pass of the model.

        If that ends the process each is tried alone. Raises as ``extract``, but no BadDocument.
        """
        if len(readings) < 2:
            return [self._settled(reading) for reading in readings]
        child = self._fit()
        try:
            answer = child.ask(("extract", readings), self._limit_s * len(readings))
        except Ended:
            self._forget(child)
            return [self._settled(reading) for reading in readings]
        found: list[Extraction | BadDocument] = _said(answer)
        return found

    def ask(self, verb: str, *given: Any) -> Any:
        """Return what the engine's method of that name answers; raises what it raises, stopped."""
        child = self._fit()
        try:
            answer = child.ask((verb, *given), self._limit_s)
        except Ended as end:
            self._forget(child)
            message = f"the model's process ended meanwhile: {end}"
            raise DoctallyError(message, code="engine_ended") from None
        return _said(answer)

    def close(self) -> None:
        """End the process, also in the middle of a document; it starts anew when used again."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _settled(self, reading: Reading) -> Extraction | BadDocument:
        try:
            return self._one(reading)
        except BadDocument as fault:
            return fault

    def _forget(self, child: Child) -> None:
        """Let a process go that ended by itself; raises ``stopped`` if it was we who ended it."""
        with self._lock:
            closed, self._child = self._child is not child, None
        if closed:
            raise _stopped()

    def _one(self, reading: Reading) -> Extraction:
        ends: list[str] = []
        while len(ends) < 2:
            child = self._fit()
            try:
                [answer] = _said(child.ask(("extract", [reading]), self._limit_s))
            except Ended as end:
                self._forget(child)
                ends.append(str(end))
                continue
            if isinstance(answer, Extraction):
                return answer
            raise answer
        raise BadDocument(
            f"it ended the model's process twice when tried alone ({', '.join(ends)})",
            code="crashed_repeatedly",
        )

    def _fit(self) -> Child:
        """Return the process that is ready to work."""
        with self._lock:
            if self._child is not None:
                return self._child
            try:
                child = self._child = Child(self._loader)
                self.starts += 1
            except OSError as error:
                raise ConfigurationError(f"no process for the model: {error.strerror}") from error
        try:
            told = child.ask((self._settings, self._limit_s), _START_S)
        except Ended as end:
            self._forget(child)
            raise ConfigurationError(f"the model's own process does not start: {end}") from end
        if isinstance(told, Exception):
            self.close()
            raise told
        self.version = told
        return child


def _said(answer: Any) -> Any:
    """Return the answer; raises it where it is an error."""
    if isinstance(answer, Exception):
        raise answer
    return answer


def _stopped() -> DoctallyError:
    return DoctallyError("Working on the document was stopped.", code="stopped")

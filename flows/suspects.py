"""Documents that may stop the program: after a crash each is tried alone, and not for ever.

A crash says nothing about which document of a batch is to blame (a reader that crashes is
caught elsewhere, this is about the program itself). So what was in work is then done one by one,
and a note of the one being tried is on disk before it is touched. What stops the program three
times is given up. Waiting beside it counts against nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

MOST_TRIES = 3
NOTE = ".doctally.tries.json"


class Suspects:
    """How often the program stopped while a document was tried alone."""

    def __init__(self, home: Path) -> None:
        self._path = home / NOTE
        self._tries = self._load()

    @property
    def tries(self) -> Mapping[int, int]:
        """Return the unfinished tries by document."""
        return self._tries

    def given_up(self, document_id: int) -> bool:
        """Tell whether a document has had all its tries."""
        return self._tries.get(document_id, 0) >= MOST_TRIES

    @contextmanager
    def trying(self, document_id: int) -> Iterator[None]:
        """Note that a document is being tried; forget it when the try ends without a crash.

        An exception counts as a crash; being told to stop (no ``Exception``) does not.
        """
        before = self._tries.get(document_id, 0)
        self._keep(document_id, before + 1)
        try:
            yield
        except Exception:
            raise
        except BaseException:
            self._keep(document_id, before)
            raise
        else:
            self._keep(document_id, 0)

    def forget(self, document_id: int) -> None:
        """Start over with a document."""
        if document_id in self._tries:
            self._keep(document_id, 0)

    def _keep(self, document_id: int, tries: int) -> None:
        self._tries[document_id] = tries
        self._tries = {number: count for number, count in self._tries.items() if count}
        if not self._tries:
            self._path.unlink(missing_ok=True)
            return
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(self._tries), encoding="utf-8")
        part.replace(self._path)

    def _load(self) -> dict[int, int]:
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            return {int(number): int(count) for number, count in told.items()}
        except (OSError, ValueError, AttributeError):
            return {}  # no note, or not ours: every document starts over

"""Documents that may stop the program: after a crash each is tried alone, the untried first.

A crash says nothing about which document of a batch is to blame, nor that any is: somebody may
have killed the program. So what was in work is then done one by one, in a process of its own
(``flows.apart``), and a note of the one being tried is on disk before it is touched. The note
only decides the order: whatever a document does to us, those that were tried less come before
it. It is never held against the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

NOTE = ".doctally.tries.json"


class Suspects:
    """How often the program stopped while a document was tried alone."""

    def __init__(self, home: Path, *, seat: str = "") -> None:
        self._path = home / (NOTE.replace(".json", f".{seat}.json") if seat else NOTE)
        self._tries = self._load()

    @property
    def tries(self) -> Mapping[int, int]:
        """Return the unfinished tries by document."""
        return self._tries

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

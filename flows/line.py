"""The waiting line: what to work on next, batch after batch."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator

from flows.claims import Intake
from flows.home import Home


def resumed(home: Home, *, alone: bool) -> Iterator[Intake]:
    """Yield what was left unfinished, as batches, or ``alone``: one by one, after a crash.

    Those that were not tried yet come first, so that a document that stops the program does not
    keep the others waiting.
    """
    jobs = home.recover().jobs
    if alone:
        tries = home.suspects.tries
        for job in sorted(jobs, key=lambda job: (tries.get(job.document_id, 0), job.document_id)):
            yield Intake(jobs=(job,), suspect=True)
        return
    size = home.settings.batch_size
    for first in range(0, len(jobs), size):
        yield Intake(jobs=jobs[first : first + size])


class Line:
    """What one worker has before it: what was left unfinished, and the inbox.

    After a crash the two take turns, the inbox first: a document that stops the program again
    and again cannot keep new ones waiting. Each intake must be worked on before the next.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._alone = home.after_crash
        self._left: deque[Intake] | None = None
        self._inbox_next = True

    def start_over(self, *, alone: bool = False) -> None:
        """Look again for unfinished documents: a batch was given up half-way."""
        self._alone = self._alone or alone
        self._left = None

    def next(self) -> Intake:
        """Return what to work on now; one with ``nothing`` if there is nothing."""
        if self._left is None:
            self._left = deque(resumed(self._home, alone=self._alone))
        if self._left and (not self._alone or not self._inbox_next):
            self._inbox_next = True
            return self._left.popleft()
        if not self._left:
            self._alone = False
            self._home.apart.close()
        intake = self._home.intake()
        if intake.nothing and self._left:
            return self._left.popleft()
        self._inbox_next = False
        return intake


def intakes(home: Home) -> Iterator[Intake]:
    """Yield what was left unfinished and what is in the inbox until nothing is ready.

    Each must be worked on before the next is asked for. Files that are still settling are
    waited for once.
    """
    line = Line(home)
    patience = 2
    while patience:
        intake = line.next()
        if not intake.nothing:
            yield intake
            continue
        patience = patience - 1 if intake.waiting else 0
        if patience:
            time.sleep(home.settings.settle_s + 0.2)

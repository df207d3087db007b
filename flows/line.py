"""The waiting line: what to work on next, batch after batch."""

from __future__ import annotations

import time
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


def intakes(home: Home) -> Iterator[Intake]:
    """Yield what was left unfinished, then what is in the inbox until nothing is ready.

    Each must be worked on before the next is asked for. Files that are still settling are
    waited for once.
    """
    yield from resumed(home, alone=home.after_crash)
    patience = 2
    while patience:
        intake = home.intake()
        if not intake.nothing:
            yield intake
            continue
        patience = patience - 1 if intake.waiting else 0
        if patience:
            time.sleep(home.settings.settle_s + 0.2)

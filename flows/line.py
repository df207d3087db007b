"""The waiting line: what to work on next, batch after batch."""

from __future__ import annotations

import time
from collections.abc import Iterator

from flows.claims import Intake
from flows.home import Home
from flows.recovery import Recovery


def resumed(recovery: Recovery, *, batch_size: int) -> Iterator[Intake]:
    """Yield unfinished documents as batches; after a crash as batches of one.

    One of them may have stopped us. The order turns with every attempt, so that each
    neighbour of a document that stops the program again and again is done before that
    document runs out of attempts.
    """
    calm = [job for job in recovery.jobs if job.attempts < 2]
    for first in range(0, len(calm), batch_size):
        yield Intake(jobs=tuple(calm[first : first + batch_size]))
    rest = sorted(
        (job for job in recovery.jobs if job.attempts >= 2),
        key=lambda job: job.document_id,
        reverse=any(job.attempts % 2 for job in recovery.jobs if job.attempts >= 2),
    )
    for job in rest:
        yield Intake(jobs=(job,))


def intakes(home: Home) -> Iterator[Intake]:
    """Yield what was left unfinished, then what is in the inbox until nothing is ready.

    Each must be worked on before the next is asked for. Files that are still settling are
    waited for once.
    """
    yield from resumed(home.recover(), batch_size=home.settings.batch_size)
    patience = 2
    while patience:
        intake = home.intake()
        if not intake.nothing:
            yield intake
            continue
        patience = patience - 1 if intake.waiting else 0
        if patience:
            time.sleep(home.settings.settle_s + 0.2)

"""Lines in doubt are put to the judge while no transaction is open.

A judge takes milliseconds a pair, and a transaction that waits for it keeps every other writer
waiting. So the work is done, undone where lines were in doubt, and done again with the answers:
these are kept by the lines themselves, so that it does not matter what has changed meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from db.database import Database
from db.matching import withdraw
from db.verdicts import Matching, settle
from doctally.matching import Judge, Line

Done = TypeVar("Done")
Pair = tuple[Line, Line]

log = logging.getLogger("doctally.matching")


class _InDoubt(Exception):
    """The transaction is undone: the judge is to be asked first."""


@dataclass(slots=True)
class Answers:
    """A judge that says what it was told, and notes what it was not."""

    known: dict[Pair, float] = field(default_factory=dict)
    missing: dict[Pair, None] = field(default_factory=dict)

    def __call__(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the answers, 0, no opinion, where there is none yet."""
        self.missing |= dict.fromkeys(pair for pair in pairs if pair not in self.known)
        return [self.known.get(pair, 0.0) for pair in pairs]

    def ask(self, judge: Judge) -> None:
        """Ask about all that is missing; a judge that fails has no opinion."""
        pairs, self.missing = list(self.missing), {}
        try:
            self.known |= dict(zip(pairs, judge(pairs), strict=True))
        except Exception:  # matching must never cost a document that was read and checked
            log.exception("%d pairs of lines could not be compared", len(pairs))


def deciding(
    database: Database, matching: Matching, work: Callable[[Session, Matching], Done]
) -> Done:
    """Return what the work does in a transaction of its own.

    The work may be called twice, the first time in a transaction that is undone.
    """
    judge, answers = matching.judge, Answers()
    if judge is None:
        with database.write() as session:
            return work(session, matching)
    moved = list(matching.moved)
    asking = replace(matching, judge=answers)  # its list of moves is the same one
    try:
        with database.write() as session:
            done = work(session, asking)
            if answers.missing:
                raise _InDoubt
            return done
    except _InDoubt:
        matching.moved[:] = moved
    answers.ask(judge)
    with database.write() as session:
        return work(session, asking)


def rematch(
    database: Database,
    document_ids: Collection[int],
    matching: Matching,
    *,
    owner: str,
    now: datetime,
) -> None:
    """Match stored documents again, in one transaction; what is no paper any more is let go."""

    def work(session: Session, how: Matching) -> None:
        freed = withdraw(session, document_ids)
        settle(session, {*document_ids, *freed}, how, owner=owner, now=now)

    deciding(database, matching, work)

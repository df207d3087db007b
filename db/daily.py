"""How a period went, by day: documents, what went straight through, amounts, confidence.

All from one covering index on the day of arrival; the confidence from a sample of the period's
documents, the same whenever one looks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from db.database import Database
from db.tables import AuditRow, DocumentRow, FieldValueRow, TransitionRow
from doctally.results import State
from doctally.schemas import DocumentType

SAMPLE = 2000
"""So many documents at the most are looked at for the confidence of their values."""
DECISIONS = 2000
"""So many latest decisions of people at the most are looked at for the time they took."""
ENDED = (State.ACCEPTED, State.CONFIRMED, State.REVIEW, State.FAILED)


@dataclass(frozen=True, slots=True)
class Day:
    """The documents that came on a day, by the state that they are in now."""

    day: date
    states: Mapping[State, int]

    @property
    def total(self) -> int:
        """Return how many came."""
        return sum(self.states.values())

    @property
    def straight(self) -> float | None:
        """Return the share of those read to the end that no person had to look at."""
        ended = sum(self.states.get(state, 0) for state in ENDED)
        return self.states.get(State.ACCEPTED, 0) / ended if ended else None


@dataclass(frozen=True, slots=True)
class Amount:
    """The sum of documents of one type, currency and state."""

    document_type: DocumentType
    currency: str
    state: State
    number: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the model was of the header values of documents of a day."""

    day: date
    mean: float
    doubtful: float


@dataclass(frozen=True, slots=True)
class Waited:
    """How long documents waited from the queue to a person's decision, in seconds, by day."""

    day: date
    median: float
    number: int


def days(database: Database, *, since: datetime) -> list[Day]:
    """Return the days since then on which documents came, oldest first."""
    day = utc_day(database, DocumentRow.claimed_at)
    grouped = (
        select(day, DocumentRow.state, func.count())
        .where(DocumentRow.claimed_at >= since)
        .group_by(day, DocumentRow.state)
    )
    found: dict[date, dict[State, int]] = defaultdict(dict)
    with database.read() as session:
        for at, state, number in session.execute(grouped):
            found[day_of(at)][state] = number
    return [Day(at, found[at]) for at in sorted(found)]


def amounts(database: Database, *, since: datetime) -> list[Amount]:
    """Return what the documents since then come to, the largest sums first."""
    kind, currency, state = (
        DocumentRow.document_type,
        DocumentRow.currency,
        DocumentRow.state,
    )
    total = func.sum(DocumentRow.amount)
    grouped = (
        select(kind, currency, state, func.count(DocumentRow.amount), total)
        .where(DocumentRow.claimed_at >= since, DocumentRow.amount.is_not(None))
        .where(kind.is_not(None), currency.is_not(None))
        .group_by(kind, currency, state)
        .order_by(total.desc())
    )
    with database.read() as session:
        return [Amount(*row) for row in session.execute(grouped)]


def confidence(database: Database, *, since: datetime, below: float) -> list[Confidence]:
    """Return the mean confidence of a day's values and the share under ``below``, by day."""
    day = utc_day(database, DocumentRow.claimed_at)
    with database.read() as session:
        chosen = _sample(session, since)
        if not chosen:
            return []
        low = case((FieldValueRow.confidence < below, 1.0), else_=0.0)
        grouped = (
            select(day, func.avg(FieldValueRow.confidence), func.avg(low))
            .join(FieldValueRow, FieldValueRow.document_id == DocumentRow.id)
            .where(DocumentRow.id.in_(chosen), FieldValueRow.source == "model")
            .group_by(day)
            .order_by(day)
        )
        return [
            Confidence(day_of(at), float(mean), float(share))
            for at, mean, share in session.execute(grouped)
        ]


def waited(database: Database, *, since: datetime) -> list[Waited]:
    """Return by day how long documents had waited when people decided about them."""
    decided = (
        select(AuditRow.document_id, AuditRow.at)
        .where(AuditRow.at >= since, AuditRow.action.in_(("confirm", "reject")))
        .where(AuditRow.field.is_(None) | (AuditRow.field == "state"))
        .order_by(AuditRow.at.desc())
        .limit(DECISIONS)
        .subquery()
    )
    came = (
        select(decided.c.document_id, decided.c.at, func.max(TransitionRow.at))
        .join(TransitionRow, TransitionRow.document_id == decided.c.document_id)
        .where(TransitionRow.after == State.REVIEW, TransitionRow.at <= decided.c.at)
        .group_by(decided.c.document_id, decided.c.at)
    )
    took: dict[date, list[float]] = defaultdict(list)
    with database.read() as session:
        for _, at, queued in session.execute(came):
            took[at.date()].append((at - queued).total_seconds())
    return [Waited(at, _median(took[at]), len(took[at])) for at in sorted(took)]


def _sample(session: Session, since: datetime) -> Sequence[int]:
    """Return every so-manieth document of the period, by its number."""
    since_then = DocumentRow.claimed_at >= since
    number = session.scalar(select(func.count(DocumentRow.id)).where(since_then)) or 0
    step = number // SAMPLE + 1
    chosen = select(DocumentRow.id).where(since_then, DocumentRow.id % step == 0)
    return session.scalars(chosen.limit(SAMPLE)).all()


def utc_day(database: Database, column: Any) -> ColumnElement[Any]:
    """Return the day, in UTC, of a moment."""
    if database.dialect == "postgresql":
        return func.date(func.timezone("UTC", column))
    return func.date(column)


def day_of(found: date | str) -> date:
    """Return a day as the database gives it: SQLite's is a text."""
    return date.fromisoformat(found) if isinstance(found, str) else found


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2

"""How right the model was, by what people corrected and confirmed; and what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, select

from db.daily import day_of, utc_day
from db.database import Database
from db.tables import CorrectionRow, DocumentRow, FindingRow
from doctally.corrections import CorrectionKind
from doctally.results import Severity, State

LATEST = 50_000
"""So many latest verdicts on values at the most are looked at."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many values of something were right, of how many that people judged."""

    name: str
    right: int
    judged: int

    @property
    def share(self) -> float:
        """Return the share that was right."""
        return self.right / self.judged


@dataclass(frozen=True, slots=True)
class AccuracyOn:
    """The header values that people judged on a day."""

    day: date
    right: int
    judged: int


def _latest(since: datetime) -> Any:
    """Return the latest verdicts on header values."""
    kind = CorrectionRow.kind
    return (
        select(
            CorrectionRow.document_id.label("document_id"),
            CorrectionRow.field.label("field"),
            CorrectionRow.corrected_at.label("at"),
            case((kind == CorrectionKind.CONFIRMED, 1), else_=0).label("right"),
        )
        .where(CorrectionRow.corrected_at >= since, CorrectionRow.line.is_(None))
        .order_by(CorrectionRow.corrected_at.desc())
        .limit(LATEST)
        .subquery()
    )


def by_field(database: Database, *, since: datetime) -> list[Accuracy]:
    """Return the accuracy of each field that people judged since then, the worst first."""
    latest = _latest(since)
    grouped = select(latest.c.field, func.sum(latest.c.right), func.count()).group_by(
        latest.c.field
    )
    return _ranked(database, grouped)


def by_supplier(database: Database, *, since: datetime, limit: int = 15) -> list[Accuracy]:
    """Return the accuracy of the suppliers with most wrong values since then, the worst first."""
    latest = _latest(since)
    wrong = func.count() - func.sum(latest.c.right)
    grouped = (
        select(DocumentRow.supplier, func.sum(latest.c.right), func.count())
        .select_from(latest)
        .join(DocumentRow, DocumentRow.id == latest.c.document_id)
        .where(DocumentRow.supplier.is_not(None))
        .group_by(DocumentRow.supplier)
        .order_by(wrong.desc())
        .limit(limit)
    )
    return _ranked(database, grouped)


def by_day(database: Database, *, since: datetime) -> list[AccuracyOn]:
    """Return how many of the values that people judged were right, day by day."""
    latest = _latest(since)
    day = utc_day(database, latest.c.at)
    grouped = select(day, func.sum(latest.c.right), func.count()).group_by(day).order_by(day)
    with database.read() as session:
        return [AccuracyOn(day_of(at), int(r), n) for at, r, n in session.execute(grouped)]


def open_findings(database: Database, *, limit: int = 12) -> Mapping[str, int]:
    """Return how many documents in review have each finding, frequent ones first."""
    counted = func.count(func.distinct(FindingRow.document_id))
    grouped = (
        select(FindingRow.code, counted)
        .join(DocumentRow, DocumentRow.id == FindingRow.document_id)
        .where(DocumentRow.state == State.REVIEW, FindingRow.severity != Severity.INFO)
        .group_by(FindingRow.code)
        .order_by(counted.desc(), FindingRow.code)
        .limit(limit)
    )
    with database.read() as session:
        return {row[0]: row[1] for row in session.execute(grouped)}


def _ranked(database: Database, grouped: Select[Any]) -> list[Accuracy]:
    with database.read() as session:
        found = [Accuracy(str(name), int(r), n) for name, r, n in session.execute(grouped)]
    return sorted(found, key=lambda one: (one.share, -one.judged, one.name))

"""Figures that tell whether something goes wrong: how old the work is, OCR, drift of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import log

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.database import Database
from db.life import WORKING
from db.tables import DocumentRow, FieldValueRow, PageRow
from doctally.results import State

LATEST, BEFORE = 300, 3000
"""So many documents of the model are compared with so many before them."""
LEAST = 50
"""With fewer documents nothing is said about drift."""
_STEPS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.01)
_ENDED = (State.ACCEPTED, State.CONFIRMED, State.REVIEW)


@dataclass(frozen=True, slots=True)
class InWork:
    """How many documents are in work, and when the one that is longest there was claimed."""

    number: int
    oldest: datetime | None


def in_work(database: Database) -> InWork:
    """Return what is claimed and has not ended."""
    counted = select(func.count(DocumentRow.id), func.min(DocumentRow.claimed_at))
    with database.read() as session:
        row = session.execute(counted.where(DocumentRow.state.in_(WORKING))).one()
        return InWork(row[0], row[1])


def ocr_share(database: Database, *, now: datetime) -> float:
    """Return the share of the last day's pages whose words came by OCR; 0 without pages."""
    counted = (
        select(PageRow.source, func.count())
        .join(DocumentRow, DocumentRow.id == PageRow.document_id)
        .where(DocumentRow.updated_at >= now - timedelta(days=1))
        .group_by(PageRow.source)
    )
    with database.read() as session:
        pages = {str(source): int(number) for source, number in session.execute(counted)}
    total = sum(pages.values())
    return pages.get("ocr", 0) / total if total else 0.0


def drift(database: Database) -> float | None:
    """Return how far the latest confidences differ from those before; None: too few documents.

    It is the population stability index over the model's header values: under 0.1 nothing
    happened, above 0.25 other documents come in than before, or the model changed.
    """
    chosen = (
        select(DocumentRow.id)
        .where(DocumentRow.state.in_(_ENDED), DocumentRow.model_version != "")
        .order_by(DocumentRow.id.desc())
        .limit(LATEST + BEFORE)
    )
    with database.read() as session:
        numbers = list(session.scalars(chosen))
        latest, before = numbers[:LATEST], numbers[LATEST:]
        if len(before) < LEAST:
            return None
        return _index(_shares(session, latest), _shares(session, before))


def _shares(session: Session, numbers: Sequence[int]) -> list[float]:
    """Return which share of the documents' values lies in each step of confidence."""
    counts = [0] * (len(_STEPS) - 1)
    for first in range(0, len(numbers), 500):
        values = select(FieldValueRow.confidence).where(
            FieldValueRow.document_id.in_(numbers[first : first + 500]),
            FieldValueRow.source == "model",
        )
        for confidence in session.scalars(values):
            for place, (low, high) in enumerate(pairwise(_STEPS)):
                counts[place] += low <= confidence < high
    total = sum(counts)
    return [max(count / total, 1e-4) for count in counts] if total else []


def _index(new: Sequence[float], old: Sequence[float]) -> float | None:
    if not new or not old:
        return None
    return sum((a - b) * log(a / b) for a, b in zip(new, old, strict=True))


def failed_since(database: Database, *, since: datetime) -> dict[str, int]:
    """Return how many documents failed since then, by reason."""
    counted = (
        select(DocumentRow.reason_code, func.count())
        .where(DocumentRow.state == State.FAILED, DocumentRow.updated_at >= since)
        .group_by(DocumentRow.reason_code)
    )
    with database.read() as session:
        return {str(code): int(number) for code, number in session.execute(counted)}

"""The queue of a review: which documents people see, in what order, page by page.

Sorted by ``documents.priority`` (``doctally.priority``) or by time, and read on from the last line
seen (keyset paging), so that the thousandth page costs what the first does. A search looks for
each of its words in the folded text of name, parties and numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import defer

from db.columns import tags_of
from db.database import Database
from db.headline import folded
from db.tables import DocumentRow, FindingRow, HoldRow
from doctally.results import State
from doctally.schemas import DocumentType


class Order(StrEnum):
    """What comes first: the most doubtful and valuable, the newest, or the oldest change."""

    URGENT = "urgent"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents; what is None or empty asks nothing. ``finding`` is a code."""

    state: State | None = State.REVIEW
    document_type: DocumentType | None = None
    supplier: str | None = None
    finding: str | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the queue; ``held_by`` is who has the document open now."""

    document_id: int
    public_id: str
    name: str
    tags: tuple[str, ...]
    state: State
    document_type: DocumentType | None
    supplier: str | None
    number: str | None
    amount: Decimal | None
    currency: str | None
    doubts: int
    priority: float
    reason_code: str
    reason: str
    updated_at: datetime
    held_by: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands in its order: what follows it is the next page."""

    priority: float
    updated_at: datetime
    document_id: int


@dataclass(frozen=True, slots=True)
class Stand:
    """What every list of documents depends on: their latest change, and who has which open."""

    changed: datetime | None
    held: tuple[tuple[int, str], ...]


def place_of(entry: Entry) -> Place:
    """Return where a line stands."""
    return Place(entry.priority, entry.updated_at, entry.document_id)


def queue(
    database: Database,
    wanted: Wanted,
    *,
    now: datetime,
    order: Order = Order.URGENT,
    after: Place | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Return the first documents of the queue, or those that follow ``after``."""
    held = and_(HoldRow.document_id == DocumentRow.id, HoldRow.until > now)
    found = (
        _chosen(select(DocumentRow, HoldRow.who), wanted)
        .outerjoin(HoldRow, held)
        .options(defer(DocumentRow.excerpt), defer(DocumentRow.search))
        .order_by(*_sorted(order))
        .limit(limit)
    )
    if after is not None:
        found = found.where(_behind(order, after))
    with database.read() as session:
        return [_entry(row, who) for row, who in session.execute(found)]


def total(database: Database, wanted: Wanted) -> int:
    """Return how many documents are wanted."""
    with database.read() as session:
        return session.scalar(_chosen(select(func.count(DocumentRow.id)), wanted)) or 0


def stand(database: Database, *, now: datetime) -> Stand:
    """Return how things stand; as long as it is the same, no list of documents has changed.

    One look into an index a state, however many documents there are.
    """
    latest = select(func.max(DocumentRow.updated_at))
    held = select(HoldRow.document_id, HoldRow.who).where(HoldRow.until > now)
    with database.read() as session:
        times = [session.scalar(latest.where(DocumentRow.state == state)) for state in State]
        holds = session.execute(held.order_by(HoldRow.document_id))
        changed = max((at for at in times if at is not None), default=None)
        return Stand(changed, tuple((number, who) for number, who in holds))


def place(database: Database, document_id: int) -> Place | None:
    """Return where a document stands, None if there is none."""
    columns = (DocumentRow.priority, DocumentRow.updated_at, DocumentRow.id)
    with database.read() as session:
        row = session.execute(select(*columns).where(DocumentRow.id == document_id)).first()
        return None if row is None else Place(*row)


def suppliers(
    database: Database, *, state: State | None = State.REVIEW, limit: int = 200
) -> Mapping[str, int]:
    """Return how many documents of each supplier there are, those with most first."""
    counted = func.count()
    found = select(DocumentRow.supplier, counted).where(DocumentRow.supplier.is_not(None))
    if state is not None:
        found = found.where(DocumentRow.state == state)
    grouped = found.group_by(DocumentRow.supplier).order_by(counted.desc(), DocumentRow.supplier)
    with database.read() as session:
        return {str(name): number for name, number in session.execute(grouped.limit(limit))}


def _chosen(found: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.state is not None:
        found = found.where(DocumentRow.state == wanted.state)
    if wanted.document_type is not None:
        found = found.where(DocumentRow.document_type == wanted.document_type)
    if wanted.supplier:
        found = found.where(DocumentRow.supplier == wanted.supplier)
    if wanted.finding:
        code = select(FindingRow.id).where(
            FindingRow.document_id == DocumentRow.id, FindingRow.code == wanted.finding
        )
        found = found.where(code.exists())
    for word in folded(wanted.search).split():
        found = found.where(DocumentRow.search.contains(word, autoescape=True))
    return found


def _sorted(order: Order) -> tuple[ColumnElement[Any], ...]:
    if order is Order.URGENT:
        return DocumentRow.priority.desc(), DocumentRow.id.desc()
    if order is Order.NEWEST:
        return DocumentRow.updated_at.desc(), DocumentRow.id.desc()
    return DocumentRow.updated_at.asc(), DocumentRow.id.asc()


def _behind(order: Order, after: Place) -> ColumnElement[bool]:
    """Return what stands behind a place; the first condition lets the index find it."""
    number = DocumentRow.id
    if order is Order.OLDEST:
        at = DocumentRow.updated_at
        tied = and_(at == after.updated_at, number > after.document_id)
        return and_(at >= after.updated_at, or_(at > after.updated_at, tied))
    column, value = (
        (DocumentRow.priority, after.priority)
        if order is Order.URGENT
        else (DocumentRow.updated_at, after.updated_at)
    )
    tied = and_(column == value, number < after.document_id)
    return and_(column <= value, or_(column < value, tied))


def _entry(row: DocumentRow, who: str | None) -> Entry:
    return Entry(
        document_id=row.id,
        public_id=row.public_id,
        name=row.name,
        tags=tags_of(row.tags),
        state=row.state,
        document_type=row.document_type,
        supplier=row.supplier,
        number=row.number,
        amount=row.amount,
        currency=row.currency,
        doubts=row.doubts,
        priority=row.priority,
        reason_code=row.reason_code,
        reason=row.reason,
        updated_at=row.updated_at,
        held_by=who,
    )

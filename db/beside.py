"""What stands beside a document: its order, deliveries and bills, line against line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.database import Database
from db.papers import papers
from db.tables import (
    DocumentRow,
    MatchLinkRow,
    MatchPaperRow,
    MatchReasonRow,
    MatchRow,
    OpenLineRow,
)
from doctally.matching import Decision, Line, Paper, Weight
from doctally.results import State
from doctally.schemas import DocumentType

MOST = 200
"""Lines, and papers, that are shown at most."""

_ORDER = DocumentType.PURCHASE_ORDER


@dataclass(frozen=True, slots=True)
class Near:
    """A paper of the same deal."""

    document_id: int
    kind: DocumentType
    number: str
    day: date | None
    state: State


@dataclass(frozen=True, slots=True)
class Said:
    """A reason of the verdict; ``amount`` is at stake."""

    code: str
    weight: Weight
    message: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the document against a line of an order; either may be missing.

    ``quantity`` is the document's in the order's unit; ``received`` and ``billed`` are those of
    all papers so far. ``line`` is the document's, from 1.
    """

    line: int | None
    order_id: int | None
    ordered: Line | None
    quantity: Decimal | None = None
    received: Decimal | None = None
    billed: Decimal | None = None
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """All that a document is matched with; ``decision`` is None for an order."""

    kind: DocumentType
    currency: str
    decision: Decision | None
    near: tuple[Near, ...]
    pairs: tuple[Pair, ...]
    said: tuple[Said, ...]


def beside(database: Database, document_id: int) -> Beside | None:
    """Return what a document was matched with, None if it is of a type that is not matched."""
    with database.read() as session:
        row = session.get(MatchPaperRow, document_id)
        if row is None:
            return None
        is_order = row.kind == _ORDER
        linked = select(MatchLinkRow.order_id).where(MatchLinkRow.document_id == document_id)
        orders = [document_id] if is_order else sorted(session.scalars(linked))[:MOST]
        own = papers(session, [document_id, *orders])
        said = _said(session, document_id)
        pairs = _pairs(session, document_id, own, orders, said)
        return Beside(
            DocumentType(row.kind),
            row.currency,
            row.decision,
            tuple(_near(session, document_id, orders)),
            tuple(pairs[:MOST]),
            said.get(None, ()),
        )


def _near(session: Session, document_id: int, orders: Sequence[int]) -> list[Near]:
    """Return orders, deliveries and bills, in this order, each by its day."""
    if not orders:
        return []
    linked = select(MatchLinkRow.document_id).where(MatchLinkRow.order_id.in_(orders))
    found = (
        select(MatchPaperRow, DocumentRow.number, DocumentRow.state)
        .join(DocumentRow, DocumentRow.id == MatchPaperRow.document_id)
        .where(or_(MatchPaperRow.document_id.in_(linked), MatchPaperRow.document_id.in_(orders)))
        .where(MatchPaperRow.document_id != document_id)
        .limit(MOST)
    )
    near = [
        Near(paper.document_id, DocumentType(paper.kind), number or "", paper.day, state)
        for paper, number, state in session.execute(found)
    ]
    places = {_ORDER: 0, DocumentType.SHIPMENT_NOTICE: 1}
    return sorted(near, key=lambda n: (places.get(n.kind, 2), n.day or date.min, n.document_id))


def _said(session: Session, document_id: int) -> dict[int | None, tuple[Said, ...]]:
    found: dict[int | None, tuple[Said, ...]] = {}
    asked = select(MatchReasonRow).where(MatchReasonRow.document_id == document_id)
    for row in session.scalars(asked.order_by(MatchReasonRow.id)):
        one = Said(row.code, row.weight, row.message, row.amount)
        found[row.line] = (*found.get(row.line, ()), one)
    return found


def _pairs(
    session: Session,
    document_id: int,
    own: Mapping[int, Paper],
    orders: Sequence[int],
    said: Mapping[int | None, tuple[Said, ...]],
) -> list[Pair]:
    """Return the document's lines in their order, then what else was ordered."""
    booked = select(OpenLineRow).where(OpenLineRow.order_id.in_(orders))
    state = {(row.order_id, row.line): row for row in session.scalars(booked)}
    lines = {
        (order, line.number): line for order in orders if order in own for line in own[order].lines
    }
    met: dict[int, list[MatchRow]] = {}
    if document_id not in orders:
        matched = select(MatchRow).where(MatchRow.document_id == document_id)
        for row in session.scalars(matched.order_by(MatchRow.line, MatchRow.other_line)):
            met.setdefault(row.line or 0, []).append(row)
    mine = own[document_id].lines if document_id in own and document_id not in orders else ()
    pairs = []
    for line in mine:
        why = said.get(line.number, ())
        if line.number not in met:
            pairs.append(Pair(line.number, None, None, said=why))
        for row in met.get(line.number, ()):
            place = row.other_id, row.other_line or 0
            there = state.get(place)
            received, billed = (there.received, there.billed) if there else (None, None)
            ordered = lines.get(place)
            pairs.append(Pair(line.number, place[0], ordered, row.quantity, received, billed, why))
    seen = {(pair.order_id, pair.ordered.number) for pair in pairs if pair.ordered}
    for place, line in lines.items():
        if place in seen:
            continue
        there = state.get(place)
        received, billed = (there.received, there.billed) if there else (None, None)
        number = line.number if place[0] == document_id else None
        why = said.get(number, ()) if number else ()
        pairs.append(Pair(number, place[0], line, None, received, billed, why))
    return pairs

"""Shipments as the stored messages tell them: history, standing, their orders and invoices.

The messages are the truth; a history is read from their values, so a correction changes it at
once and a deleted message takes its event along.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.cases import forms
from db.database import Database
from db.life import STORED
from db.tables import DocumentRow, EventRow, FieldValueRow, MatchLinkRow, MatchNameRow
from doctally.exceptions import reason_of
from doctally.schemas import DocumentType, ShipmentState
from doctally.shipments import Event, Shipment, shipment
from doctally.tracking import compact

_TYPES = (DocumentType.SHIPMENT_STATUS, DocumentType.SHIPMENT_NOTICE)
_BILLS = (DocumentType.INVOICE, DocumentType.CREDIT_NOTE)
_NAMES = (
    "tracking_number", "document_number", "order_number", "delivery_note_number", "carrier",
    "status", "status_reason", "event_time", "event_location", "expected_delivery_date",
    "ship_date",
)  # fmt: skip


def shipments(database: Database, *, limit: int = 5000) -> list[Shipment]:
    """Return the shipments of the newest messages, the one heard of last first.

    A delivery note with a tracking number begins a shipment; a message without one belongs to
    the shipment of its order, if that has just one.
    """
    newest = (
        select(DocumentRow.id, DocumentRow.document_type, DocumentRow.claimed_at)
        .where(
            DocumentRow.document_type.in_(_TYPES),
            DocumentRow.state.in_(STORED),
            DocumentRow.duplicate_of.is_(None),
        )
        .order_by(DocumentRow.id.desc())
        .limit(limit)
    )
    with database.read() as session:
        papers = {row.id: row for row in session.execute(newest)}
        values = _values(session, papers)
        numbers = _numbers(values)
        before = _before(session, papers)
        grouped: dict[str, list[int]] = defaultdict(list)
        for document_id in sorted(papers):
            if document_id in numbers:
                grouped[numbers[document_id]].append(document_id)
        found = []
        for number, members in grouped.items():
            events = [
                _event(values[n], papers[n].claimed_at, n, str(papers[n].document_type))
                for n in members
            ]
            events += [event for n in members for event in before.get(n, ())]
            carriers = [values[n]["carrier"] for n in members if values[n].get("carrier")]
            one = shipment(number, carriers[-1] if carriers else "", events)
            told = {values[n][name] for n in members for name in _ORDERS if values[n].get(name)}
            orders = tuple(sorted(told))
            found.append(replace(one, orders=orders, invoices=_invoices(session, orders)))
    return sorted(found, key=lambda one: max(e.heard for e in one.history), reverse=True)


_ORDERS = ("order_number", "delivery_note_number")


def _values(session: Session, papers: Collection[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {number: {} for number in papers}
    wanted = sorted(papers)
    for first in range(0, len(wanted), 500):
        rows = select(FieldValueRow.document_id, FieldValueRow.name, FieldValueRow.value).where(
            FieldValueRow.document_id.in_(wanted[first : first + 500]),
            FieldValueRow.name.in_(_NAMES),
        )
        for row in session.execute(rows):
            found[row.document_id][row.name] = row.value
    return found


def _before(session: Session, papers: Mapping[int, Any]) -> dict[int, list[Event]]:
    """Return what messages tell beside their latest event, by document."""
    found: dict[int, list[Event]] = defaultdict(list)
    told = [n for n, row in papers.items() if row.document_type == DocumentType.SHIPMENT_STATUS]
    for first in range(0, len(told), 500):
        rows = select(EventRow).where(EventRow.document_id.in_(told[first : first + 500]))
        for row in session.scalars(rows.order_by(EventRow.document_id, EventRow.number)):
            when = _time(row.moment)
            if when is None:
                continue
            found[row.document_id].append(
                Event(
                    state=ShipmentState(row.state) if row.state else None,
                    when=when,
                    heard=papers[row.document_id].claimed_at,
                    reason=row.reason,
                    place=row.place,
                    document_id=row.document_id,
                )
            )
    return found


def _numbers(values: Mapping[int, Mapping[str, str]]) -> dict[int, str]:
    """Return the shipment's number of each document; without a tracking number, by its order."""
    own = {n: compact(v["tracking_number"]) for n, v in values.items() if v.get("tracking_number")}
    of_order: dict[str, set[str]] = defaultdict(set)
    for document_id, number in own.items():
        if values[document_id].get("order_number"):
            of_order[compact(values[document_id]["order_number"])].add(number)
    for document_id, cells in values.items():
        if document_id in own or "status" not in cells:
            continue
        order = compact(cells.get("order_number", ""))
        known = of_order.get(order, set())
        number = (
            next(iter(known))
            if len(known) == 1
            else order or compact(cells.get("document_number", ""))
        )
        if number:
            own[document_id] = number
    return own


def _event(cells: Mapping[str, str], heard: datetime, document_id: int, kind: str) -> Event:
    state = ShipmentState(cells["status"]) if cells.get("status") in set(ShipmentState) else None
    when = _time(cells.get("event_time"))
    if kind == DocumentType.SHIPMENT_NOTICE:
        state, when = ShipmentState.INFO_RECEIVED, _time(cells.get("ship_date"))
    said = cells.get("status_reason", "")
    reason = reason_of(said, str(state)) if said and state else None
    expected = _time(cells.get("expected_delivery_date"))
    return Event(
        state=state,
        when=when,
        heard=heard,
        reason=str(reason) if reason else said,
        place=cells.get("event_location", ""),
        expected=expected.date() if expected else None,
        document_id=document_id,
    )


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _invoices(session: Session, orders: Collection[str]) -> tuple[int, ...]:
    """Return the bills of orders and delivery notes: those that name them, or are linked."""
    keys = {key for number in orders for key in forms(number)}
    if not keys:
        return ()
    named = select(MatchNameRow.document_id).where(MatchNameRow.key.in_(sorted(keys)))
    at_hand = set(session.scalars(named))
    linked = select(MatchLinkRow.document_id).where(MatchLinkRow.order_id.in_(sorted(at_hand)))
    at_hand |= set(session.scalars(linked))
    bills = select(DocumentRow.id).where(
        DocumentRow.id.in_(sorted(at_hand)), DocumentRow.document_type.in_(_BILLS)
    )
    return tuple(sorted(session.scalars(bills)))


def overdue(database: Database, *, today: date) -> list[Shipment]:
    """Return the shipments that should have come before today."""
    return [one for one in shipments(database) if "overdue" in one.alerts(today=today)]

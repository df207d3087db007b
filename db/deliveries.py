"""The outbox: messages about documents, each to be delivered once, and those nobody took.

A message is added in the transaction that gives a document its state, so there is none without
the other. Whoever delivers takes one message at a time and keeps it for a while: a process that
is killed in between leaves it to be sent again, under the same ``message_id``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, defer

from db.database import Database
from db.tables import DeliveryRow, DeliveryState, DocumentRow

__all__ = [
    "Delivery",
    "DeliveryState",
    "Message",
    "add",
    "counts",
    "delivered_before",
    "deliveries",
    "forget_delivered",
    "retry",
    "settle",
    "take_due",
    "withdraw",
]


@dataclass(frozen=True, slots=True)
class Message:
    """What to tell others about a document: ``document.accepted`` and its JSON."""

    event: str
    body: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in the outbox; ``attempts`` counts those begun."""

    delivery_id: int
    message_id: str
    document_id: int
    file: str
    event: str
    body: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    last_status: int | None
    last_error: str
    created_at: datetime
    updated_at: datetime


def add(session: Session, messages: Mapping[int, Message], *, now: datetime) -> None:
    """Put messages about documents (by id) into the outbox, in the caller's transaction.

    One that still waits is replaced: a document that is stored again is told about once.
    """
    for document_id, message in sorted(messages.items()):
        same = (DeliveryRow.document_id == document_id, DeliveryRow.event == message.event)
        waiting = delete(DeliveryRow).where(*same, DeliveryRow.state == DeliveryState.WAITING)
        session.execute(waiting)
        session.add(
            DeliveryRow(
                message_id=f"msg_{uuid4().hex}",
                document_id=document_id,
                event=message.event,
                body=message.body,
                state=DeliveryState.WAITING,
                attempts=0,
                next_at=now,
                last_status=None,
                last_error="",
                created_at=now,
                updated_at=now,
            )
        )
    session.flush()


def withdraw(session: Session, document_id: int, *, since: datetime) -> int:
    """Return how many messages about a document, added since then, are not sent after all."""
    waiting = (DeliveryRow.document_id == document_id, DeliveryRow.state == DeliveryState.WAITING)
    fresh = delete(DeliveryRow).where(*waiting, DeliveryRow.created_at >= since)
    return len(session.scalars(fresh.returning(DeliveryRow.id)).all())


def take_due(database: Database, *, now: datetime, lease_s: float) -> Delivery | None:
    """Return the message that has been due longest, kept from others for ``lease_s`` seconds.

    None if none is due. The attempt counts from now on, whatever becomes of it.
    """
    due = select(DeliveryRow.id).where(
        DeliveryRow.state == DeliveryState.WAITING, DeliveryRow.next_at <= now
    )
    first = due.order_by(DeliveryRow.next_at, DeliveryRow.id).limit(1)
    with database.write() as session:
        number = session.scalar(first.with_for_update(skip_locked=True))
        if number is None:
            return None
        row = session.get_one(DeliveryRow, number)
        row.attempts += 1
        row.next_at, row.updated_at = now + timedelta(seconds=lease_s), now
        session.flush()
        return _delivery(row, session.get_one(DocumentRow, row.document_id).name)


def settle(
    database: Database,
    delivery: Delivery,
    state: DeliveryState,
    *,
    status: int | None,
    error: str,
    now: datetime,
    next_at: datetime | None = None,
) -> bool:
    """Note how an attempt ended; False if somebody else has settled the message meanwhile.

    ``next_at`` is when to try a WAITING one again.
    """
    ours = (
        DeliveryRow.id == delivery.delivery_id,
        DeliveryRow.state == DeliveryState.WAITING,
        DeliveryRow.attempts == delivery.attempts,
    )
    values = {"state": state, "last_status": status, "last_error": error, "updated_at": now}
    if next_at is not None:
        values["next_at"] = next_at
    with database.write() as session:
        changed = update(DeliveryRow).where(*ours).values(values).returning(DeliveryRow.id)
        return session.scalar(changed) is not None


def deliveries(
    database: Database, *, state: DeliveryState | None = None, limit: int = 50
) -> list[Delivery]:
    """Return messages, those that changed last first, without their bodies."""
    found = (
        select(DeliveryRow, DocumentRow.name)
        .join(DocumentRow, DocumentRow.id == DeliveryRow.document_id)
        .options(defer(DeliveryRow.body))
    )
    if state is not None:
        found = found.where(DeliveryRow.state == state)
    newest = found.order_by(DeliveryRow.updated_at.desc(), DeliveryRow.id.desc()).limit(limit)
    with database.read() as session:
        return [_delivery(row, name, body="") for row, name in session.execute(newest)]


def counts(database: Database) -> Mapping[DeliveryState, int]:
    """Return how many messages are in each state; states without any are left out."""
    grouped = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
    with database.read() as session:
        return {row[0]: row[1] for row in session.execute(grouped)}


def retry(
    database: Database, delivery_ids: Sequence[int] | None = None, *, now: datetime
) -> list[int]:
    """Return the dead messages that are to be sent again at once; None stands for all of them."""
    dead = DeliveryRow.state == DeliveryState.DEAD
    again = {"state": DeliveryState.WAITING, "attempts": 0, "next_at": now, "updated_at": now}
    chosen = update(DeliveryRow).where(dead)
    if delivery_ids is not None:
        chosen = chosen.where(DeliveryRow.id.in_(list(delivery_ids)))
    with database.write() as session:
        found = session.scalars(chosen.values(again).returning(DeliveryRow.id))
        return sorted(found)


def delivered_before(session: Session, *, before: datetime) -> int:
    """Return how many messages ``forget_delivered`` would remove."""
    old = (DeliveryRow.state == DeliveryState.DELIVERED, DeliveryRow.updated_at < before)
    return session.scalar(select(func.count(DeliveryRow.id)).where(*old)) or 0


def forget_delivered(session: Session, *, before: datetime) -> int:
    """Return how many messages that were delivered before then are removed."""
    old = (DeliveryRow.state == DeliveryState.DELIVERED, DeliveryRow.updated_at < before)
    gone = session.scalars(delete(DeliveryRow).where(*old).returning(DeliveryRow.id))
    return len(gone.all())


def _delivery(row: DeliveryRow, file: str, *, body: str | None = None) -> Delivery:
    return Delivery(
        delivery_id=row.id,
        message_id=row.message_id,
        document_id=row.document_id,
        file=file,
        event=row.event,
        body=row.body if body is None else body,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at,
        last_status=row.last_status,
        last_error=row.last_error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )

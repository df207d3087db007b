"""What is to be handed over to other systems: the outbox, and what could not be delivered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Key, Plain, Utc, choice
from db.tables.base import Base


class DeliveryState(StrEnum):
    """Where a message stands; ``dead`` ones wait for a person (``doctally deliveries``)."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class DeliveryRow(Base):
    """A message about a document, written in the transaction that gave the document its state.

    ``message_id`` stays the same over all attempts: the receiver knows a second one by it.
    ``body`` is what is sent, byte for byte; ``next_at`` is when to try next.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_state_next_at", "state", "next_at"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64), unique=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), index=True
    )
    event: Mapped[str] = mapped_column(Plain)
    body: Mapped[str] = mapped_column(Plain)
    state: Mapped[DeliveryState] = mapped_column(choice(DeliveryState, "state"))
    attempts: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(Utc)
    last_status: Mapped[int | None]
    last_error: Mapped[str] = mapped_column(Plain)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)

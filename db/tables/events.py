"""What happened to shipments before the latest event, as carriers' messages tell it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Plain
from db.tables.base import Base


class EventRow(Base):
    """An earlier event of a message, counted from 1; its latest one is in ``field_values``.

    ``moment`` is ISO 8601 as the message has it, with its zone where one is said; ``state`` is
    empty where its words mean none.
    """

    __tablename__ = "events"
    __table_args__ = ({"sqlite_with_rowid": False},)

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    moment: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(Plain)
    said: Mapped[str] = mapped_column(Plain)

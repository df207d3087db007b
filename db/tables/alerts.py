"""What Prefect was told about shipments, so that a restart tells nothing twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Plain, Utc
from db.tables.base import Base


class AlertRow(Base):
    """An alert that was told and still holds; it goes when the shipment has it no longer."""

    __tablename__ = "alerts"

    shipment: Mapped[str] = mapped_column(Plain, primary_key=True)
    alert: Mapped[str] = mapped_column(String(32), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(Utc)

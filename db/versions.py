"""Which versions of the prompt bank have served here, and which one does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from db.database import Database
from db.tables import BankVersionRow


@dataclass(frozen=True, slots=True)
class Served:
    """A bank version: what it came from, its backbone, its held-out scores."""

    version: str
    parent: str | None
    backbone_hash: str
    metrics: Mapping[str, Any]
    created_at: datetime


def serving(database: Database) -> str:
    """Return the version that serves, empty before the first document."""
    chosen = select(BankVersionRow.version).where(BankVersionRow.active)
    with database.read() as session:
        return session.scalar(chosen) or ""


def serve(database: Database, served: Served) -> None:
    """Note that this version serves from now on; a parent that never served here is left out."""
    with database.write() as session:
        session.execute(update(BankVersionRow).values(active=False))
        row = session.get(BankVersionRow, served.version)
        if row is not None:
            row.active = True
            return
        known = served.parent and session.get(BankVersionRow, served.parent)
        session.add(
            BankVersionRow(
                version=served.version,
                parent=served.parent if known else None,
                backbone_hash=served.backbone_hash,
                metrics=dict(served.metrics),
                created_at=served.created_at,
                active=True,
            )
        )

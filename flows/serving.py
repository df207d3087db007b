"""The bank's version in SQL: rows name it, so a query must find what it is."""

from __future__ import annotations

from datetime import datetime

from db import versions
from db.database import Database
from doctally.settings import Settings


def note_version(database: Database, settings: Settings, version: str) -> None:
    """Note the version that read a batch, if it is the bank's and was not noted before."""
    from models.cards import active
    from models.lineage import bank_of

    if versions.serving(database) == version:
        return
    found = active(bank_of(settings))
    if found.name == version:
        versions.serve(
            database,
            versions.Served(
                version=version,
                parent=found.card.get("parent"),
                backbone_hash=found.card["backbone_sha256"],
                metrics=found.card.get("held_out", {}),
                created_at=datetime.fromisoformat(found.card["created"]),
            ),
        )

"""Filing: each document's file goes to the folder that SQL says, and only there.

Order of every step: the reason beside the target, the row, then the rename. A kill in between
leaves the file where it was and the row saying where it belongs; ``flows.recovery`` completes
the move.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from db import documents
from db.database import Database
from doctally.results import State
from flows.folders import Folders, free, move, reason_path, write_reason
from flows.reasons import reason_text


def file_ended(
    database: Database,
    folders: Folders,
    *,
    document_id: int,
    name: str,
    source: Path,
    outcome: State,
    now: datetime,
) -> Path:
    """Move an accepted or reviewed document to its folder; return where it lies."""
    target = free(folders.destination(document_id, name, outcome, now))
    documents.relocate(database, document_id, folders.relative(target))
    move(source, target)
    return target


def file_failed(
    database: Database,
    folders: Folders,
    *,
    document_id: int,
    name: str,
    source: Path | None,
    code: str,
    message: str,
    now: datetime,
) -> Path:
    """Move a failed document to failed/ with its reason beside it; return where it lies.

    Without a ``source`` (it cannot be moved) only the reason is left.
    """
    target = folders.destination(document_id, name, State.FAILED, now)
    if source is not None:
        target = free(target)
    text = reason_text(document_id=document_id, name=name, code=code, message=message, now=now)
    write_reason(target, text)
    if source is not None:
        documents.relocate(database, document_id, folders.relative(target))
        move(source, target)
    return target


def forget_failure(folders: Folders, location: str) -> None:
    """Remove the reason, and the old copy, of a failed document that came in again.

    The copy has the same content (SHA-256) as the file that now takes its place.
    """
    old = folders.home / location
    if location and old.is_relative_to(folders.failed):
        old.unlink(missing_ok=True)
        reason_path(old).unlink(missing_ok=True)

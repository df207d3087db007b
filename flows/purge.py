"""Removing what nobody needs any more: old failures with their files and reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db import documents
from db.database import Database
from db.documents import Old
from flows.folders import Folders, reason_path


@dataclass(frozen=True, slots=True)
class Purged:
    """What was removed, or would be; ``files`` counts files in failed/ with their reasons."""

    old: Old
    files: int


def purge(database: Database, folders: Folders, *, before: datetime, really: bool) -> Purged:
    """Remove failures and notes of further files from before then, or only say which.

    Accepted, reviewed and confirmed documents are never touched. Files go first: killed in
    between, the next purge finds the rows and removes them.
    """
    old = documents.older(database, before=before)
    files = 0
    for failure in old.failures:
        path = folders.home / failure.location
        if not (failure.location and path.is_relative_to(folders.failed)):
            continue
        for part in (path, reason_path(path)):
            files += part.is_file()
            if really:
                part.unlink(missing_ok=True)
    if really and not old.nothing:
        documents.purge_older(database, before=before)
    return Purged(old, files)

"""Removing what nobody needs any more: old failures, and documents whose time is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from db import documents
from db.database import Database
from db.documents import Old
from db.retention import Expired, expired, forget
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


def purge_expired(
    database: Database,
    folders: Folders,
    policy: Mapping[str, int],
    *,
    now: datetime,
    really: bool,
) -> tuple[list[Expired], int]:
    """Remove documents that the policy no longer keeps, or only say which; and how many files.

    Files go first, those of their duplicates as well: killed in between, the next purge goes on.
    """
    gone: list[Expired] = []
    files = 0
    while found := expired(database, policy, now=now, after=gone[-1].document_id if gone else 0):
        for one in found:
            for path in _files(folders, one):
                files += 1
                if really:
                    path.unlink(missing_ok=True)
        gone += found
        if really:
            forget(database, found, now=now)
    return gone, files


def _files(folders: Folders, one: Expired) -> list[Path]:
    processed = folders.home / "processed"
    twins = [
        path for path in processed.glob(f"*/*/{one.document_id}-duplicate-*") if path.is_file()
    ]
    own = folders.home / one.location
    filed = bool(one.location) and own.is_relative_to(folders.home) and own.is_file()
    return [own, *twins] if filed else twins

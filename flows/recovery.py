"""After a stop of any kind: what is in processing/ goes on from where SQL says it stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from db import documents
from db.database import Database
from db.documents import Pending, StoredDocument
from doctally.errors import DoctallyError
from doctally.results import State
from flows.claims import LEASE_S, Job
from flows.filing import file_ended, file_failed
from flows.folders import PARTS, Folders, Found, free, move, scan
from flows.names import document_id_of
from flows.settling import fingerprint
from flows.spool import Spool

ENDED = frozenset({State.ACCEPTED, State.REVIEW, State.CONFIRMED, State.FAILED, State.UNPACKED})


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a look at unfinished work led to; the numbers count documents."""

    jobs: tuple[Job, ...] = ()
    filed: int = 0
    returned: int = 0
    failed: int = 0


def recover(
    database: Database,
    folders: Folders,
    *,
    owner: str,
    now: datetime,
    seat: str = "",
    left: Collection[str] = (),
) -> Recovery:
    """Return the documents to work on again; finish half-made moves; return strangers' files.

    Right only when nothing of this owner runs, nor of those who ``left``: between batches, in the
    ``seat``. With others at the same home only what is surely nobody's is touched.
    """
    pending = {
        entry.document_id: entry
        for entry in documents.unfinished(
            database, owner=owner, now=now, lease_s=LEASE_S, mine=True, left=left, limit=100_000
        )
    }
    jobs: list[Job] = []
    filed = returned = failed = 0
    spools = [Spool(path) for path in folders.spools()]
    for entry in pending.values():
        if entry.sha256 and not folders.held(entry.document_id):
            target = folders.in_work(entry.document_id, entry.name)
            any(spool.hand_out(entry.sha256, target) for spool in spools)
    Spool(folders.spool_of(seat)).clear()
    for path in sorted(folders.processing.iterdir()):
        if path.name.startswith(PARTS):
            continue
        number = document_id_of(path.name)
        if number in pending:
            entry = pending.pop(number)
            jobs.append(
                Job(
                    number,
                    entry.name,
                    entry.tags,
                    path,
                    entry.sha256 or "",
                    entry.parent_id,
                    cut=entry.pages is not None,
                )
            )
            continue
        stored = _stored(database, number)
        if seat and (stored is None or stored.owner not in {owner, *left}) and _young(path, now):
            continue  # another worker has it in hand
        if stored is None or stored.sha256 != _content(path):
            move(path, free(folders.inbox / path.name))
            returned += 1
        elif stored.summary.state in ENDED:
            _complete(database, folders, stored, path, now=now)
            filed += 1
    if pending:
        inbox = {(e.tags, e.name) for e in scan(folders.inbox) if isinstance(e, Found)}
        for entry in pending.values():
            if (entry.tags, entry.name) not in inbox:
                _lost(database, folders, entry, owner=owner, now=now)
                failed += 1
    return Recovery(tuple(jobs), filed, returned, failed)


def _young(path: Path, now: datetime) -> bool:
    """Tell whether a file was moved here so lately that its worker may still be at it."""
    try:
        return now.timestamp() - path.stat().st_ctime < LEASE_S
    except FileNotFoundError:
        return True  # it has just been filed


def _stored(database: Database, number: int | None) -> StoredDocument | None:
    if number is None:
        return None
    try:
        return documents.document(database, number)
    except DoctallyError as error:
        if error.code != "no_such_document":
            raise
        return None


def _content(path: Path) -> str | None:
    try:
        seen = fingerprint(path)
    except OSError:
        return None
    return seen.sha256 if seen else None


def _complete(
    database: Database, folders: Folders, stored: StoredDocument, path: Path, *, now: datetime
) -> None:
    """Make the move that a kill prevented."""
    if stored.summary.state is State.FAILED:
        file_failed(
            database,
            folders,
            document_id=stored.summary.document_id,
            name=stored.summary.name,
            source=path,
            code=stored.summary.reason_code,
            message=stored.summary.reason,
            now=now,
        )
    else:
        file_ended(
            database,
            folders,
            document_id=stored.summary.document_id,
            name=stored.summary.name,
            source=path,
            outcome=stored.summary.state,
            now=now,
        )


def _lost(
    database: Database, folders: Folders, entry: Pending, *, owner: str, now: datetime
) -> None:
    code, message = "file_missing", "the file was taken away before it was read"
    documents.fail(database, entry.document_id, code, message, owner=owner, now=now)
    file_failed(
        database,
        folders,
        document_id=entry.document_id,
        name=entry.name,
        source=None,
        code=code,
        message=message,
        now=now,
    )

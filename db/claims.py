"""Who works on which document: each content exactly once, also among several processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.columns import plain, text_of
from db.database import Database
from db.headline import folded
from db.history import note, taken
from db.leases import take_over
from db.life import WORKING
from db.tables import ArrivalRow, Base, DocumentRow
from doctally.results import State


class ClaimStatus(StrEnum):
    """What a claim gave: work to do (new, resumed) or not (duplicate, busy)."""

    NEW = "new"
    RESUMED = "resumed"
    DUPLICATE = "duplicate"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A complete file: SHA-256 in hex, its name as dropped, the sub-folders it lay in, bytes.

    ``file_id`` tells the file from another of the same name, for example device, inode and
    mtime_ns, 64 characters at most; without it the name and the sub-folders do. ``parent_id`` is
    the document it was inside, ``pages`` are the first and last page it had there.
    """

    sha256: str
    name: str
    tags: tuple[str, ...]
    size: int
    media_type: str | None = None
    file_id: str | None = None
    parent_id: int | None = None
    pages: tuple[int, int] | None = None

    @property
    def label(self) -> tuple[str, str]:
        """Return name and tags as they are stored."""
        return plain(self.name), text_of(self.tags)


@dataclass(frozen=True, slots=True)
class Claim:
    """The answer for one file; ``first_id`` is the document that had the content already."""

    document_id: int
    status: ClaimStatus
    first_id: int | None
    public_id: str
    attempts: int
    location: str
    name: str = ""


def fresh(label: tuple[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new row of ``documents``."""
    empty = dict.fromkeys(("reason_code", "reason", "location", "model_version", "excerpt"), "")
    named = {"public_id": uuid4().hex, "name": label[0], "tags": label[1]}
    named["search"] = folded(label[0])
    return {**named, **empty, "attempts": 1, **given}


def claim(
    database: Database, entries: Sequence[Incoming], *, owner: str, now: datetime, lease_s: float
) -> list[Claim]:
    """Return for each file, in order, whether ``owner`` is to process it until the lease ends.

    A content that has failed before is taken up again; that of a finished document, or of one
    under way from another file, is noted in ``arrivals``. Safe among processes; repeatable.
    """
    if not entries:
        return []
    with database.write() as session:
        return claimed(session, entries, owner=owner, now=now, lease_s=lease_s)


def claimed(
    session: Session, entries: Sequence[Incoming], *, owner: str, now: datetime, lease_s: float
) -> list[Claim]:
    """Return the answers of ``claim`` within a transaction."""
    until = now + timedelta(seconds=lease_s)
    given = {"owner": owner, "lease_until": until, "claimed_at": now, "updated_at": now}
    made = _insert(session, entries, given)
    steps = [taken(i, None, State.CLAIMED, at=now, owner=owner) for i in sorted(made.values())]
    _forget_unread(session, (e.label for e in entries if e.sha256 in made))
    rows = _locked(session, DocumentRow.sha256.in_({e.sha256 for e in entries}))
    known = {row.sha256: row for row in rows}
    found: list[Claim] = []
    answered: set[int] = set()
    for entry in entries:
        row = known[entry.sha256]
        status = _status(row, entry, owner=owner, now=now)
        if made.pop(entry.sha256, None) is not None:
            status = ClaimStatus.NEW
        elif row.id in answered:
            status = ClaimStatus.DUPLICATE
        answered.add(row.id)
        if status is ClaimStatus.RESUMED:
            _stand_for(session, row, entry, now)
            steps.append(take_over(row, owner=owner, now=now, until=until))
        elif status is ClaimStatus.DUPLICATE:
            _arrive(session, row, entry, now)
        first = None if status is ClaimStatus.NEW else row.id
        answer = (row.public_id, row.attempts, row.location, row.name)
        found.append(Claim(row.id, status, first, *answer))
    note(session, steps)
    return found


def _insert(session: Session, entries: Sequence[Incoming], given: dict[str, Any]) -> dict[str, int]:
    """Insert the contents that nobody has; return their ids by SHA-256."""
    first = {entry.sha256: entry for entry in reversed(entries)}
    given = {**given, "state": State.CLAIMED}
    rows = [  # in order of content, so that two claimers wait for each other in one direction
        fresh(e.label, {**given, **_measured(e), "sha256": sha}) for sha, e in sorted(first.items())
    ]
    statement = _insert_or_skip(session, DocumentRow, "sha256")
    answer = session.execute(statement.returning(DocumentRow.sha256, DocumentRow.id), rows)
    return {str(sha): document_id for sha, document_id in answer}


def _measured(entry: Incoming) -> dict[str, Any]:
    first, last = entry.pages or (None, None)
    return {
        "size": entry.size,
        "media_type": entry.media_type,
        "file_id": entry.file_id,
        "parent_id": entry.parent_id,
        "first_page": first,
        "last_page": last,
    }


def _insert_or_skip(session: Session, table: type[Base], *unique: str) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing(index_elements=unique)


def _is_same_file(row: DocumentRow, entry: Incoming) -> bool:
    if entry.parent_id is not None or (row.file_id is not None and entry.file_id is not None):
        return row.file_id == entry.file_id
    return (row.name, row.tags) == entry.label


def _arrive(session: Session, row: DocumentRow, entry: Incoming, now: datetime) -> None:
    """Note a further file, once; the document's own file is none."""
    if entry.file_id is None or entry.file_id != row.file_id:
        _note_arrival(session, row.id, entry.label, entry.file_id, now, entry.parent_id)


def _note_arrival(
    session: Session,
    document_id: int,
    label: tuple[str, str],
    file_id: str | None,
    at: datetime,
    parent_id: int | None = None,
) -> None:
    named = {"name": label[0], "tags": label[1], "file_id": file_id}
    arrival = {**named, "arrived_at": at, "parent_id": parent_id}
    statement = _insert_or_skip(session, ArrivalRow, "document_id", "file_id")
    session.execute(statement, [{"document_id": document_id, **arrival}])


def _locked(session: Session, condition: Any) -> list[DocumentRow]:
    """Return the documents, locked in the order that every writer keeps: no deadlocks."""
    found = select(DocumentRow).where(condition).order_by(DocumentRow.id).with_for_update()
    return list(session.scalars(found))


def _status(row: DocumentRow, entry: Incoming, *, owner: str, now: datetime) -> ClaimStatus:
    if row.state is State.FAILED:
        return ClaimStatus.RESUMED
    if row.state not in WORKING:
        return ClaimStatus.DUPLICATE
    if row.lease_until is None or row.lease_until <= now:
        return ClaimStatus.RESUMED
    if not _is_same_file(row, entry):
        return ClaimStatus.DUPLICATE
    return ClaimStatus.RESUMED if row.owner == owner else ClaimStatus.BUSY


def _stand_for(session: Session, row: DocumentRow, entry: Incoming, now: datetime) -> None:
    """Let another file with the same content stand for the document from now on.

    What comes inside another document is only noted: a parent is always older than its parts.
    """
    if _is_same_file(row, entry):
        return
    if entry.parent_id is not None:
        _arrive(session, row, entry, now)
        return
    _note_arrival(session, row.id, (row.name, row.tags), row.file_id, row.claimed_at)
    row.name, row.tags = entry.label
    row.file_id = entry.file_id


def _forget_unread(session: Session, labels: Iterable[tuple[str, str]]) -> None:
    """Remove the failed rows of files that could not be read then and are claimed now."""
    wanted = set(labels)
    unread = select(DocumentRow.id, DocumentRow.name, DocumentRow.tags).where(
        DocumentRow.sha256.is_(None), DocumentRow.name.in_({name for name, _ in wanted})
    )
    gone = [row.id for row in session.execute(unread) if (row.name, row.tags) in wanted]
    if gone:
        session.execute(delete(DocumentRow).where(DocumentRow.id.in_(gone)))

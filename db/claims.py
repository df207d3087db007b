"""Who works on which document: each content exactly once, also among several processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, delete, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.columns import plain
from db.database import Database
from db.life import WORKING
from db.tables import ArrivalRow, Base, DocumentRow, TransitionRow
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
    mtime_ns, 64 characters at most; without it the name and the sub-folders do.
    """

    sha256: str
    name: str
    tags: tuple[str, ...]
    size: int
    media_type: str | None = None
    file_id: str | None = None

    @property
    def label(self) -> tuple[str, str]:
        """Return name and tags as they are stored."""
        return plain(self.name), plain("/".join(self.tags))


@dataclass(frozen=True, slots=True)
class Claim:
    """The answer for one file; ``first_id`` is the document that had the content already."""

    document_id: int
    status: ClaimStatus
    first_id: int | None
    public_id: str
    attempts: int
    location: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A document with something left to do; ``location`` is relative to the home folder."""

    document_id: int
    public_id: str
    sha256: str | None
    name: str
    tags: tuple[str, ...]
    location: str
    attempts: int
    state: State
    reason_code: str
    reason: str


def pending(row: DocumentRow) -> Pending:
    """Return what the worker needs to know of a document."""
    return Pending(
        document_id=row.id,
        public_id=row.public_id,
        sha256=row.sha256,
        name=row.name,
        tags=split(row.tags),
        location=row.location,
        attempts=row.attempts,
        state=row.state,
        reason_code=row.reason_code,
        reason=row.reason,
    )


def split(tags: str) -> tuple[str, ...]:
    """Return stored tags one by one."""
    return tuple(tags.split("/")) if tags else ()


def fresh(label: tuple[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new row of ``documents``."""
    empty = dict.fromkeys(("reason_code", "reason", "location", "model_version", "excerpt"), "")
    named = {"public_id": uuid4().hex, "name": label[0], "tags": label[1]}
    return {**named, **empty, "attempts": 1, **given}


def taken(
    document_id: int,
    before: State | None,
    after: State,
    *,
    at: datetime,
    owner: str,
    reason_code: str = "",
) -> dict[str, Any]:
    """Return a row of ``transitions``."""
    return {
        "document_id": document_id,
        "before": before,
        "after": after,
        "at": at,
        "owner": owner,
        "reason_code": reason_code,
    }


def note(session: Session, steps: Sequence[Mapping[str, Any]]) -> None:
    """Add steps to the history of documents."""
    if steps:
        session.execute(insert(TransitionRow).execution_options(render_nulls=True), steps)


def claim(
    database: Database, entries: Sequence[Incoming], *, owner: str, now: datetime, lease_s: float
) -> list[Claim]:
    """Return for each file, in order, whether ``owner`` is to process it until the lease ends.

    A content that has failed before is taken up again; that of a finished document, or of one
    under way from another file, is noted in ``arrivals``. Safe among processes; repeatable.
    """
    if not entries:
        return []
    until = now + timedelta(seconds=lease_s)
    given = {"owner": owner, "lease_until": until, "claimed_at": now, "updated_at": now}
    with database.write() as session:
        made = _insert(session, entries, given)
        steps = [taken(i, None, State.CLAIMED, at=now, owner=owner) for i in sorted(made.values())]
        _forget_unread(session, (e.label for e in entries if e.sha256 in made))
        rows = _locked(session, DocumentRow.sha256.in_({e.sha256 for e in entries}))
        known = {row.sha256: row for row in rows}
        found: list[Claim] = []
        for entry in entries:
            row = known[entry.sha256]
            status = _status(row, entry, owner=owner, now=now)
            if made.pop(entry.sha256, None) is not None:
                status = ClaimStatus.NEW
            elif row.id in {c.document_id for c in found}:
                status = ClaimStatus.DUPLICATE
            if status is ClaimStatus.RESUMED:
                if not _is_same_file(row, entry):
                    _rename(session, row, entry)
                steps.append(_take_over(row, owner=owner, now=now, until=until))
            elif status is ClaimStatus.DUPLICATE:
                _arrive(session, row, entry, now)
            first = None if status is ClaimStatus.NEW else row.id
            found.append(Claim(row.id, status, first, row.public_id, row.attempts, row.location))
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
    return {"size": entry.size, "media_type": entry.media_type, "file_id": entry.file_id}


def _insert_or_skip(session: Session, table: type[Base], *unique: str) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing(index_elements=unique)


def _is_same_file(row: DocumentRow, entry: Incoming) -> bool:
    if row.file_id is not None and entry.file_id is not None:
        return row.file_id == entry.file_id
    return (row.name, row.tags) == entry.label


def _arrive(session: Session, row: DocumentRow, entry: Incoming, now: datetime) -> None:
    """Note a further file, once; the document's own file is none."""
    if entry.file_id is None or entry.file_id != row.file_id:
        _note_arrival(session, row.id, entry.label, entry.file_id, now)


def _note_arrival(
    session: Session, document_id: int, label: tuple[str, str], file_id: str | None, at: datetime
) -> None:
    arrival = {"name": label[0], "tags": label[1], "file_id": file_id, "arrived_at": at}
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


def _rename(session: Session, row: DocumentRow, entry: Incoming) -> None:
    """Let another file with the same content stand for the document from now on."""
    _note_arrival(session, row.id, (row.name, row.tags), row.file_id, row.claimed_at)
    row.name, row.tags = entry.label
    row.file_id = entry.file_id


def _take_over(row: DocumentRow, *, owner: str, now: datetime, until: datetime) -> dict[str, Any]:
    """Make the owner start the document over; return the step for its history."""
    step = taken(row.id, row.state, State.CLAIMED, at=now, owner=owner, reason_code="resumed")
    row.state, row.reason_code, row.reason, row.finished_at = State.CLAIMED, "", "", None
    row.owner, row.lease_until, row.updated_at = owner, until, now
    row.attempts += 1
    return step


def _forget_unread(session: Session, labels: Iterable[tuple[str, str]]) -> None:
    """Remove the failed rows of files that could not be read then and are claimed now."""
    wanted = set(labels)
    unread = select(DocumentRow.id, DocumentRow.name, DocumentRow.tags).where(
        DocumentRow.sha256.is_(None), DocumentRow.name.in_({name for name, _ in wanted})
    )
    gone = [row.id for row in session.execute(unread) if (row.name, row.tags) in wanted]
    if gone:
        session.execute(delete(DocumentRow).where(DocumentRow.id.in_(gone)))


def unfinished(
    database: Database,
    *,
    owner: str,
    now: datetime,
    lease_s: float,
    mine: bool = False,
    limit: int = 1000,
) -> list[Pending]:
    """Return the documents in work whose lease is over, now claimed by ``owner``, oldest first.

    ``mine`` adds those that ``owner`` itself holds: for a worker that starts again.
    """
    over = or_(DocumentRow.lease_until.is_(None), DocumentRow.lease_until <= now)
    whose = or_(over, DocumentRow.owner == owner) if mine else over
    found = select(DocumentRow).where(DocumentRow.state.in_(WORKING), whose)
    until = now + timedelta(seconds=lease_s)
    with database.write() as session:
        ordered = found.order_by(DocumentRow.id).limit(limit).with_for_update(skip_locked=True)
        rows = list(session.scalars(ordered))
        steps = []
        for row in rows:
            steps.append(_take_over(row, owner=owner, now=now, until=until))
        note(session, steps)
        return [pending(row) for row in rows]


def renew(
    database: Database, document_ids: Iterable[int], *, owner: str, now: datetime, lease_s: float
) -> frozenset[int]:
    """Return the documents that ``owner`` still holds, for ``lease_s`` seconds from now."""
    mine = and_(
        DocumentRow.id.in_(list(document_ids)),
        DocumentRow.owner == owner,
        DocumentRow.state.in_(WORKING),
    )
    with database.write() as session:
        rows = _locked(session, mine)
        for row in rows:
            row.lease_until = now + timedelta(seconds=lease_s)
        return frozenset(row.id for row in rows)

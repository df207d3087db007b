"""Claiming: complete files of the inbox become documents in SQL and move to processing/.

Why a kill at any point loses nothing and does nothing twice (``flows.recovery`` completes):

1. The claim is one SQL transaction on the content's SHA-256, which is unique. Killed before
   it: the file is in the inbox and unknown; the next look takes it.
2. The row says where the file will lie, then one rename takes it there. Killed in between:
   the row is claimed by this home and the file still in the inbox; the next claim of the same
   name and content gives the same document back (RESUMED) and the move is done again.
3. Killed while the document is in work: file in processing/, its name starts with the
   document's id, its row is unfinished and ours; recovery hands it out again. Nothing of a
   half-done document is in SQL, because values are stored in one transaction with the state.
4. Ended documents: the row says where the file belongs, then one rename. Killed in between:
   recovery sees an ended document's file in processing/ and makes the same move.

So a content has one row, and at every moment a file has one name in one folder. All of it
relies on one home per database and on one process per owner (``flows.instance``): alone at the
home, or in one of its seats, where the claims keep the processes apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from db import documents
from db.database import Database
from db.documents import Claim, ClaimStatus, Incoming
from doctally.errors import AccessDenied
from flows.filing import file_failed, forget_failure
from flows.folders import Folders, Found, Problem, move
from flows.inbox import Inbox, Look
from flows.settling import Fingerprint, fingerprint

LEASE_S = 1800.0
"""A claim is taken over when its holder was silent this long (each step renews it)."""

OF_THE_FILE = frozenset({"access_denied", "other_file_system"})
"""Trouble with one file; a locked database or a full disk is trouble with all, and passes."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed document whose file lies in processing/; ``parent_id``: it came in that one.

    ``cut`` tells that it was cut out of a stack: what is cut once is one document.
    """

    document_id: int
    name: str
    tags: tuple[str, ...]
    path: Path
    sha256: str
    parent_id: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file whose content is already document ``first_id``; filed, not processed."""

    first_id: int
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that failed before it could be read."""

    document_id: int
    name: str
    tags: tuple[str, ...]
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What one look at the inbox led to; ``waiting`` files are not complete yet.

    ``suspect``: the one job was in work when the program crashed (``flows.suspects``).
    """

    jobs: tuple[Job, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    waiting: int = 0
    suspect: bool = False

    @property
    def nothing(self) -> bool:
        """Tell whether there is nothing to do and nothing to say."""
        return not (self.jobs or self.duplicates or self.refusals)


def take(
    database: Database,
    folders: Folders,
    inbox: Inbox,
    look: Look,
    *,
    owner: str,
    now: datetime,
) -> Intake:
    """Claim what a look found ready, refuse what cannot be taken; return what to process.

    Raises AccessDenied or ConfigurationError of the database; a single file's trouble is
    recorded with that file and the others go on.
    """
    prints: list[tuple[Found, Fingerprint]] = []
    refusals = [
        _refuse(database, folders, problem, owner=owner, now=now) for problem in look.problems
    ]
    waiting = look.waiting
    for found in look.ready:
        try:
            seen = fingerprint(found.path)
        except OSError as error:
            problem = Problem(
                found.path,
                found.name,
                found.tags,
                "access_denied" if isinstance(error, PermissionError) else "unreadable",
                f"the file cannot be opened: {error.strerror}",
            )
            refusals.append(_refuse(database, folders, problem, owner=owner, now=now))
            continue
        if seen is None:
            waiting += 1
        else:
            prints.append((found, seen))
    entries = [
        Incoming(seen.sha256, found.name, found.tags, seen.size, file_id=seen.file_id)
        for found, seen in prints
    ]
    claims = documents.claim(database, entries, owner=owner, now=now, lease_s=LEASE_S)
    jobs: list[Job] = []
    duplicates: list[Duplicate] = []
    for (found, seen), claim in zip(prints, claims, strict=True):
        try:
            taken = _fetch(database, folders, found, seen, claim, now=now)
        except AccessDenied as error:
            if error.code not in OF_THE_FILE:
                raise
            inbox.leave(found)
            refusals.append(_give_up(database, folders, found, claim, error, owner=owner, now=now))
            continue
        if isinstance(taken, Job):
            jobs.append(taken)
        elif isinstance(taken, Duplicate):
            duplicates.append(taken)
        else:
            waiting += 1
    return Intake(tuple(jobs), tuple(duplicates), tuple(refusals), waiting)


def _fetch(
    database: Database,
    folders: Folders,
    found: Found,
    seen: Fingerprint,
    claim: Claim,
    *,
    now: datetime,
) -> Job | Duplicate | None:
    orphan = claim.status is ClaimStatus.DUPLICATE and _is_orphan(database, folders, claim)
    if claim.status is ClaimStatus.DUPLICATE and _is_second_drop(database, folders, found, claim):
        return None  # it may replace the first if that fails: wait for its end
    if claim.status is ClaimStatus.DUPLICATE and not found.path.exists():
        return None  # another worker of this home had taken it when we looked
    if claim.status is ClaimStatus.DUPLICATE and claim.first_id is not None and not orphan:
        target = folders.duplicate(claim.first_id, found.name, now)
        move(found.path, target)
        return Duplicate(claim.first_id, found.name, target)
    if claim.status is ClaimStatus.BUSY or folders.held(claim.document_id):
        return None  # the same content is in work: wait, then it is a duplicate
    target = folders.in_work(claim.document_id, found.name)
    documents.relocate(database, claim.document_id, folders.relative(target))
    move(found.path, target)
    forget_failure(folders, claim.location)
    return Job(claim.document_id, found.name, found.tags, target, seen.sha256)


def _is_orphan(database: Database, folders: Folders, claim: Claim) -> bool:
    """Tell whether the document is in work without a file: the one just found must be it.

    So it is when we were killed before the file was moved and the file was touched since, or
    numbered anew by a file system that was mounted again.
    """
    number = claim.document_id
    if folders.held(number) or (claim.location and (folders.home / claim.location).exists()):
        return False
    return documents.document(database, number).summary.state in documents.WORKING


def _is_second_drop(database: Database, folders: Folders, found: Found, claim: Claim) -> bool:
    """Tell whether the file was dropped again, under its name, while the document is in work."""
    if not folders.held(claim.document_id):
        return False
    first = documents.document(database, claim.document_id).summary
    return (first.name, first.tags) == (found.name, found.tags)


def _give_up(
    database: Database,
    folders: Folders,
    found: Found,
    claim: Claim,
    error: AccessDenied,
    *,
    owner: str,
    now: datetime,
) -> Refusal:
    gone = not found.path.exists()
    code = "file_missing" if gone else error.code
    message = "the file was taken away before it was read" if gone else error.message
    number = claim.document_id
    if claim.status is not ClaimStatus.DUPLICATE:
        documents.fail(database, number, code, message, owner=owner, now=now)
        file_failed(
            database,
            folders,
            document_id=number,
            name=found.name,
            source=None,
            code=code,
            message=message,
            now=now,
        )
    return Refusal(number, found.name, found.tags, code, message)


def _refuse(
    database: Database, folders: Folders, problem: Problem, *, owner: str, now: datetime
) -> Refusal:
    size = problem.path.lstat().st_size if problem.movable and problem.path.exists() else 0
    number = documents.refuse(
        database,
        name=problem.name,
        tags=problem.tags,
        size=size,
        code=problem.code,
        message=problem.message,
        owner=owner,
        now=now,
    )
    try:
        file_failed(
            database,
            folders,
            document_id=number,
            name=problem.name,
            source=problem.path if problem.movable else None,
            code=problem.code,
            message=problem.message,
            now=now,
        )
    except AccessDenied as error:
        if error.code not in OF_THE_FILE:
            raise
        message = f"{problem.message}; and it cannot be moved: {error.message}"
        return Refusal(number, problem.name, problem.tags, problem.code, message)
    return Refusal(number, problem.name, problem.tags, problem.code, problem.message)

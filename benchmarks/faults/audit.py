"""What must hold after every fault: each file in one place, each document once, each explained."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.papers import Expected
from db.database import Database, open_database
from db.life import NEXT, STORED
from db.tables import DocumentRow, FieldValueRow, TransitionRow
from doctally.results import State
from doctally.settings import Settings
from flows.folders import Folders, reason_path
from flows.names import REASON_SUFFIX

PLACES = ("inbox", "processing", "processed", "review", "failed")


@dataclass(frozen=True, slots=True)
class Audit:
    """What was counted, and every fault found, in words."""

    files: int
    documents: int
    states: Counter[str]
    reasons: Counter[str]
    attempts: int
    faults: tuple[str, ...]


def audit(settings: Settings, expected: Expected) -> Audit:
    """Return what is wrong at a home where nothing runs and nothing is left to do."""
    folders = Folders(settings.home.resolve())
    found = _files(folders.home)
    faults = list(_compared(found, expected))
    with open_database(settings.url) as database, database.read() as session:
        rows = list(session.scalars(select(DocumentRow)))
        faults += _rows(rows, folders, expected)
        faults += _values(database, rows, expected)
        faults += _lives(database, rows)
    states = Counter(str(row.state) for row in rows)
    reasons = Counter(row.reason_code for row in rows if row.reason_code)
    attempts = sum(row.attempts for row in rows)
    return Audit(sum(map(len, found.values())), len(rows), states, reasons, attempts, tuple(faults))


def _files(home: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for place in PLACES:
        for path in (home / place).rglob("*"):
            if path.is_file() and not path.name.endswith(REASON_SUFFIX):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[digest].append(str(path.relative_to(home)))
    return found


def _compared(found: dict[str, list[str]], expected: Expected) -> Iterator[str]:
    for digest, count in expected.files.items():
        if len(places := found.get(digest, [])) != count:
            yield f"{digest[:12]}: {len(places)} files instead of {count}: {places}"
    for digest in found.keys() - expected.files.keys():
        yield f"nobody dropped {found[digest]}"
    for places in found.values():
        yield from (f"left over: {one}" for one in places if one.startswith(PLACES[:2]))


def _rows(rows: list[DocumentRow], folders: Folders, expected: Expected) -> Iterator[str]:
    counts = Counter(row.sha256 for row in rows)
    yield from (f"{sha} has {n} rows" for sha, n in counts.items() if n > 1 or sha is None)
    known = {str(sha) for sha in counts}
    yield from (f"{sha[:12]} has no row" for sha in expected.documents.keys() - known)
    yield from (f"{sha[:12]} is a row of nothing" for sha in known - expected.documents.keys())
    for row in rows:
        where = folders.home / row.location
        if not row.location or not where.is_file():
            yield f"{row.id}: no file at {row.location!r}"
        elif hashlib.sha256(where.read_bytes()).hexdigest() != row.sha256:
            yield f"{row.id}: another content at {row.location}"
        if row.state is State.FAILED:
            if not row.reason_code or not row.reason:
                yield f"{row.id}: failed without a reason"
            if not reason_path(where).is_file():
                yield f"{row.id}: failed without a reason beside its file"
        elif row.state is State.REVIEW and not row.reason:
            yield f"{row.id}: in review without a reason"
        elif row.state not in (*STORED, State.UNPACKED):
            yield f"{row.id}: ended as {row.state}"


def _values(database: Database, rows: list[DocumentRow], expected: Expected) -> Iterator[str]:
    with database.read() as session:
        counted = select(FieldValueRow.document_id, func.count()).group_by(
            FieldValueRow.document_id
        )
        fields = {int(number): int(count) for number, count in session.execute(counted)}
        wanted = select(FieldValueRow.document_id, FieldValueRow.value)
        numbers = dict(
            session.execute(wanted.where(FieldValueRow.name == "document_number")).tuples().all()
        )
    for row in rows:
        must = expected.documents.get(str(row.sha256), "")
        if row.state in STORED and must and numbers.get(row.id) != must:
            yield f"{row.id}: number {numbers.get(row.id)!r} instead of {must!r}"
        if row.state not in STORED and fields.get(row.id):
            yield f"{row.id}: {row.state} with {fields[row.id]} values"


def _lives(database: Database, rows: list[DocumentRow]) -> Iterator[str]:
    told = select(TransitionRow).order_by(TransitionRow.id)
    lives: dict[int, list[TransitionRow]] = defaultdict(list)
    with database.read() as session:
        for step in session.scalars(told):
            lives[step.document_id].append(step)
    for row in rows:
        state: State | None = None
        for step in lives[row.id]:
            legal = step.after in NEXT[state] if state else step.after in _FIRST
            if step.before is not state or not legal:
                yield f"{row.id}: from {state} to {step.before} -> {step.after}"
            state = step.after
        if state is not row.state:
            yield f"{row.id}: its steps end at {state}, it is {row.state}"


_FIRST = (State.CLAIMED, State.FAILED)

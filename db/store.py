"""What becomes of a claimed document: its steps, its values, its failure, its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice, pairwise
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db.claims import fresh, note, taken
from db.columns import plain
from db.database import Database
from db.life import WORKING, IllegalTransition, path, step
from db.tables import DocumentRow, FieldValueRow, FindingRow, LineItemRow, PageRow
from db.values import header_row, line_row
from db.words import packed
from doctally.pages import Reading
from doctally.results import Extraction, Finding, State
from doctally.schemas import DocumentType

EXCERPT_WORDS = 150


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything about one document that is to be kept; ``outcome`` is ACCEPTED or REVIEW."""

    document_id: int
    reading: Reading
    extraction: Extraction
    findings: Sequence[Finding]
    outcome: State
    reason_code: str = ""
    reason: str = ""
    duplicate_of: int | None = None


def _held(session: Session, document_ids: Iterable[int], owner: str) -> dict[int, DocumentRow]:
    """Return the documents that are still the owner's to change, locked."""
    mine = select(DocumentRow).where(
        DocumentRow.id.in_(list(document_ids)),
        DocumentRow.owner == owner,
        DocumentRow.state != State.CONFIRMED,  # a person's word stands
    )
    return {row.id: row for row in session.scalars(mine.order_by(DocumentRow.id).with_for_update())}


def _steps(
    row: DocumentRow, states: Sequence[State], *, now: datetime, reason_code: str = ""
) -> Iterator[dict[str, Any]]:
    """Give the rows of ``transitions`` for a walk; the last step carries the reason."""
    for before, after in pairwise((row.state, *states)):
        code = reason_code if after is states[-1] else ""
        yield taken(row.id, before, after, at=now, owner=row.owner, reason_code=code)


def advance(
    database: Database, document_ids: Sequence[int], state: State, *, owner: str, now: datetime
) -> frozenset[int]:
    """Return the documents that are now in this step of the work; the others left the owner.

    Raises IllegalTransition if the step cannot follow; one already reached is left as it is.
    """
    if state not in WORKING:
        raise ValueError(f"{state} is an outcome: store and fail give those")
    with database.write() as session:
        held = _held(session, document_ids, owner)
        moved = [row for row in held.values() if row.state is not state]
        for row in moved:
            step(row.state, state)
        note(session, [done for row in moved for done in _steps(row, [state], now=now)])
        changed = [{"id": row.id, "state": state, "updated_at": now} for row in moved]
        if changed:
            session.execute(update(DocumentRow), changed)
        return frozenset(held)


def store(
    database: Database, batch: Sequence[Stored], *, owner: str, now: datetime
) -> frozenset[int]:
    """Return the documents whose values are stored, all in one transaction or none.

    A second store replaces the first. Left out are documents that ``owner`` no longer holds or
    that a person has confirmed. Raises IllegalTransition for an outcome that cannot be reached.
    """
    with database.write() as session:
        held = _held(session, [item.document_id for item in batch], owner)
        kept = [item for item in batch if item.document_id in held]
        for table in (FieldValueRow, LineItemRow, FindingRow, PageRow):
            session.execute(delete(table).where(table.document_id.in_(list(held))))
        steps = [done for item in kept for done in _walk(held[item.document_id], item, now=now)]
        note(session, steps)
        if kept:
            session.execute(update(DocumentRow), [_described(item, now=now) for item in kept])
        for table, rows in (
            (FieldValueRow, [row for item in kept for row in _header_rows(item)]),
            (LineItemRow, [row for item in kept for row in _line_rows(item)]),
            (FindingRow, [row for item in kept for row in _finding_rows(item)]),
            (PageRow, [row for item in kept for row in _page_rows(item)]),
        ):
            if rows:
                session.execute(insert(table).execution_options(render_nulls=True), rows)
        return frozenset(held)


def _walk(row: DocumentRow, item: Stored, *, now: datetime) -> Iterator[dict[str, Any]]:
    if item.outcome not in (State.ACCEPTED, State.REVIEW):
        raise IllegalTransition(row.state, item.outcome)
    return _steps(row, path(row.state, item.outcome), now=now, reason_code=item.reason_code)


def _described(item: Stored, *, now: datetime) -> dict[str, Any]:
    """Return what changes in the row of ``documents``."""
    words = chain.from_iterable(page.words for page in item.reading.pages)
    return {
        "id": item.document_id,
        "state": item.outcome,
        "excerpt": " ".join(word.text for word in islice(words, EXCERPT_WORDS)),
        "media_type": item.reading.media_type,
        "page_count": len(item.reading.pages),
        "document_type": DocumentType(item.extraction.document_type),
        "route_confidence": float(item.extraction.route_confidence),
        "model_version": item.extraction.model_version,
        "reason_code": item.reason_code,
        "reason": item.reason,
        "duplicate_of": item.duplicate_of,
        "lease_until": None,
        "updated_at": now,
        "finished_at": now,
    }


def _header_rows(item: Stored) -> Iterator[dict[str, Any]]:
    version = item.extraction.model_version
    for name, found in item.extraction.fields.items():
        yield header_row(item.document_id, name, found, model_version=version)


def _line_rows(item: Stored) -> Iterator[dict[str, Any]]:
    for line, cells in enumerate(item.extraction.line_items, start=1):
        yield line_row(item.document_id, line, cells)


def _finding_rows(item: Stored) -> Iterator[dict[str, Any]]:
    for found in item.findings:
        yield {
            "document_id": item.document_id,
            "code": found.code,
            "severity": found.severity,
            "message": found.message,
            "fields": list(found.fields),
        }


def _page_rows(item: Stored) -> Iterator[dict[str, Any]]:
    for page in item.reading.pages:
        yield {
            "document_id": item.document_id,
            "number": page.number,
            "width": float(page.width),
            "height": float(page.height),
            "source": page.source,
            "words": packed(page.words),
        }


def fail(
    database: Database, document_id: int, code: str, message: str, *, owner: str, now: datetime
) -> bool:
    """Return whether the document is now failed with this reason; False: no longer the owner's.

    Raises IllegalTransition if the document has ended well.
    """
    with database.write() as session:
        row = _held(session, [document_id], owner).get(document_id)
        if row is None:
            return False
        if row.state is not State.FAILED:
            step(row.state, State.FAILED)
            note(session, list(_steps(row, [State.FAILED], now=now, reason_code=code)))
            row.state, row.updated_at = State.FAILED, now
        row.reason_code, row.reason, row.lease_until, row.finished_at = code, message, None, now
        return True


def refuse(
    database: Database,
    *,
    name: str,
    tags: tuple[str, ...],
    size: int,
    code: str,
    message: str,
    owner: str,
    now: datetime,
) -> int:
    """Return the failed document of a file whose bytes cannot be read; one a name and tags."""
    label = plain(name), plain("/".join(tags))
    reason = {"reason_code": code, "reason": message, "updated_at": now, "finished_at": now}
    unread = select(DocumentRow.id).where(
        DocumentRow.sha256.is_(None), DocumentRow.name == label[0], DocumentRow.tags == label[1]
    )
    with database.write() as session:
        known = session.scalars(unread).first()
        if known is not None:
            session.execute(update(DocumentRow).where(DocumentRow.id == known).values(reason))
            return known
        given = {"size": size, "state": State.FAILED, "owner": owner, "claimed_at": now}
        row = DocumentRow(**fresh(label, {**given, **reason}))
        session.add(row)
        session.flush()
        note(session, [taken(row.id, None, State.FAILED, at=now, owner=owner, reason_code=code)])
        return row.id


def relocate(database: Database, document_id: int, location: str) -> None:
    """Note where the document's file lies now, relative to the home folder."""
    with database.write() as session:
        moved = update(DocumentRow).where(DocumentRow.id == document_id)
        session.execute(moved.values(location=location))

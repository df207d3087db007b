"""What was found in documents, kept whole: a batch is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from db.claims import Claim, Incoming, claimed
from db.columns import plain
from db.database import Database
from db.deliveries import Message, add
from db.headline import described
from db.history import note
from db.life import IllegalTransition, path
from db.opinions import deciding
from db.progress import held, walked
from db.tables import DocumentRow, EventRow, FieldValueRow, FindingRow, LineItemRow, PageRow
from db.values import header_row, line_row
from db.verdicts import Matching, settle
from db.words import packed
from doctally.pages import Reading
from doctally.results import Extraction, Finding, State
from doctally.schemas import DocumentType

EXCERPT_WORDS = 150


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything about one document that is to be kept; ``outcome`` is ACCEPTED or REVIEW.

    UNPACKED, without an extraction, for a file that only holds other documents.
    """

    document_id: int
    reading: Reading
    extraction: Extraction | None
    findings: Sequence[Finding]
    outcome: State
    reason_code: str = ""
    reason: str = ""
    duplicate_of: int | None = None
    message: Message | None = None
    matched: bool = False


def store(
    database: Database,
    batch: Sequence[Stored],
    *,
    owner: str,
    now: datetime,
    matching: Matching | None = None,
) -> frozenset[int]:
    """Return the documents whose values are stored, all in one transaction or none.

    A second store replaces the first. Left out are documents that ``owner`` no longer holds or
    that a person has confirmed. Raises IllegalTransition for an outcome that cannot be reached.
    """
    if matching is None:
        with database.write() as session:
            return _stored(session, batch, owner=owner, now=now)

    def work(session: Session, how: Matching) -> frozenset[int]:
        kept = _stored(session, batch, owner=owner, now=now)
        session.expire_all()
        settle(session, kept, how, owner=owner, now=now)
        return kept

    return deciding(database, matching, work)


def unpack(
    database: Database,
    item: Stored,
    parts: Sequence[Incoming],
    *,
    owner: str,
    now: datetime,
    lease_s: float,
) -> list[Claim] | None:
    """Store a document and claim what is inside it, in one transaction; None: no longer ours.

    Returns the claims in the order of the parts, like ``db.claims.claim``: a content that is
    known already is a duplicate and linked to this document. May be repeated.
    """
    with database.write() as session:
        if not _stored(session, [item], owner=owner, now=now):
            return None
        named = [
            replace(part, parent_id=item.document_id, file_id=f"part:{item.document_id}:{number}")
            for number, part in enumerate(parts, start=1)
        ]
        return claimed(session, named, owner=owner, now=now, lease_s=lease_s)


def _stored(
    session: Session, batch: Sequence[Stored], *, owner: str, now: datetime
) -> frozenset[int]:
    mine = held(session, [item.document_id for item in batch], owner)
    kept = [item for item in batch if item.document_id in mine]
    for table in (FieldValueRow, LineItemRow, EventRow, FindingRow, PageRow):
        session.execute(delete(table).where(table.document_id.in_(list(mine))))
    note(session, [done for item in kept for done in _walk(mine[item.document_id], item, now=now)])
    if kept:
        rows = [_described(mine[item.document_id], item, now=now) for item in kept]
        session.execute(update(DocumentRow), rows)
    for table, rows in (
        (FieldValueRow, [row for item in kept for row in _header_rows(item)]),
        (LineItemRow, [row for item in kept for row in _line_rows(item)]),
        (EventRow, [row for item in kept for row in _event_rows(item)]),
        (FindingRow, [row for item in kept for row in _finding_rows(item)]),
        (PageRow, [row for item in kept for row in _page_rows(item)]),
    ):
        if rows:
            session.execute(insert(table).execution_options(render_nulls=True), rows)
    add(session, {i.document_id: i.message for i in kept if i.message is not None}, now=now)
    return frozenset(mine)


def _walk(row: DocumentRow, item: Stored, *, now: datetime) -> Iterator[dict[str, Any]]:
    outcomes = (State.UNPACKED,) if item.extraction is None else (State.ACCEPTED, State.REVIEW)
    if item.outcome not in outcomes:
        raise IllegalTransition(row.state, item.outcome)
    way = path(row.state, item.outcome)
    if item.matched and way[:-1][-1:] == (State.VALIDATED,):
        way = (*way[:-1], State.MATCHED, way[-1])
    return walked(row, way, now=now, reason_code=item.reason_code)


def _described(row: DocumentRow, item: Stored, *, now: datetime) -> dict[str, Any]:
    """Return what changes in the row of ``documents``."""
    words = chain.from_iterable(page.words for page in item.reading.pages)
    found = item.extraction
    return {
        "id": item.document_id,
        "state": item.outcome,
        "excerpt": " ".join(word.text for word in islice(words, EXCERPT_WORDS)),
        "media_type": item.reading.media_type,
        "page_count": len(item.reading.pages),
        "document_type": DocumentType(found.document_type) if found else None,
        "route_confidence": float(found.route_confidence) if found else None,
        "model_version": found.model_version if found else "",
        "details": {plain(k): plain(v) for k, v in item.reading.metadata.items()} or None,
        "reason_code": item.reason_code,
        "reason": item.reason,
        "duplicate_of": item.duplicate_of,
        "lease_until": None,
        "updated_at": now,
        "finished_at": now,
        **described(row.name, found, item.findings),
    }


def _header_rows(item: Stored) -> Iterator[dict[str, Any]]:
    if item.extraction is None:
        return
    version = item.extraction.model_version
    for name, found in item.extraction.fields.items():
        yield header_row(item.document_id, name, found, model_version=version)


def _line_rows(item: Stored) -> Iterator[dict[str, Any]]:
    items = item.extraction.line_items if item.extraction else ()
    for line, cells in enumerate(items, start=1):
        yield line_row(item.document_id, line, cells)


def _event_rows(item: Stored) -> Iterator[dict[str, Any]]:
    events = item.extraction.events if item.extraction else ()
    for number, event in enumerate(events, start=1):
        yield {
            "document_id": item.document_id,
            "number": number,
            "moment": event.when[:40],
            "state": event.state,
            "reason": event.reason[:64],
            "place": plain(event.place),
            "said": plain(event.said),
        }


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

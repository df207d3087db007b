"""One document in full, read back as objects of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.columns import tags_of
from db.database import Database
from db.leases import pages_in_parent
from db.tables import (
    ArrivalRow,
    DocumentRow,
    FieldValueRow,
    FindingRow,
    LineItemRow,
    PageRow,
    TransitionRow,
)
from db.values import cell_value, header_value
from db.words import unpacked
from doctally.errors import DoctallyError
from doctally.pages import Page
from doctally.results import Extraction, Finding, State
from doctally.schemas import DocumentType


@dataclass(frozen=True, slots=True)
class Arrival:
    """A further file with the same content; ``parent_id``: inside that document."""

    name: str
    tags: tuple[str, ...]
    arrived_at: datetime
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A step in a document's life; ``before`` is None for the first."""

    before: State | None
    after: State
    at: datetime
    owner: str
    reason_code: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A document in one line."""

    document_id: int
    public_id: str
    name: str
    tags: tuple[str, ...]
    state: State
    document_type: DocumentType | None
    reason_code: str
    reason: str
    location: str
    claimed_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """All that is known of one document but its pages (``pages``).

    ``pages_in_parent`` are the first and last page it had in ``summary.parent_id``; ``parts`` are
    the documents that came first inside this one; ``details`` is what the file says of itself.
    """

    summary: Summary
    sha256: str | None
    size: int
    media_type: str | None
    page_count: int | None
    excerpt: str
    owner: str
    attempts: int
    duplicate_of: int | None
    extraction: Extraction | None
    findings: tuple[Finding, ...]
    arrivals: tuple[Arrival, ...]
    history: tuple[Transition, ...]
    pages_in_parent: tuple[int, int] | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[int, ...] = ()


def summary_of(row: DocumentRow) -> Summary:
    """Return the document in one line."""
    return Summary(
        document_id=row.id,
        public_id=row.public_id,
        name=row.name,
        tags=tags_of(row.tags),
        state=row.state,
        document_type=row.document_type,
        reason_code=row.reason_code,
        reason=row.reason,
        location=row.location,
        claimed_at=row.claimed_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
        parent_id=row.parent_id,
    )


def extraction_of(session: Session, row: DocumentRow) -> Extraction | None:
    """Return what was read in a document, None where nothing was."""
    if row.document_type is None:
        return None
    fields = select(FieldValueRow).where(FieldValueRow.document_id == row.id)
    lines = select(LineItemRow).where(LineItemRow.document_id == row.id).order_by(LineItemRow.line)
    return Extraction(
        document_type=str(row.document_type),
        route_confidence=row.route_confidence or 0.0,
        fields={found.name: header_value(found) for found in session.scalars(fields)},
        line_items=tuple(
            {name: cell_value(cell) for name, cell in line.cells.items()}
            for line in session.scalars(lines)
        ),
        model_version=row.model_version,
    )


def document(database: Database, document_id: int) -> StoredDocument:
    """Return a document in full; raises DoctallyError (no_such_document) if there is none."""
    with database.read() as session:
        row = session.get(DocumentRow, document_id)
        if row is None:
            raise DoctallyError(f"there is no document {document_id}", code="no_such_document")
        found = select(FindingRow).where(FindingRow.document_id == row.id).order_by(FindingRow.id)
        came = select(ArrivalRow).where(ArrivalRow.document_id == row.id).order_by(ArrivalRow.id)
        inside = select(DocumentRow.id).where(DocumentRow.parent_id == row.id)
        steps = select(TransitionRow).where(TransitionRow.document_id == row.id)
        return StoredDocument(
            summary=summary_of(row),
            sha256=row.sha256,
            size=row.size,
            media_type=row.media_type,
            page_count=row.page_count,
            excerpt=row.excerpt,
            owner=row.owner,
            attempts=row.attempts,
            duplicate_of=row.duplicate_of,
            extraction=extraction_of(session, row),
            findings=tuple(
                Finding(f.code, f.severity, f.message, tuple(f.fields))
                for f in session.scalars(found)
            ),
            arrivals=tuple(
                Arrival(a.name, tags_of(a.tags), a.arrived_at, a.parent_id)
                for a in session.scalars(came)
            ),
            history=tuple(
                Transition(t.before, t.after, t.at, t.owner, t.reason_code)
                for t in session.scalars(steps.order_by(TransitionRow.id))
            ),
            pages_in_parent=pages_in_parent(row),
            details=row.details or {},
            parts=tuple(session.scalars(inside.order_by(DocumentRow.id))),
        )


def pages(database: Database, document_id: int) -> tuple[Page, ...]:
    """Return the document's pages with their words, first page first."""
    found = select(PageRow).where(PageRow.document_id == document_id).order_by(PageRow.number)
    with database.read() as session:
        return tuple(
            Page(
                number=row.number,
                width=row.width,
                height=row.height,
                words=unpacked(row.words),
                source="ocr" if row.source == "ocr" else "text",
            )
            for row in session.scalars(found)
        )

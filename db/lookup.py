"""What is stored, read back as objects of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session, aliased, defer

from db.claims import Pending, pending, split
from db.database import Database
from db.life import ENDED, STORED
from db.tables import (
    ArrivalRow,
    DocumentRow,
    FieldValueRow,
    FindingRow,
    LineItemRow,
    PageRow,
    TransitionRow,
)
from db.values import cell_value, header_value, key_of
from db.words import unpacked
from doctally.errors import DoctallyError
from doctally.pages import Page
from doctally.results import Extraction, Finding, State
from doctally.schemas import DocumentType


@dataclass(frozen=True, slots=True)
class Earlier:
    """A document that is stored already."""

    document_id: int
    public_id: str
    name: str
    state: State


@dataclass(frozen=True, slots=True)
class Arrival:
    """A further file with the same content."""

    name: str
    tags: tuple[str, ...]
    arrived_at: datetime


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


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """All that is known of one document but its pages (``pages``)."""

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


def _summary(row: DocumentRow) -> Summary:
    return Summary(
        document_id=row.id,
        public_id=row.public_id,
        name=row.name,
        tags=split(row.tags),
        state=row.state,
        document_type=row.document_type,
        reason_code=row.reason_code,
        reason=row.reason,
        location=row.location,
        claimed_at=row.claimed_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
    )


def _extraction(session: Session, row: DocumentRow) -> Extraction | None:
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
        steps = select(TransitionRow).where(TransitionRow.document_id == row.id)
        return StoredDocument(
            summary=_summary(row),
            sha256=row.sha256,
            size=row.size,
            media_type=row.media_type,
            page_count=row.page_count,
            excerpt=row.excerpt,
            owner=row.owner,
            attempts=row.attempts,
            duplicate_of=row.duplicate_of,
            extraction=_extraction(session, row),
            findings=tuple(
                Finding(f.code, f.severity, f.message, tuple(f.fields))
                for f in session.scalars(found)
            ),
            arrivals=tuple(
                Arrival(a.name, split(a.tags), a.arrived_at) for a in session.scalars(came)
            ),
            history=tuple(
                Transition(t.before, t.after, t.at, t.owner, t.reason_code)
                for t in session.scalars(steps.order_by(TransitionRow.id))
            ),
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


def recent(database: Database, *, limit: int = 50, state: State | None = None) -> list[Summary]:
    """Return the documents that changed last, newest first."""
    found = select(DocumentRow).options(defer(DocumentRow.excerpt))
    if state is not None:
        found = found.where(DocumentRow.state == state)
    newest = found.order_by(DocumentRow.updated_at.desc(), DocumentRow.id.desc()).limit(limit)
    with database.read() as session:
        return [_summary(row) for row in session.scalars(newest)]


def counts(database: Database) -> Mapping[State, int]:
    """Return how many documents are in each state; states without any are left out."""
    grouped = select(DocumentRow.state, func.count()).group_by(DocumentRow.state)
    with database.read() as session:
        return {row[0]: row[1] for row in session.execute(grouped)}


def unfiled(database: Database, *, folder: str = "processing") -> list[Pending]:
    """Return the ended documents whose file still lies in ``folder``: it is to be moved."""
    there = DocumentRow.location.startswith(f"{folder}/", autoescape=True)
    found = select(DocumentRow).where(DocumentRow.state.in_(ENDED), there)
    with database.read() as session:
        return [pending(row) for row in session.scalars(found.order_by(DocumentRow.id))]


def same_number(
    database: Database,
    *,
    document_type: str,
    document_number: str,
    not_sha256: str,
    supplier_name: str = "",
    supplier_tax_id: str = "",
) -> Earlier | None:
    """Return the first stored document with the same number from the same supplier.

    Letters and digits are compared, in any case; a supplier is the same by name or tax id.
    None without a number or a supplier.
    """
    number, supplier = aliased(FieldValueRow), aliased(FieldValueRow)
    keys = {
        "supplier_name": key_of(supplier_name),
        "supplier_tax_id": key_of(supplier_tax_id),
    }
    names = [and_(supplier.name == name, supplier.key == key) for name, key in keys.items() if key]
    wanted = key_of(document_number)
    if not wanted or not names:
        return None
    same_supplier = select(supplier.document_id).where(
        supplier.document_id == DocumentRow.id, or_(*names)
    )
    found = (
        select(DocumentRow.id, DocumentRow.public_id, DocumentRow.name, DocumentRow.state)
        .join(number, number.document_id == DocumentRow.id)
        .where(number.name == "document_number", number.key == wanted)
        .where(DocumentRow.document_type == DocumentType(document_type))
        .where(DocumentRow.state.in_(STORED), DocumentRow.sha256 != not_sha256)
        .where(same_supplier.exists())
        .order_by(DocumentRow.id)
        .limit(1)
    )
    with database.read() as session:
        row = session.execute(found).first()
        return Earlier(row.id, row.public_id, row.name, row.state) if row else None


def purge_older(database: Database, *, before: datetime) -> int:
    """Return how many failed documents and arrivals from before then were removed."""
    failed = and_(DocumentRow.state == State.FAILED, DocumentRow.updated_at < before)
    with database.write() as session:
        old = delete(ArrivalRow).where(ArrivalRow.arrived_at < before).returning(ArrivalRow.id)
        arrivals = session.scalars(old).all()
        gone = session.scalars(delete(DocumentRow).where(failed).returning(DocumentRow.id)).all()
        return len(arrivals) + len(gone)

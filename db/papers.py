"""Stored documents as papers of matching, many at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.life import STORED
from db.tables import DocumentRow, FieldValueRow, LineItemRow, MatchPaperRow
from doctally.matching import Paper, paper_of
from doctally.results import Extraction, FieldValue
from doctally.schemas import DocumentType

MATCHED_TYPES = (
    DocumentType.INVOICE,
    DocumentType.CREDIT_NOTE,
    DocumentType.PURCHASE_ORDER,
    DocumentType.SHIPMENT_NOTICE,
)
_AT_ONCE = 400


def papers(session: Session, document_ids: Collection[int]) -> dict[int, Paper]:
    """Return the papers of documents that are stored and of a type that is matched.

    A duplicate that waits for a person's decision is none: it would count twice.
    """
    found: dict[int, Paper] = {}
    wanted = sorted(document_ids)
    for first in range(0, len(wanted), _AT_ONCE):
        found |= _papers(session, wanted[first : first + _AT_ONCE])
    return found


def _papers(session: Session, document_ids: Sequence[int]) -> dict[int, Paper]:
    stored = select(DocumentRow.id, DocumentRow.document_type).where(
        DocumentRow.id.in_(document_ids),
        DocumentRow.state.in_(STORED),
        DocumentRow.document_type.in_(MATCHED_TYPES),
        DocumentRow.duplicate_of.is_(None),
    )
    types = {row.id: str(row.document_type) for row in session.execute(stored)}
    closed = set(
        session.scalars(
            select(MatchPaperRow.document_id).where(
                MatchPaperRow.document_id.in_(list(types)), MatchPaperRow.closed
            )
        )
    )
    fields: dict[int, dict[str, FieldValue]] = {number: {} for number in types}
    values = select(FieldValueRow.document_id, FieldValueRow.name, FieldValueRow.value)
    for row in session.execute(values.where(FieldValueRow.document_id.in_(list(types)))):
        fields[row.document_id][row.name] = FieldValue(row.value, 1.0)
    lines: dict[int, list[dict[str, FieldValue]]] = {number: [] for number in types}
    cells = select(LineItemRow.document_id, LineItemRow.cells)
    ordered = cells.where(LineItemRow.document_id.in_(list(types))).order_by(LineItemRow.line)
    for row in session.execute(ordered):
        line = {name: FieldValue(cell["value"], 1.0) for name, cell in row.cells.items()}
        lines[row.document_id].append(line)
    found = {}
    for number, kind in types.items():
        extraction = Extraction(kind, 1.0, fields[number], tuple(lines[number]))
        paper = paper_of(extraction, paper_id=str(number), closed=number in closed)
        if paper is not None:
            found[number] = paper
    return found

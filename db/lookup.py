"""Which documents there are: newest, by state, with the same number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased, defer

from db.database import Database
from db.detail import Summary, summary_of
from db.life import STORED
from db.tables import DocumentRow, FieldValueRow
from db.values import key_of
from doctally.results import State
from doctally.schemas import DocumentType


@dataclass(frozen=True, slots=True)
class Earlier:
    """A document that is stored already."""

    document_id: int
    public_id: str
    name: str
    state: State


def recent(database: Database, *, limit: int = 50, state: State | None = None) -> list[Summary]:
    """Return the documents that changed last, newest first."""
    found = select(DocumentRow).options(defer(DocumentRow.excerpt))
    if state is not None:
        found = found.where(DocumentRow.state == state)
    newest = found.order_by(DocumentRow.updated_at.desc(), DocumentRow.id.desc()).limit(limit)
    with database.read() as session:
        return [summary_of(row) for row in session.scalars(newest)]


def counts(database: Database) -> Mapping[State, int]:
    """Return how many documents are in each state; states without any are left out."""
    grouped = select(DocumentRow.state, func.count()).group_by(DocumentRow.state)
    with database.read() as session:
        return {row[0]: row[1] for row in session.execute(grouped)}


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


def with_content(database: Database, sha256: str) -> int | None:
    """Return the document that has this content, None if nobody has brought it yet."""
    with database.read() as session:
        return session.scalar(select(DocumentRow.id).where(DocumentRow.sha256 == sha256))

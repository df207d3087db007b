"""What earlier documents say: names seen before, and the usual values of a supplier."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from db.database import Database
from db.tables import DocumentRow, FieldValueRow, MatchPaperRow
from db.values import key_of
from doctally import companies
from doctally.results import State
from doctally.schemas import DocumentType

_LAST = "\U0010ffff"
_LOOKED_AT = 400
"""So many documents of a supplier are looked at, the newest."""


def known(database: Database, name: str, beginning: str, *, limit: int = 5) -> list[str]:
    """Return values of a field that begin so (letters and digits, folded), frequent ones first.

    Nothing without a beginning of two letters.
    """
    key = key_of(beginning)
    if len(key) < 2:
        return []
    counted = func.count()
    found = (
        select(FieldValueRow.value)
        .where(FieldValueRow.name == name)
        .where(FieldValueRow.key >= key, FieldValueRow.key < key + _LAST)
        .group_by(FieldValueRow.value)
        .order_by(counted.desc(), FieldValueRow.value)
        .limit(limit)
    )
    with database.read() as session:
        return list(session.scalars(found))


def usual(database: Database, name: str, *, supplier: str, but: int, limit: int = 3) -> list[str]:
    """Return what people have confirmed for a field on a supplier's documents, frequent first.

    ``but`` is the document that asks.
    """
    theirs, value = aliased(FieldValueRow), aliased(FieldValueRow)
    newest = (
        select(theirs.document_id)
        .join(DocumentRow, DocumentRow.id == theirs.document_id)
        .where(theirs.name == "supplier_name", theirs.key == key_of(supplier))
        .where(DocumentRow.state.in_((State.CONFIRMED, State.ACCEPTED)), DocumentRow.id != but)
        .order_by(theirs.document_id.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    counted = func.count()
    found = (
        select(value.value)
        .join(newest, newest.c.document_id == value.document_id)
        .where(value.name == name)
        .group_by(value.value)
        .order_by(counted.desc(), value.value)
        .limit(limit)
    )
    with database.read() as session:
        return list(session.scalars(found))


def numbers(database: Database, kind: DocumentType, *, supplier: str, limit: int = 4) -> list[str]:
    """Return the numbers of a supplier's papers of a kind, the newest first."""
    firm = companies.bare(supplier).replace(" ", "")[:64]
    found = (
        select(DocumentRow.number)
        .join(MatchPaperRow, MatchPaperRow.document_id == DocumentRow.id)
        .where(MatchPaperRow.firm == firm, MatchPaperRow.kind == str(kind))
        .where(DocumentRow.number.is_not(None))
        .order_by(MatchPaperRow.day.desc(), DocumentRow.id.desc())
        .limit(limit)
    )
    with database.read() as session:
        return [number for number in session.scalars(found) if number] if firm else []

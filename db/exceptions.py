"""What matching leaves open: reasons with amounts, and papers to look at again."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import or_, select

from db.database import Database
from db.life import STORED
from db.papers import MATCHED_TYPES
from db.tables import DocumentRow, MatchPaperRow, MatchReasonRow
from doctally.matching import Decision, Weight
from doctally.results import State
from doctally.schemas import DocumentType


@dataclass(frozen=True, slots=True)
class OpenException:
    """A reason of a verdict that is not approved, with what is at stake."""

    document_id: int
    document_type: str
    number: str
    supplier: str
    decision: str
    code: str
    line: int | None
    amount: Decimal
    currency: str
    message: str


def exceptions(database: Database, *, limit: int = 500) -> list[OpenException]:
    """Return what waits for somebody, the largest amounts first; confirmed documents are done."""
    found = (
        select(MatchReasonRow, MatchPaperRow, DocumentRow)
        .join(MatchPaperRow, MatchPaperRow.document_id == MatchReasonRow.document_id)
        .join(DocumentRow, DocumentRow.id == MatchReasonRow.document_id)
        .where(
            MatchReasonRow.weight != Weight.INFO,
            MatchPaperRow.decision != Decision.APPROVE,
            DocumentRow.state == State.REVIEW,
        )
        .order_by(MatchReasonRow.amount.desc(), MatchReasonRow.id)
        .limit(limit)
    )
    with database.read() as session:
        return [
            OpenException(
                reason.document_id,
                str(document.document_type),
                document.number or "",
                document.supplier or "",
                str(paper.decision),
                reason.code,
                reason.line,
                reason.amount,
                paper.currency,
                reason.message,
            )
            for reason, paper, document in session.execute(found)
        ]


def stale(database: Database, *, after: int, limit: int) -> list[int]:
    """Return documents to match again, by id: new ones, changed ones, those not settled yet.

    Among the changed are those that a person has rejected or set aside: what they billed is open
    again.
    """
    stored = DocumentRow.state.in_(STORED) & DocumentRow.document_type.in_(MATCHED_TYPES)
    found = (
        select(DocumentRow.id)
        .outerjoin(MatchPaperRow, MatchPaperRow.document_id == DocumentRow.id)
        .where(DocumentRow.id > after)
        .where(
            or_(
                stored & MatchPaperRow.document_id.is_(None) & DocumentRow.duplicate_of.is_(None),
                MatchPaperRow.document_id.is_not(None) & ~stored,
                DocumentRow.updated_at > MatchPaperRow.matched_at,
                (MatchPaperRow.kind != str(DocumentType.PURCHASE_ORDER))
                & ((MatchPaperRow.decision != Decision.APPROVE) | MatchPaperRow.linked.is_(False))
                & stored,
            )
        )
        .order_by(DocumentRow.id)
        .limit(limit)
    )
    with database.read() as session:
        return list(session.scalars(found))

"""Matching kept in SQL: a paper is reconciled with all that belongs to it, in one transaction.

The result is a function of the papers at hand, so that doing it again changes nothing; a late
paper brings its case, and with it every earlier verdict of that case, up to date.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db import cases, firms
from db.papers import papers
from db.tables import (
    MatchLinkRow,
    MatchNameRow,
    MatchPaperRow,
    MatchReasonRow,
    MatchRow,
    MatchWordRow,
    OpenLineRow,
)
from doctally.matching import (
    Decision,
    Judge,
    Paper,
    Reconciliation,
    Scorer,
    Tolerances,
    Verdict,
    Weight,
    reconcile,
)
from doctally.schemas import DocumentType

_ORDER = DocumentType.PURCHASE_ORDER
_NOTES = MatchPaperRow.kind == str(DocumentType.SHIPMENT_NOTICE)


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict as it is now, and what was decided before (None: nothing)."""

    document_id: int
    verdict: Verdict
    before: Decision | None


def match(
    session: Session,
    document_ids: Collection[int],
    *,
    tolerances: Tolerances,
    now: datetime,
    scorer: Scorer | None = None,
    judge: Judge | None = None,
) -> list[Told]:
    """Return the verdicts on these documents and on all that belong to them, now stored."""
    own = papers(session, document_ids)
    firms.remember(session, {cases.firm_of(paper) for paper in own.values()})
    for number, paper in own.items():
        cases.index(session, number, paper)
        _enter(session, number, paper, now=now)
    session.flush()
    told: dict[int, Told] = {}
    for number, paper in own.items():
        if number not in told or paper.kind is _ORDER:
            together = _case(session, number, paper)
            told |= _settle(session, together, tolerances, scorer, judge, now=now)
    return list(told.values())


def withdraw(session: Session, document_ids: Collection[int]) -> set[int]:
    """Forget those that are no papers any more; return the papers whose case they leave."""
    wanted = set(document_ids)
    gone = wanted - papers(session, wanted).keys()
    known = set(
        session.scalars(
            select(MatchPaperRow.document_id).where(MatchPaperRow.document_id.in_(list(gone)))
        )
    )
    if not known:
        return set()
    beside = cases.linked(session, known) - known
    for table, column in (
        (MatchLinkRow, MatchLinkRow.document_id),
        (MatchLinkRow, MatchLinkRow.order_id),
        (MatchNameRow, MatchNameRow.document_id),
        (MatchWordRow, MatchWordRow.order_id),
        (MatchRow, MatchRow.document_id),
        (MatchRow, MatchRow.other_id),
        (MatchReasonRow, MatchReasonRow.document_id),
        (OpenLineRow, OpenLineRow.order_id),
        (MatchPaperRow, MatchPaperRow.document_id),
    ):
        session.execute(delete(table).where(column.in_(list(known))))
    return beside


def close_order(session: Session, document_id: int, *, closed: bool) -> None:
    """Let an order take no further bills, or take them again."""
    row = session.get(MatchPaperRow, document_id)
    if row is not None:
        row.closed = closed


def _enter(session: Session, number: int, paper: Paper, *, now: datetime) -> None:
    row = session.get(MatchPaperRow, number)
    if row is None:
        row = MatchPaperRow(document_id=number, linked=False, closed=False, decision=None)
        session.add(row)
    row.kind, row.firm = str(paper.kind), cases.firm_of(paper)
    row.day, row.currency, row.matched_at = paper.day, paper.currency[:8], now


def _case(session: Session, number: int, paper: Paper) -> dict[int, Paper]:
    """Return all papers that a verdict on this one depends on."""
    if paper.kind is _ORDER:
        seeds = {number} | cases.papers_for(session, paper)
    else:
        seeds = {number} | cases.same_notes(session, paper)
        likely = cases.orders_for(session, paper)
        if len(likely) > 1:
            likely = _chosen(session, number, paper, likely)
        seeds |= likely
    together = cases.linked(session, seeds)
    found = {number: paper} | papers(session, together - {number})
    if paper.kind is _ORDER:  # a late bill may name further orders
        more = {
            order
            for other in found.values()
            if other.kind is not _ORDER and other.orders
            for order in cases.orders_for(session, other)
        }
        found |= papers(session, cases.linked(session, more) - found.keys())
    return found


def _chosen(session: Session, number: int, paper: Paper, likely: set[int]) -> set[int]:
    """Return those of the likely orders that the paper would be linked to, with what is booked."""
    orders = papers(session, likely)
    booked = select(
        OpenLineRow.order_id,
        OpenLineRow.line,
        OpenLineRow.received,
        OpenLineRow.billed,
        OpenLineRow.billed_amount,
    ).where(OpenLineRow.order_id.in_(list(orders)))
    state = {
        (str(row.order_id), row.line): (row.received, row.billed, row.billed_amount)
        for row in session.execute(booked)
    }
    found = reconcile([paper, *orders.values()], booked=state)
    return {int(x.order_id) for x in found.links if x.paper_id == str(number)}


def _settle(
    session: Session,
    together: Mapping[int, Paper],
    tolerances: Tolerances,
    scorer: Scorer | None,
    judge: Judge | None,
    *,
    now: datetime,
) -> dict[int, Told]:
    found = reconcile(
        list(together.values()),
        tolerances=tolerances,
        scorer=scorer,
        judge=judge,
        delivering=_delivering(session, together.values()),
    )
    numbers = list(together)
    before = {
        row.document_id: row
        for row in session.scalars(
            select(MatchPaperRow).where(MatchPaperRow.document_id.in_(numbers))
        )
    }
    told = {
        int(v.paper_id): Told(int(v.paper_id), v, before[int(v.paper_id)].decision)
        for v in found.verdicts
        if int(v.paper_id) in before
    }
    _keep(session, numbers, found, now=now)
    linked = {int(link.paper_id) for link in found.links}
    for number, row in before.items():
        row.linked = number in linked
        row.matched_at = now
        if number in told:
            row.decision, row.stake = told[number].verdict.decision, told[number].verdict.stake
    session.flush()
    return told


def _delivering(session: Session, at_hand: Iterable[Paper]) -> set[str]:
    """Return the suppliers among these that have ever sent a delivery note."""
    named = {cases.firm_of(paper) for paper in at_hand if paper.supplier}
    senders = {
        firm
        for firm in named
        if session.scalar(
            select(MatchPaperRow.firm).where(MatchPaperRow.firm == firm, _NOTES).limit(1)
        )
    }
    return {paper.supplier for paper in at_hand if cases.firm_of(paper) in senders}


def _keep(
    session: Session, numbers: Sequence[int], found: Reconciliation, *, now: datetime
) -> None:
    """Replace all that is stored about these papers."""
    for gone in (
        delete(MatchLinkRow).where(MatchLinkRow.document_id.in_(numbers)),
        delete(MatchRow).where(MatchRow.document_id.in_(numbers)),
        delete(MatchReasonRow).where(MatchReasonRow.document_id.in_(numbers)),
        delete(OpenLineRow).where(OpenLineRow.order_id.in_(numbers)),
    ):  # none of these rows is held as an object
        session.execute(gone.execution_options(synchronize_session=False))
    state = {(x.order_id, x.line): x for x in found.open_lines}
    links = {(int(x.paper_id), int(x.order_id)): x for x in found.links}
    rows: dict[type, list[dict[str, object]]] = {
        MatchLinkRow: [
            {"document_id": paper, "order_id": order, "how": x.how, "score": round(x.score, 4)}
            for (paper, order), x in links.items()
        ],
        MatchRow: [
            {
                "document_id": int(v.paper_id),
                "other_id": int(m.order_id),
                "line": m.line,
                "other_line": m.order_line,
                "reason_code": _first_reason(v, m.line),
                "score": m.score,
                "quantity": m.quantity,
                "other_quantity": state[m.order_id, m.order_line].ordered,
                "amount": m.amount,
                "other_amount": state[m.order_id, m.order_line].amount,
                "created_at": now,
            }
            for v in found.verdicts
            for m in v.lines
        ],
        MatchReasonRow: [
            {
                "document_id": int(v.paper_id),
                "line": r.line,
                "code": r.code,
                "weight": r.weight,
                "amount": r.amount,
                "message": r.message,
            }
            for v in found.verdicts
            for r in v.reasons
        ],
        OpenLineRow: [
            {
                "order_id": int(x.order_id),
                "line": x.line,
                "ordered": x.ordered,
                "received": x.received,
                "billed": x.billed,
                "amount": x.amount,
                "billed_amount": x.billed_amount,
            }
            for x in found.open_lines
        ],
    }
    for table, values in rows.items():
        if values:
            session.execute(insert(table).execution_options(render_nulls=True), values)
    whole: dict[str, bool] = {}
    for x in found.open_lines:
        done = x.open <= Decimal("0.0001") and (
            x.ordered is not None or x.billed_amount >= x.amount
        )
        whole[x.order_id] = whole.get(x.order_id, True) and done
    cases.forget_words(session, [int(order) for order, done in whole.items() if done])


def _first_reason(verdict: Verdict, line: int) -> str:
    reasons = [r for r in verdict.reasons if r.line == line]
    reasons.sort(key=lambda r: list(Weight).index(r.weight), reverse=True)
    return reasons[0].code if reasons else "matched"

"""What a verdict of matching does to its document: findings, and the state that follows.

A document that was accepted goes to review when its verdict asks for a look, and back when a late
paper settles it and nothing else is to be looked at. What a person has confirmed stays confirmed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db import deliveries
from db.columns import tags_of
from db.deliveries import Message
from db.detail import Summary, extraction_of, summary_of
from db.headline import described
from db.history import note, taken
from db.matching import Told, match
from db.tables import DocumentRow, FindingRow
from doctally.matching import REASONS, Decision, Judge, Scorer, Tolerances, Verdict, Weight
from doctally.results import Extraction, Finding, Severity, State

_SEVERITY = {
    Weight.INFO: Severity.INFO,
    Weight.REVIEW: Severity.REVIEW,
    Weight.HOLD: Severity.REJECT,
}
_EVER = datetime(1970, 1, 1, tzinfo=UTC)

log = logging.getLogger("doctally.matching")


@dataclass(frozen=True, slots=True)
class Moved:
    """A document whose state a verdict changed; ``about`` is it before."""

    about: Summary
    state: State
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What identifies a document to others."""

    document_id: int
    name: str
    sha256: str | None
    tags: tuple[str, ...]
    details: Mapping[str, str]


@dataclass(slots=True)
class Matching:
    """How stored documents are matched; ``moved`` collects what changed its state.

    ``reason`` puts findings into a code and words; ``tell`` makes the message about a document
    that is accepted after all, None where nobody is told. ``judge`` is asked about lines in doubt.
    """

    tolerances: Tolerances
    reason: Callable[[Sequence[Finding]], tuple[str, str]]
    tell: Callable[[About, Extraction, Sequence[Finding]], Message] | None = None
    scorer: Scorer | None = None
    judge: Judge | None = None
    moved: list[Moved] = field(default_factory=list)


def settle(
    session: Session,
    document_ids: Collection[int],
    matching: Matching,
    *,
    owner: str,
    now: datetime,
) -> None:
    """Match documents in the caller's transaction and let the verdicts take effect.

    A fault of matching itself leaves the documents as they are, unmatched: the next ``reconcile``
    tries again. Trouble of the database is raised.
    """
    moved = list(matching.moved)
    try:
        with session.begin_nested():
            told = match(
                session,
                document_ids,
                tolerances=matching.tolerances,
                now=now,
                scorer=matching.scorer,
                judge=matching.judge,
            )
            for each in told:
                _apply(session, each, matching, owner=owner, now=now)
    except SQLAlchemyError:
        raise
    except Exception:  # matching must never cost a document that was read and checked
        matching.moved[:] = moved
        log.exception("documents %s could not be matched", sorted(document_ids))


def _about(row: DocumentRow) -> About:
    return About(row.id, row.name, row.sha256, tags_of(row.tags), row.details or {})


def findings_of(verdict: Verdict) -> tuple[Finding, ...]:
    """Return a verdict's reasons as findings; the amount at stake is in the message."""
    found = []
    for reason in verdict.reasons:
        place = f"line {reason.line}: " if reason.line else ""
        text = f"{place}{reason.message} ({reason.amount} {verdict.currency} at stake)"
        cell = REASONS[reason.code].cell
        fields = (f"line_items.{reason.line - 1}.{cell}",) if reason.line else ()
        weight = Weight.INFO if verdict.decision is Decision.APPROVE else reason.weight
        found.append(Finding(reason.code, _SEVERITY[weight], text.replace(" )", ")"), fields))
    return tuple(found)


def _apply(session: Session, told: Told, matching: Matching, *, owner: str, now: datetime) -> None:
    row = session.get(DocumentRow, told.document_id)
    if row is None:
        return
    stored = session.scalars(
        select(FindingRow).where(FindingRow.document_id == row.id).order_by(FindingRow.id)
    ).all()
    before = [Finding(f.code, f.severity, f.message, tuple(f.fields)) for f in stored]
    kept = [finding for finding in before if finding.code not in REASONS]
    ours = findings_of(told.verdict)
    after = (*kept, *ours)
    state = _state(row, told.verdict, kept)
    if tuple(before) == after and state is row.state:
        return
    session.execute(
        delete(FindingRow).where(
            FindingRow.document_id == row.id, FindingRow.code.in_(list(REASONS))
        )
    )
    if ours:
        session.execute(insert(FindingRow), list(_rows(row.id, ours)))
    extraction = extraction_of(session, row)
    for name, value in described(row.name, extraction, after).items():
        setattr(row, name, value)
    if state is State.REVIEW:
        row.reason_code, row.reason = matching.reason(after)
    elif state is State.ACCEPTED:
        row.reason_code = row.reason = ""
    row.updated_at = now
    if state is not row.state:
        about = summary_of(row)
        note(
            session, [taken(row.id, row.state, state, at=now, owner=owner, reason_code=_code(ours))]
        )
        row.state = state
        if state is State.REVIEW:
            deliveries.withdraw(session, row.id, since=_EVER)
        elif matching.tell is not None and extraction is not None:
            deliveries.add(
                session, {row.id: matching.tell(_about(row), extraction, after)}, now=now
            )
        matching.moved.append(Moved(about, state, after))
    session.flush()


def _code(findings: Sequence[Finding]) -> str:
    asking = [f.code for f in findings if f.severity is not Severity.INFO]
    return asking[0] if asking else "matched"


def _rows(document_id: int, findings: Iterable[Finding]) -> Iterable[dict[str, object]]:
    for finding in findings:
        yield {
            "document_id": document_id,
            "code": finding.code,
            "severity": finding.severity,
            "message": finding.message,
            "fields": list(finding.fields),
        }


def _state(row: DocumentRow, verdict: Verdict, kept: Sequence[Finding]) -> State:
    """Return the state that a verdict asks for."""
    asks = verdict.decision is not Decision.APPROVE
    if row.state is State.ACCEPTED and asks:
        return State.REVIEW
    ours = row.reason_code in REASONS
    settled = not asks and all(f.severity is Severity.INFO for f in kept)
    return State.ACCEPTED if row.state is State.REVIEW and ours and settled else row.state

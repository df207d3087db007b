"""A document's values as they were before a person's act, and put back by an undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.database import Database
from db.headline import described
from db.tables import DocumentRow, FieldValueRow, FindingRow, LineItemRow, RevisionRow
from db.values import as_cell, cell_value, header_row, line_row
from doctally.results import Extraction, Finding, Severity, State
from doctally.schemas import DocumentType


@dataclass(frozen=True, slots=True)
class Standing:
    """All of a document that a person's act can change."""

    state: State
    extraction: Extraction
    findings: Sequence[Finding]
    reason_code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """How a document stood before ``who`` did ``action``."""

    revision_id: int
    at: datetime
    who: str
    action: str
    before: Standing


def keep(
    session: Session, document_id: int, standing: Standing, *, action: str, who: str, now: datetime
) -> None:
    """Note how a document stands before an act, in the caller's transaction."""
    body = _body(standing)
    session.add(RevisionRow(document_id=document_id, at=now, who=who, action=action, body=body))


def last(database: Database, document_id: int) -> Revision | None:
    """Return how the document stood before the latest act that is not undone, None without one."""
    found = select(RevisionRow).where(RevisionRow.document_id == document_id)
    with database.read() as session:
        row = session.scalars(found.order_by(RevisionRow.id.desc()).limit(1)).first()
        return None if row is None else _revision(row)


def revisions(database: Database, document_id: int) -> list[Revision]:
    """Return how the document stood before each act that is not undone, oldest first."""
    found = select(RevisionRow).where(RevisionRow.document_id == document_id)
    with database.read() as session:
        return [_revision(row) for row in session.scalars(found.order_by(RevisionRow.id))]


def forget(session: Session, revision_id: int) -> bool:
    """Return whether the revision was still there; it is gone now."""
    gone = delete(RevisionRow).where(RevisionRow.id == revision_id).returning(RevisionRow.id)
    return session.scalar(gone) is not None


def rewrite(session: Session, row: DocumentRow, standing: Standing, *, now: datetime) -> None:
    """Give a document these values, findings and this state; its history is the caller's."""
    found = standing.extraction
    for table in (FieldValueRow, LineItemRow, FindingRow):
        session.execute(delete(table).where(table.document_id == row.id))
    version = found.model_version
    values = [header_row(row.id, n, c, model_version=version) for n, c in found.fields.items()]
    lines = [line_row(row.id, n, cells) for n, cells in enumerate(found.line_items, start=1)]
    findings = [{"document_id": row.id, **_finding(finding)} for finding in standing.findings]
    for table, rows in ((FieldValueRow, values), (LineItemRow, lines), (FindingRow, findings)):
        if rows:
            session.execute(insert(table).execution_options(render_nulls=True), rows)
    row.state, row.document_type = standing.state, DocumentType(found.document_type)
    row.route_confidence = found.route_confidence
    row.reason_code, row.reason = standing.reason_code, standing.reason
    row.updated_at = row.finished_at = now
    for name, value in described(row.name, found, standing.findings).items():
        setattr(row, name, value)


def _finding(finding: Finding) -> dict[str, Any]:
    severity = finding.severity
    told = {"code": finding.code, "severity": severity, "message": finding.message}
    return {**told, "fields": list(finding.fields)}


def _body(standing: Standing) -> dict[str, Any]:
    found = standing.extraction
    return {
        "state": str(standing.state),
        "reason_code": standing.reason_code,
        "reason": standing.reason,
        "document_type": found.document_type,
        "route_confidence": found.route_confidence,
        "model_version": found.model_version,
        "fields": {name: as_cell(cell) for name, cell in found.fields.items()},
        "line_items": [{n: as_cell(c) for n, c in row.items()} for row in found.line_items],
        "findings": [{**_finding(f), "severity": str(f.severity)} for f in standing.findings],
    }


def _revision(row: RevisionRow) -> Revision:
    body = row.body
    extraction = Extraction(
        document_type=body["document_type"],
        route_confidence=body["route_confidence"],
        fields={name: cell_value(cell) for name, cell in body["fields"].items()},
        line_items=tuple({n: cell_value(c) for n, c in r.items()} for r in body["line_items"]),
        model_version=body["model_version"],
    )
    findings = tuple(
        Finding(f["code"], Severity(f["severity"]), f["message"], tuple(f["fields"]))
        for f in body["findings"]
    )
    state = State(body["state"])
    before = Standing(state, extraction, findings, body["reason_code"], body["reason"])
    return Revision(row.id, row.at, row.who, row.action, before)

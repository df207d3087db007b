"""What can be said about an extraction without a model: findings, and the decision on it.

``check`` gives the findings that hold whatever the settings, ``doubts`` those that depend on how
certain a value must be. The codes are in ``doctally.codes``. Duplicates need the earlier
documents: the caller looks for them and takes the finding from ``duplicate_finding``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from doctally.arithmetic import check_totals
from doctally.codes import finding
from doctally.identifiers import check_identifiers
from doctally.lines import check_lines
from doctally.record import as_record, foreign_fields, valid_part
from doctally.required import check_required
from doctally.results import Extraction, Finding, Severity, State
from doctally.schemas import DocumentType
from doctally.timeline import check_dates

__all__ = ["as_record", "check", "decide", "doubts", "duplicate_finding"]


def check(extraction: Extraction, *, today: date) -> tuple[Finding, ...]:
    """Return what is wrong or doubtful with the values themselves, in a stable order.

    A value that does not fit its schema is named once and left out of the other checks.
    """
    record, faults = valid_part(extraction)
    found = [
        finding("schema_invalid", f"{field}: {reason}", field) for field, reason in faults.items()
    ]
    if "document_type" not in faults:
        if foreign := foreign_fields(extraction):
            found.append(finding("field_not_of_type", ", ".join(foreign), *foreign))
        found += check_required(DocumentType(extraction.document_type), extraction.fields)
        structured = _structured(extraction)
        found += check_totals(record, structured=structured)
        found += check_lines(record, structured=structured)
        found += check_dates(record, today=today)
        found += check_identifiers(record)
    return tuple(found)


def _structured(extraction: Extraction) -> bool:
    net = extraction.fields.get("total_net")
    return net is not None and net.source in ("xml", "edi")


def doubts(extraction: Extraction, *, accept_confidence: float) -> tuple[Finding, ...]:
    """Return findings for the type and the header values below the confidence asked for.

    Cells of lines are not counted: the sums over the lines guard them.
    """
    found = []
    if extraction.route_confidence < accept_confidence:
        found.append(
            finding(
                "route_uncertain",
                f"{extraction.document_type} with confidence {extraction.route_confidence:.2f}",
                "document_type",
            )
        )
    low = {
        n: c.confidence for n, c in extraction.fields.items() if c.confidence < accept_confidence
    }
    if low:
        listed = ", ".join(f"{name} {confidence:.2f}" for name, confidence in low.items())
        found.append(finding("low_confidence", listed, *low))
    return tuple(found)


def decide(
    extraction: Extraction, findings: Sequence[Finding], *, accept_confidence: float
) -> State:
    """Return ACCEPTED if nothing asks for a person's look, else REVIEW.

    Asking are findings of severity review or reject, a document type or header value below
    ``accept_confidence``, and, through the findings of ``check``, a missing required value. A
    document of type other needs no values: it is accepted as filed when its type is certain.
    """
    asking = (*findings, *doubts(extraction, accept_confidence=accept_confidence))
    if any(f.severity is not Severity.INFO for f in asking):
        return State.REVIEW
    return State.ACCEPTED


def duplicate_finding(earlier: int) -> Finding:
    """Return the finding that the document ``earlier`` has the same supplier, type and number."""
    return finding(
        "duplicate_number",
        f"document {earlier} has the same number and supplier but another content",
        "document_number",
        "supplier_name",
    )

"""What the system says about one document: values with provenance, findings, outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal

from doctally.pages import Box, Happened

Source = Literal["model", "xml", "edi", "human", "derived"]


class Severity(StrEnum):
    """How much a finding matters: note it, look at it, refuse the document."""

    INFO = "info"
    REVIEW = "review"
    REJECT = "reject"


class State(StrEnum):
    """Where a document stands in its life.

    ``unpacked``: a file that only held other documents, each of which has a life of its own.
    """

    CLAIMED = "claimed"
    READ = "read"
    ROUTED = "routed"
    EXTRACTED = "extracted"
    VALIDATED = "validated"
    MATCHED = "matched"
    ACCEPTED = "accepted"
    REVIEW = "review"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNPACKED = "unpacked"


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value in normal form (``doctally.schemas``) and where it comes from.

    ``text`` is what the page prints; ``confidence`` is a probability in 0..1;
    ``page`` starts at 1 and is None for values that are on no page.
    """

    value: str
    confidence: float
    page: int | None = None
    box: Box | None = None
    source: Source = "model"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The values of one document; line items are rows of named cells.

    ``starts``, where not empty, says that the file is a stack: the pages that begin a document,
    from 1. Its documents are extracted one by one, so nothing else is filled in. ``events`` are
    what a carrier's message tells beside the latest event, which is in the fields.
    """

    document_type: str
    route_confidence: float
    fields: Mapping[str, FieldValue]
    line_items: tuple[Mapping[str, FieldValue], ...] = ()
    model_version: str = ""
    starts: tuple[int, ...] = ()
    events: tuple[Happened, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's verdict with a stable code; ``fields`` names what it concerns."""

    code: str
    severity: Severity
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """Extraction and findings of one file, and what to do with it."""

    file: str
    extraction: Extraction | None
    findings: tuple[Finding, ...]
    outcome: State
    metadata: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``doctally extract --json`` prints."""

        def cell(value: FieldValue) -> dict[str, Any]:
            return {
                "value": value.value,
                "confidence": round(value.confidence, 4),
                "page": value.page,
                "bbox": value.box.as_list() if value.box else None,
                "source": value.source,
            }

        found = self.extraction
        return {
            "file": self.file,
            "document_type": found.document_type if found else None,
            "route_confidence": round(found.route_confidence, 4) if found else None,
            "fields": {n: cell(v) for n, v in found.fields.items()} if found else {},
            "line_items": (
                [{n: cell(v) for n, v in row.items()} for row in found.line_items] if found else []
            ),
            **({"events": [asdict(e) for e in found.events]} if found and found.events else {}),
            "findings": [
                {
                    "code": f.code,
                    "severity": str(f.severity),
                    "message": f.message,
                    "fields": list(f.fields),
                }
                for f in self.findings
            ],
            "outcome": str(self.outcome),
        }

"""Reasons for people: what happened to a document and what they can do about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from doctally.results import Finding, Severity

DROP_AGAIN = "Put a corrected file into inbox/; this one can be deleted."
TRY_AGAIN = "Move it back into inbox/ to try again."

ADVICE = {
    "empty_file": "Copy or send it again. " + DROP_AGAIN,
    "damaged": "Open it to see whether it is whole, and copy or send it again. " + DROP_AGAIN,
    "encrypted": "Save a copy without a password. " + DROP_AGAIN,
    "no_pages": "Print or export the document again. " + DROP_AGAIN,
    "no_text": "Scan it again, darker and straight. " + DROP_AGAIN,
    "too_large": "Make it smaller, or raise DOCTALLY_MAX_FILE_MB. " + TRY_AGAIN,
    "too_many_pixels": "Scan with fewer dots per inch, or raise DOCTALLY_MAX_PIXELS. " + TRY_AGAIN,
    "unknown_type": "Export it as PDF, PNG, JPEG, TIFF or XML. " + DROP_AGAIN,
    "einvoice_invalid": "Ask the sender for a valid e-invoice, or for a PDF. " + DROP_AGAIN,
    "edi_invalid": "Ask the sender to send the interchange again. " + DROP_AGAIN,
    "unsupported_document": "File it by hand; it is no invoice, order or shipment. " + DROP_AGAIN,
    "timeout": "Split it, or raise DOCTALLY_READ_TIMEOUT_S. " + TRY_AGAIN,
    "reader_crashed": "Print it to a new PDF. " + DROP_AGAIN,
    "archive_bomb": "Unpack it yourself and put the documents into inbox/.",
    "nothing_inside": DROP_AGAIN,
    "too_deep": "Put the inner files into inbox/, or raise DOCTALLY_MAX_DEPTH. " + TRY_AGAIN,
    "too_many_parts": "Send less at once, or raise DOCTALLY_MAX_PARTS. " + TRY_AGAIN,
    "hostile_xml": "Save it again with an office program. " + DROP_AGAIN,
    "out_of_memory": "Split it, or raise DOCTALLY_READER_MEMORY_MB. " + TRY_AGAIN,
    "access_denied": "Give the user that runs doctally the right to read it. " + TRY_AGAIN,
    "not_a_file": "Put the file itself into inbox/, not a link to it.",
    "symlink": "Put the file itself into inbox/, not a link to it.",
    "not_found": "Put the file into inbox/ again.",
    "file_missing": "Put the file into inbox/ again.",
    "crashed_repeatedly": "Please report it. " + TRY_AGAIN,
    "engine_error": "Please report it. " + TRY_AGAIN,
    "rules_error": "Please report it. " + TRY_AGAIN,
    "rejected": "Undo it on the review page, or put the file into inbox/ again.",
    "not_stored": "Please report it. " + TRY_AGAIN,
}


def advice(code: str) -> str:
    """Return what a person can do about a reason with this code."""
    return ADVICE.get(code, "If the file is right, please report it. " + TRY_AGAIN)


def review_reason(findings: Iterable[Finding]) -> tuple[str, str]:
    """Return the code of the gravest finding that asks for a look, and all of them in words."""
    asking = [finding for finding in findings if finding.severity is not Severity.INFO]
    asking.sort(key=lambda finding: finding.severity is not Severity.REJECT)
    told = "; ".join(f"{f.code.replace('_', ' ')}: {f.message}" for f in asking)
    return (asking[0].code, told) if asking else ("", "")


def reason_text(*, document_id: int, name: str, code: str, message: str, now: datetime) -> str:
    """Return the text of the reason file beside a failed document."""
    return (
        f"{name} could not be processed.\n\n"
        f"What happened: {message} [{code}]\n"
        f"What to do:    {advice(code)}\n\n"
        f"Document {document_id}, {now.astimezone():%Y-%m-%d %H:%M:%S %Z}\n"
    )

"""Reasons for people: what happened to a document and what they can do about it."""

from __future__ import annotations

from datetime import datetime

DROP_AGAIN = "Put a corrected file into inbox/; this one can be deleted."
TRY_AGAIN = "Move it back into inbox/ to try again."

ADVICE = {
    "empty": "The file has no content. Copy or send it again. " + DROP_AGAIN,
    "truncated": "The end of the file is missing. Copy or send it again. " + DROP_AGAIN,
    "encrypted": "Save a copy without a password. " + DROP_AGAIN,
    "no_pages": "The document has no page. Print or export it again. " + DROP_AGAIN,
    "too_large": "Make it smaller, or raise DOCTALLY_MAX_FILE_MB. " + TRY_AGAIN,
    "too_many_pixels": "Scan with fewer dots per inch, or raise DOCTALLY_MAX_PIXELS. " + TRY_AGAIN,
    "unknown_type": "Export it as PDF, PNG, JPEG, TIFF or XML. " + DROP_AGAIN,
    "timeout": "Reading took too long; split it, or raise DOCTALLY_READ_TIMEOUT_S. " + TRY_AGAIN,
    "access_denied": "Give the user that runs doctally the right to read it. " + TRY_AGAIN,
    "not_a_file": "Copy the file itself into inbox/, not a link to it.",
    "crashed_repeatedly": "Reading or storing it stopped the program several times. "
    "Please report it. " + TRY_AGAIN,
    "engine_error": "The model could not work on it. Please report it. " + TRY_AGAIN,
    "not_stored": "Its values do not fit the database. Please report it. " + TRY_AGAIN,
    "file_missing": "The file was taken away before it was read. Put it into inbox/ again.",
}


def advice(code: str) -> str:
    """Return what a person can do about a reason with this code."""
    return ADVICE.get(code, "If the file is right, please report it. " + TRY_AGAIN)


def reason_text(*, document_id: int, name: str, code: str, message: str, now: datetime) -> str:
    """Return the text of the reason file beside a failed document."""
    return (
        f"{name} could not be processed.\n\n"
        f"What happened: {message} [{code}]\n"
        f"What to do:    {advice(code)}\n\n"
        f"Document {document_id}, {now.astimezone():%Y-%m-%d %H:%M:%S %Z}\n"
    )

"""The text of documents without pages: XML, EDI and what else has no paper."""

from __future__ import annotations

from pathlib import Path

from db.documents import StoredDocument

MOST = 200_000
_LONG_LINE = 400


def paper_text(home: Path, found: StoredDocument) -> str:
    """Return the file's text, an EDI message with a line a segment; its beginning if it is long."""
    path = home / found.summary.location
    try:
        with path.open("rb") as file:
            content = file.read(MOST)
    except OSError:
        return found.excerpt or "The file is not there any more."
    if b"\x00" in content[:1000]:
        return found.excerpt or "This file has no text."
    text = content.decode("utf-8", "replace")
    if max(map(len, text.splitlines() or [""])) <= _LONG_LINE:
        return text
    if text.startswith("ISA"):
        return text.replace(text[105:106], text[105:106] + "\n")
    if text.startswith(("UNA", "UNB")):
        return text.replace("'", "'\n")
    return text.replace("><", ">\n<")

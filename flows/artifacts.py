"""What a run shows in the Prefect UI beside its logs: the table of documents, the progress."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from flows.batch import Batch, Row

KEY = "documents"
LONGEST_NAME = 48
LONGEST_REASON = 160
ENDED = frozenset({"processed", "review", "failed"})
_COLUMNS = ("file", "state", "what", "total", "why", "supplier", "document", "came in", "lies in")


def table(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Return the cells of the table artifact, one row a file, outsiders' text made harmless."""
    return [dict(zip(_COLUMNS, _cells(row), strict=True)) for row in rows]


def _cells(row: Row) -> tuple[str, ...]:
    what = f"{row.document_type.replace('_', ' ')} {row.number}".strip()
    why = _brief(row.reason or row.findings)
    texts = (_short(row.file), row.state, what, row.total, why, row.supplier)
    parent = "" if row.parent_id is None else str(row.parent_id)
    return (*map(plain, texts), str(row.document_id), parent, plain(_place(row.path)))


def _short(name: str) -> str:
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


def _brief(reason: str) -> str:
    """Return the reason, cut short where it is long, with the code that ends it kept."""
    code = re.search(r"\(\w+\)$", reason)
    told, end = (reason[: code.start()], code.group()) if code else (reason, "")
    kept = textwrap.shorten(told, LONGEST_REASON - len(end) - 1, placeholder=" …")
    return f"{kept} {end}".strip()


def _place(path: Path | None) -> str:
    """Return where the file lies, from the home folder on; a browser opens no file:// links."""
    parts = path.parts if path else ()
    first = next((i for i, part in reversed([*enumerate(parts)]) if part in ENDED), None)
    return "/".join(parts[first:])


def plain(text: str) -> str:
    """Return text that Markdown and HTML show as it is: no links, images or tags from outside."""
    harmless = " ".join(text.split()).replace("<", "‹").replace(">", "›")
    return harmless.replace("[", "(").replace("]", ")").replace("`", "'").replace("|", "¦")


def linked(document_id: int, page: str) -> str:
    """Return the document's number, as Markdown that leads to it if there is a review page."""
    return f"[{document_id}]({page}/documents/{document_id})" if page else str(document_id)


def summary(batch: Batch) -> str:
    """Return the counts in words: ``1 failed, 2 review, 29 accepted``."""
    return ", ".join(f"{count} {state}" for state, count in batch.counts().items()) or "nothing"

"""What a run shows in the Prefect UI beside its logs: the table of documents, the progress."""

from __future__ import annotations

from collections.abc import Sequence

from flows.batch import Batch, Row

KEY = "documents"
_COLUMNS = ("document", "file", "type", "state", "number", "supplier", "total", "findings", "link")


def table(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Return the cells of the table artifact, one row a file, outsiders' text made harmless."""
    return [dict(zip(_COLUMNS, _cells(row), strict=True)) for row in rows]


def _cells(row: Row) -> tuple[str, ...]:
    notes = row.reason or row.findings
    link = f"[open]({row.path.as_uri()})" if row.path else ""
    texts = (row.file, row.document_type, row.state, row.number, row.supplier, row.total, notes)
    return (str(row.document_id), *map(plain, texts), link)


def plain(text: str) -> str:
    """Return text that Markdown and HTML show as it is: no links, images or tags from outside."""
    harmless = text.replace("\\n", " ").replace("<", "‹").replace(">", "›")
    return harmless.replace("[", "⟦").replace("]", "⟧").replace("`", "'").replace("|", "¦")


def summary(batch: Batch) -> str:
    """Return the counts in words: ``1 failed, 2 review, 29 accepted``."""
    return ", ".join(f"{count} {state}" for state, count in batch.counts().items()) or "nothing"

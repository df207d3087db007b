"""What a run shows in the Prefect UI beside its logs: the table of documents, the progress."""

from __future__ import annotations

from collections.abc import Sequence

from flows.batch import Batch, Row

KEY = "documents"
LONGEST_NAME = 48
_COLUMNS = ("document", "file", "state", "type", "number", "supplier", "total", "why", "lies in")


def table(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Return the cells of the table artifact, one row a file, outsiders' text made harmless."""
    return [dict(zip(_COLUMNS, _cells(row), strict=True)) for row in rows]


def _cells(row: Row) -> tuple[str, ...]:
    why = row.reason or row.findings
    link = f"[{plain(row.path.parent.name)}]({row.path.as_uri()})" if row.path else ""
    texts = (row.state, row.document_type, row.number, row.supplier, row.total, why)
    return (str(row.document_id), plain(_short(row.file)), *map(plain, texts), link)


def _short(name: str) -> str:
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


def plain(text: str) -> str:
    """Return text that Markdown and HTML show as it is: no links, images or tags from outside."""
    harmless = " ".join(text.split()).replace("<", "‹").replace(">", "›")
    return harmless.replace("[", "(").replace("]", ")").replace("`", "'").replace("|", "¦")


def summary(batch: Batch) -> str:
    """Return the counts in words: ``1 failed, 2 review, 29 accepted``."""
    return ", ".join(f"{count} {state}" for state, count in batch.counts().items()) or "nothing"

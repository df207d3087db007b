"""The queue's columns of ``documents``: what a line of it shows, sorts by and is found by."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from db.columns import plain
from db.values import typed
from doctally.priority import headline
from doctally.results import Extraction, Finding
from doctally.schemas import Kind

SEARCHED = (
    "supplier_name",
    "customer_name",
    "document_number",
    "order_number",
    "delivery_note_number",
    "tracking_number",
    "supplier_tax_id",
    "supplier_iban",
    "total_gross",
    "total_net",
)
LONGEST = 500


def folded(text: str) -> str:
    """Return the text as it is searched: small letters, no accents, single spaces."""
    parts = unicodedata.normalize("NFKD", plain(text)).casefold()
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())


def described(
    name: str, extraction: Extraction | None, findings: Sequence[Finding]
) -> dict[str, Any]:
    """Return the queue's columns for a document; ``name`` is its file's."""
    if extraction is None:
        empty = dict.fromkeys(("supplier", "number", "amount", "currency"))
        return {**empty, "doubts": 0, "priority": 0.0, "search": folded(name)}
    line = headline(extraction, findings)
    cells = (extraction.fields.get(field) for field in SEARCHED)
    words = [name, *(cell.value for cell in cells if cell is not None)]
    return {
        "supplier": line.supplier,
        "number": line.number,
        "amount": None if line.amount is None else typed(Kind.AMOUNT, str(line.amount)),
        "currency": line.currency,
        "doubts": line.doubts,
        "priority": line.priority,
        "search": folded(" ".join(words))[:LONGEST],
    }

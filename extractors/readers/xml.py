"""Bare XML: e-invoices, orders and what else has a standard, as records."""

from __future__ import annotations

from doctally.pages import Reading
from extractors.einvoice import read_record
from extractors.source import Source


def read(source: Source) -> Reading:
    """Return the record; raises RefusedRecord for XML that is none."""
    record = read_record(source.path.read_bytes())
    return Reading(media_type=source.media, record=None if source.pages_only else record)

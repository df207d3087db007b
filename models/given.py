"""Values that need no words on a page: those of a record, and judgements on the whole."""

from __future__ import annotations

from doctally.pages import Reading
from doctally.results import Extraction, FieldValue
from doctally.schemas import has_line_items


def lacks_lines(reading: Reading) -> bool:
    """Tell whether a record's profile left out lines that its pages may print."""
    record = reading.record
    return (
        record is not None
        and not record.line_items
        and has_line_items(record.document_type)
        and any(page.words for page in reading.pages)
    )


def judged(answer: str, confidence: float) -> FieldValue:
    """Return a judgement on the whole document as a value that stands on no single word."""
    return FieldValue(value=answer, confidence=min(confidence, 0.9999), source="derived")


def from_record(reading: Reading) -> Extraction:
    """Return the record's values, each with confidence 1."""
    record = reading.record
    if record is None:
        raise ValueError("the reading carries no record")

    def value(text: str) -> FieldValue:
        return FieldValue(value=text, confidence=1.0, source=record.source, text=text)

    return Extraction(
        record.document_type,
        1.0,
        {name: value(text) for name, text in record.fields.items()},
        tuple({n: value(t) for n, t in row.items()} for row in record.line_items),
        events=record.events,
    )

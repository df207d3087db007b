"""How far OCR lowers a value's confidence: a value is right only if its words were read right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from doctally.pages import Page, Word
from doctally.results import Extraction, FieldValue

_SLOPE, _SHIFT = 0.81, -0.73
"""The odds that a word was read right are a line in the log-odds that OCR gives (like
``models.calibration``); fitted on 1,577 words of receipts that the bank may train on: what OCR
is sure of at 0.90 is right at 0.74, 0.95 at 0.84, 0.99 at 0.95, 0.999 at 0.99."""


def read_right(confidence: float) -> float:
    """Return the probability that a word which OCR gives this confidence is what is printed."""
    kept = min(max(confidence, 1e-3), 1 - 1e-3)
    return 1 / (1 + math.exp(-(_SLOPE * math.log(kept / (1 - kept)) + _SHIFT)))


def as_read(found: Extraction, pages: Sequence[Page]) -> Extraction:
    """Return the extraction with values on pages read by OCR as sure as their words allow.

    Values of text layers, and those that stand on no page, stay as they are.
    """
    scanned = {page.number: page for page in pages if page.source == "ocr"}
    if not scanned:
        return found

    def lowered(value: FieldValue) -> FieldValue:
        page = scanned.get(value.page or 0)
        if page is None or value.box is None:
            return value
        chance = math.prod(read_right(word.confidence) for word in _words(value, page))
        return replace(value, confidence=value.confidence * chance)

    return replace(
        found,
        fields={name: lowered(value) for name, value in found.fields.items()},
        line_items=tuple(
            {name: lowered(value) for name, value in row.items()} for row in found.line_items
        ),
    )


def _words(value: FieldValue, page: Page) -> list[Word]:
    """Return the value's words: those of its text that stand in its box, each once."""
    box = value.box
    if box is None:
        return []
    parts = [part.strip(",;") for part in value.text.split()]
    found = []
    for word in page.words:
        across, down = (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2
        text = word.text.strip(",;")
        if box.x0 <= across <= box.x1 and box.y0 <= down <= box.y1 and text in parts:
            parts.remove(text)
            found.append(word)
    return found

"""The words of a page as bytes: compressed JSON, one short list a word.

Each word is [text, x0, y0, x1, y1, size, bold, confidence]; the box in fractions of the page
with five decimals, the size in points.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable

from doctally.pages import Box, Word


def packed(words: Iterable[Word]) -> bytes:
    """Return the words as bytes."""
    rows = [
        [
            word.text,
            *(round(float(v), 5) for v in (word.box.x0, word.box.y0, word.box.x1, word.box.y1)),
            round(float(word.size), 2),
            int(word.bold),
            round(float(word.confidence), 4),
        ]
        for word in words
    ]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())


def unpacked(data: bytes) -> tuple[Word, ...]:
    """Return the words that ``packed`` has made bytes of."""
    return tuple(
        Word(text, Box(x0, y0, x1, y1), size, bool(bold), confidence)
        for text, x0, y0, x1, y1, size, bold, confidence in json.loads(zlib.decompress(data))
    )

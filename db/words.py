"""The words of a page as bytes: compressed JSON, one short list a word.

Each word is [text, x0, y0, x1, y1, size, bold, confidence] with whole numbers: the box in
1/100,000 of the page, the size in 1/100 point, the confidence in 1/10,000.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable

from doctally.pages import Box, Word


def packed(words: Iterable[Word]) -> bytes:
    """Return the words as bytes."""
    rows = [
        (
            word.text,
            round(word.box.x0 * 100_000),
            round(word.box.y0 * 100_000),
            round(word.box.x1 * 100_000),
            round(word.box.y1 * 100_000),
            round(word.size * 100),
            int(word.bold),
            round(word.confidence * 10_000),
        )
        for word in words
    ]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())


def unpacked(data: bytes) -> tuple[Word, ...]:
    """Return the words that ``packed`` has made bytes of."""
    return tuple(
        Word(
            text,
            Box(x0 / 100_000, y0 / 100_000, x1 / 100_000, y1 / 100_000),
            size / 100,
            bool(bold),
            confidence / 10_000,
        )
        for text, x0, y0, x1, y1, size, bold, confidence in json.loads(zlib.decompress(data))
    )

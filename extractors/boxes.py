"""Words of a text box that is known as a whole (a transcript's line, plain text)."""

from __future__ import annotations

import re

from extractors.layout import Run


def split_box(text: str, x0: float, y0: float, x1: float, y1: float) -> list[Run]:
    """Return the words of the box, each as wide as its share of the box's letters."""
    each = (x1 - x0) / max(len(text), 1)
    return [
        Run(
            found.group(),
            x0 + found.start() * each,
            y0,
            x0 + found.end() * each,
            y1,
            size=y1 - y0,
        )
        for found in re.finditer(r"\S+", text)
    ]

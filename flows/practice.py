"""Practice papers: synthetic documents with exact labels, to train beside and to judge by.

They guard what the bank knows of papers that nobody here has corrected yet. The generator is part
of the development extras; without it there are none.
"""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from doctally.pages import Box, Reading
from doctally.results import FieldValue
from models.lessons import Lesson

SEED = 20_261
COUNT = 60
NEEDED = ("faker", "reportlab")


def practice_papers() -> tuple[Lesson, ...]:
    """Return ``COUNT`` synthetic documents, always the same ones, or none without generator.

    Their ids are negative: no document of the database has such.
    """
    if not all(map(find_spec, NEEDED)):
        return ()
    from extractors.read import read
    from synth.generate import make

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for index in range(COUNT):
            data, labels = make(SEED, index)
            path = Path(folder) / "paper.pdf"
            path.write_bytes(data)
            found.append(as_lesson(-1 - index, read(path, pages_only=True), labels))
    return tuple(found)


def as_lesson(number: int, reading: Reading, labels: dict[str, Any]) -> Lesson:
    """Return a synthetic document and its labels as a confirmed one."""
    boxes = labels.get("boxes", {})
    rows = labels.get("item_boxes", ())
    return Lesson(
        document_id=number,
        reading=reading,
        document_type=labels["document_type"],
        fields={
            name: _value(value, (boxes.get(name) or [[]])[0])
            for name, value in labels["fields"].items()
        },
        line_items=tuple(
            {
                name: _value(value, rows[row].get(name, ()) if row < len(rows) else ())
                for name, value in cells.items()
            }
            for row, cells in enumerate(labels.get("line_items") or ())
        ),
    )


def _value(text: str, fragments: Any) -> FieldValue:
    """Return a labelled value with the box around its fragments on their first page."""
    first = [f for f in fragments if f[0] == fragments[0][0]]
    box = None
    for _, *corners in first:
        box = Box(*corners) if box is None else box.union(Box(*corners))
    return FieldValue(text, 1.0, int(first[0][0]) if first else None, box, "human", text)

"""Which field's value stands where on the pages, and what somebody has pointed at."""

from __future__ import annotations

from collections.abc import Mapping

from doctally.pages import Box
from doctally.pick import Picked, at_point, in_box
from doctally.results import FieldValue
from doctally.review.draft import Draft, cell_path, kind_of
from doctally.review.look import shade
from doctally.review.viewer import Mark


def marks_of(draft: Draft) -> dict[str, Mark]:
    """Return the place of every value that is on a page, by field."""
    cells: dict[str, FieldValue] = dict(draft.now.fields)
    for row, line in enumerate(draft.lines()):
        cells |= {cell_path(row, name): cell for name, cell in line.items()}
    least = draft.accept_confidence
    return {
        path: Mark(cell.page, cell.box, shade(cell.confidence, cell.source, least))
        for path, cell in cells.items()
        if cell.page is not None and cell.box is not None
    }


def field_at(marks: Mapping[str, Mark], number: int, x: float, y: float) -> str | None:
    """Return the field whose value stands at a point of a page, the narrowest of several."""
    here = [
        (mark.box.x1 - mark.box.x0, path)
        for path, mark in marks.items()
        if mark.page == number
        and mark.box.x0 <= x <= mark.box.x1
        and mark.box.y0 <= y <= mark.box.y1
    ]
    return min(here)[1] if here else None


def picked_for(draft: Draft, path: str, number: int, box: Box) -> Picked | None:
    """Return the words in a box of a page, or at the point that it is, as a field's value."""
    page = next(page for page in draft.pages if page.number == number)
    kind, locale = kind_of(path), draft.locale
    if box.x0 == box.x1:
        return at_point(page, box.x0, box.y0, kind=kind, locale=locale)
    return in_box(page, box, kind=kind, locale=locale)

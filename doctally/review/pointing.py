"""Pointing at the page: the words there fill the current field, or lead to the field of a box."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from doctally.edits import Given
from doctally.pages import Box
from doctally.review.draft import Draft, kind_of
from doctally.review.marks import field_at, marks_of, picked_for


class Pointing:
    """What happens where somebody points; ``take`` hears of a value, ``go`` of another field."""

    def __init__(
        self, draft: Draft, *, take: Callable[[Given], None], go: Callable[[str], None]
    ) -> None:
        self.draft = draft
        self.take = take
        self.go = go

    def at(self, current: str | None, number: int, box: Box, *, other: bool) -> None:
        """Fill the current field with the words in a box of a page, or go to that box's field."""
        if other or current is None:
            middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
            path = field_at(marks_of(self.draft), number, *middle)
            if path is not None:
                self.go(path)
            return
        picked = picked_for(self.draft, current, number, box)
        if picked is None:
            ui.notify("There are no words there.", timeout=1500)
        elif picked.value is None:
            kind = str(kind_of(current)).replace("_", " ")
            ui.notify(f"“{picked.text[:60]}” is no {kind}.", timeout=2500)
        else:
            box = picked.box
            place = (box.x0, box.y0, box.x1, box.y1)
            self.take(Given(value=picked.value, page=picked.page, box=place, text=picked.text))

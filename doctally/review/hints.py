"""Suggestions for the current field: from the page, from earlier documents, as typed so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from db import memory
from db.database import Database
from doctally.edits import Given
from doctally.review.draft import Draft, kind_of, split_path
from doctally.review.look import spoken
from doctally.schemas import Kind
from doctally.suggest import on_pages

MOST = 6


@dataclass(frozen=True, slots=True)
class Hint:
    """A value that the field may have, and where it is known from."""

    given: Given
    source: str


def hints_for(draft: Draft, database: Database, path: str) -> list[Hint]:
    """Return other values for a field than the one it has, best first."""
    row, name = split_path(path)
    found = draft.value(path)
    now = found.value if found else ""
    hints: list[Hint] = []
    supplier = draft.value("supplier_name")
    if row is None and name.startswith("supplier_") and supplier and name != "supplier_name":
        number = draft.found.summary.document_id
        for value in memory.usual(database, name, supplier=supplier.value, but=number):
            hints.append(Hint(Given(value=value), f"usual for {supplier.value}"))
    kind = kind_of(path)
    if row is None and kind is Kind.NAME and now:
        hints += [Hint(Given(value=v), "seen before") for v in memory.known(database, name, now)]
    for picked in on_pages(draft.pages, kind=kind, locale=draft.locale):
        given = Given(
            value=picked.value or "",
            page=picked.page,
            box=(picked.box.x0, picked.box.y0, picked.box.x1, picked.box.y1),
            text=picked.text,
        )
        hints.append(Hint(given, f"on page {picked.page}"))
    unique = {hint.given.value: hint for hint in reversed(hints) if hint.given.value != now}
    return list(reversed(unique.values()))[:MOST]


class Hints:
    """A row of suggestions; ``taken`` hears of the one chosen."""

    def __init__(self, taken: Callable[[Given], None]) -> None:
        self.taken = taken
        self.shown: Sequence[Hint] = ()
        self.row = (
            ui.element("div").classes("dt-hints").props('role=group aria-label="Suggestions"')
        )

    def show(self, path: str | None, hints: Sequence[Hint]) -> None:
        """Show the suggestions for a field."""
        if [hint.given for hint in hints] == [hint.given for hint in self.shown]:
            return
        self.shown = hints
        self.row.clear()
        if path is None or not hints:
            return
        with self.row:
            ui.label(f"{spoken(split_path(path)[1])}:").classes("dt-soft").style("padding-top:4px")
            for number, hint in enumerate(hints, start=1):
                button = ui.button(
                    hint.given.value, on_click=lambda given=hint.given: self.taken(given)
                )
                button.props("outline dense").tooltip(f"{hint.source} · Alt+{number}")

    def take(self, number: int) -> None:
        """Choose a suggestion by its number, from 1."""
        if 1 <= number <= len(self.shown):
            self.taken(self.shown[number - 1].given)

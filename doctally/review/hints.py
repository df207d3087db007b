"""Suggestions for the current field: from the page, from earlier documents, as typed so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from db import memory, suppliers
from db.database import Database
from doctally.edits import Given
from doctally.review.draft import Draft, kind_of, split_path
from doctally.review.look import spoken
from doctally.schemas import DocumentType, Kind
from doctally.suggest import on_pages
from doctally.suppliers import Supplier, seen_in

MOST = 6
_NAMED = {
    "order_number": DocumentType.PURCHASE_ORDER,
    "delivery_note_number": DocumentType.SHIPMENT_NOTICE,
}
"""Fields that name another paper of the supplier."""


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
    if row is None and name.startswith("supplier_"):
        master = suppliers.resolve(database, seen_in(draft.now))
        if master is not None:
            known = f"master data of {master.supplier.name}"
            hints += [Hint(Given(value=v), known) for v in _kept(master.supplier, name)]
    if name in _NAMED and supplier:
        kind_named = _NAMED[name]
        told = f"{spoken(str(kind_named)).lower()} of {supplier.value}"
        for value in memory.numbers(database, kind_named, supplier=supplier.value):
            hints.append(Hint(Given(value=value), told))
    if row is None and name.startswith("supplier_") and supplier and name != "supplier_name":
        number = draft.found.summary.document_id
        for value in memory.usual(database, name, supplier=supplier.value, but=number):
            hints.append(Hint(Given(value=value), f"usual for {supplier.value}"))
    kind = kind_of(path)
    if row is None and kind is Kind.NAME and now:
        hints += [Hint(Given(value=v), "seen before") for v in memory.known(database, name, now)]
    elsewhere = {v.value for n, v in draft.now.fields.items() if n != name}
    for picked in on_pages(draft.pages, kind=kind, locale=draft.locale):
        if kind is Kind.IDENTIFIER and picked.value in elsewhere:
            continue  # it is another field's number already
        given = Given(
            value=picked.value or "",
            page=picked.page,
            box=(picked.box.x0, picked.box.y0, picked.box.x1, picked.box.y1),
            text=picked.text,
        )
        hints.append(Hint(given, f"on page {picked.page}"))
    unique = {hint.given.value: hint for hint in reversed(hints) if hint.given.value != now}
    return list(reversed(unique.values()))[:MOST]


def _kept(supplier: Supplier, name: str) -> tuple[str, ...]:
    """Return what the master data have for a field."""
    match name:
        case "supplier_name":
            return (supplier.name, *supplier.aliases)
        case "supplier_tax_id":
            return supplier.tax_ids
        case "supplier_iban":
            return supplier.ibans
        case "supplier_address":
            return (supplier.address,) if supplier.address else ()
    return ()


class Hints:
    """A row of suggestions; ``taken`` hears of the one chosen."""

    def __init__(self, taken: Callable[[Given], None]) -> None:
        self.taken = taken
        self.shown: Sequence[Hint] = ()
        self.path: str | None = None
        self.row = (
            ui.element("div").classes("dt-hints").props('role=group aria-label="Suggestions"')
        )

    def show(self, path: str | None, hints: Sequence[Hint]) -> None:
        """Show the suggestions for a field."""
        if path == self.path and [h.given for h in hints] == [h.given for h in self.shown]:
            return
        self.path, self.shown = path, hints
        self.row.clear()
        if path is None or not hints:
            return
        with self.row:
            ui.label(f"{spoken(split_path(path)[1])}:").classes("dt-soft").style("padding-top:4px")
            for number, hint in enumerate(hints, start=1):
                button = ui.button(
                    hint.given.value, on_click=lambda given=hint.given: self.taken(given)
                )
                button.props("outline dense")
                button.props["title"] = f"{hint.source} · Alt+{number}"

    def take(self, number: int) -> None:
        """Choose a suggestion by its number, from 1."""
        if 1 <= number <= len(self.shown):
            self.taken(self.shown[number - 1].given)

"""The queue: what waits for a person, the most doubtful and valuable first; filters and search."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

from nicegui import events, ui

from db.review import Entry, Order, Place, place_of, queue, stand, suppliers, total
from doctally.codes import CODES
from doctally.people import Identity
from doctally.results import Severity, State
from doctally.review.banner import held_by
from doctally.review.look import spoken
from doctally.review.office import Office
from doctally.review.onward import Choice, Prepare
from doctally.review.widgets import heading
from doctally.schemas import DocumentType

PAGE = 50
ANY = ""
_LATER_S = 0.8
_AGAIN_S = 2.0
"""So often it is asked whether anything has changed."""
_TYPING_S = 2.0
"""So long after a letter of a search nothing moves by itself."""
STATES = (State.REVIEW, State.CONFIRMED, State.ACCEPTED, State.FAILED)
COLUMNS = (
    ("doubts", "Doubts", "right"),
    ("supplier", "Supplier", "left"),
    ("number", "Number", "left"),
    ("type", "Type", "left"),
    ("amount", "Amount", "right"),
    ("reason", "Why", "left"),
    ("changed", "Since", "left"),
    ("file", "File", "left"),
)
LINK = """
<q-td :props="props"><a :href="'/documents/' + props.row.id">{{ props.value }}</a>
<span class="dt-soft">{{ props.row.held }}</span></q-td>
"""
NOTHING = '<span class="dt-soft">Nothing waits here, or nothing fits what is chosen above.</span>'


class QueuePage:
    """One browser's queue."""

    def __init__(
        self, office: Office, identity: Identity, choice: Choice, *, prepare: Prepare
    ) -> None:
        self.office = office
        self.identity = identity
        self.choice = choice
        self.prepare = prepare
        self.client = ui.context.client
        self.last: Place | None = None
        self.searched = 0.0
        self.soon: ui.timer | None = None
        with ui.element("div").classes("dt-main") as self.main:
            self._filters()
            with ui.row().classes("items-center full-width").style("gap: 12px"):
                self.count = ui.label().classes("dt-soft").props("role=status")
            self.table = self._table()
            self.more = ui.button("Show more", on_click=self.show_more).props("flat")
            ui.timer(_AGAIN_S, self.look_again, immediate=False)
        self.reload()

    def _filters(self) -> None:
        wanted = self.choice.wanted
        with ui.row().classes("items-center full-width").style("gap: 8px"):
            heading("Queue", 1)
            self.search = (
                ui.input("Search", value=wanted.search, on_change=self._searched)
                .props('outlined dense clearable debounce=200 type=search data-field="search"')
                .style("width: 220px")
            )
            self._select("State", {ANY: "Any", **_spoken(STATES)}, wanted.state, self._state)
            types = {ANY: "Any", **_spoken(DocumentType)}
            self._select("Type", types, wanted.document_type, self._type)
            known = suppliers(self.office.database, state=wanted.state)
            names = {ANY: "Any", **{name: f"{name} ({n})" for name, n in known.items()}}
            self._select("Supplier", names, wanted.supplier, self._supplier, width=210)
            codes = [code for code, about in CODES.items() if about.severity is not Severity.INFO]
            findings = {ANY: "Any", **{code: spoken(code) for code in codes}}
            self._select("Finding", findings, wanted.finding, self._finding, width=190)
            orders = {
                Order.URGENT: "Most urgent first",
                Order.NEWEST: "Newest first",
                Order.OLDEST: "Oldest first",
            }
            self._select("Order", orders, self.choice.order, self._order, width=170)

    def _select(
        self, label: str, options: dict[Any, str], value: Any, changed: Any, width: int = 140
    ) -> None:
        chosen = value if value in options else ANY if ANY in options else next(iter(options))
        ui.select(options, label=label, value=chosen, on_change=changed).props(
            "outlined dense options-dense"
        ).style(f"width: {width}px")

    def _table(self) -> ui.table:
        columns = [
            {"name": name, "label": label, "field": name, "align": align}
            for name, label, align in COLUMNS
        ]
        table = ui.table(columns=columns, rows=[], row_key="id").classes("dt-table dt-queue")
        table.props('flat bordered dense hide-pagination :rows-per-page-options="[0]"')
        table.props('table-aria-label="Documents"')
        table.add_slot("no-data", NOTHING)
        table.add_slot("body-cell-supplier", LINK)
        table.on("row-click", lambda event: ui.navigate.to(f"/documents/{event.args[1]['id']}"))
        return table

    def reload(self, limit: int = PAGE) -> None:
        """Show the first of the queue as they are now, and make the very first ready."""
        self.stand = stand(self.office.database, now=self.office.now())
        self.last = None
        self._show(self._following(limit))
        self.more.visible = len(self.table.rows) == limit
        if self.soon is not None:
            self.soon.cancel()
        first = next((row["id"] for row in self.table.rows if not row["held"]), None)
        if first is not None:
            with self.main:
                self.soon = ui.timer(_LATER_S, partial(self.prepare, first), once=True)
        number = total(self.office.database, self.choice.wanted)
        self.count.set_text("1 document" if number == 1 else f"{number:,} documents")

    def show_more(self) -> None:
        """Add the next page."""
        found = self._following(PAGE)
        self._show([*self.table.rows, *found])
        self.more.visible = len(found) == PAGE

    def look_again(self) -> None:
        """Show what has come or gone meanwhile, as many lines as before."""
        typing = time.monotonic() - self.searched < _TYPING_S
        if typing or not self.client.has_socket_connection:
            return
        if stand(self.office.database, now=self.office.now()) != self.stand:
            self.reload(max(len(self.table.rows), PAGE))

    def _following(self, limit: int) -> list[dict[str, Any]]:
        found = queue(
            self.office.database,
            self.choice.wanted,
            now=self.office.now(),
            order=self.choice.order,
            after=self.last,
            limit=limit,
        )
        if found:
            self.last = place_of(found[-1])
        return [_row(one, self.identity) for one in found]

    def _show(self, rows: list[dict[str, Any]]) -> None:
        if rows != self.table.rows:
            self.table.rows = rows
            self.table.update()

    def _want(self, **changed: Any) -> None:
        self.choice.wanted = replace(self.choice.wanted, **changed)
        self.reload()

    def _searched(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        self.searched = time.monotonic()
        self._want(search=event.value or "")

    def _state(self, event: events.ValueChangeEventArguments[str]) -> None:
        self._want(state=State(event.value) if event.value else None)

    def _type(self, event: events.ValueChangeEventArguments[str]) -> None:
        self._want(document_type=DocumentType(event.value) if event.value else None)

    def _supplier(self, event: events.ValueChangeEventArguments[str]) -> None:
        self._want(supplier=event.value or None)

    def _finding(self, event: events.ValueChangeEventArguments[str]) -> None:
        self._want(finding=event.value or None)

    def _order(self, event: events.ValueChangeEventArguments[str]) -> None:
        self.choice.order = Order(event.value)
        self.reload()


def _spoken(values: Any) -> dict[str, str]:
    return {str(value): spoken(str(value)) for value in values}


def _row(entry: Entry, identity: Identity) -> dict[str, Any]:
    amount = "" if entry.amount is None else f"{entry.amount:,} {entry.currency or ''}".strip()
    return {
        "id": entry.document_id,
        "doubts": entry.doubts or "",
        "supplier": entry.supplier or "(unknown)",
        "number": entry.number or "",
        "type": spoken(str(entry.document_type or "")),
        "amount": amount,
        "reason": spoken(entry.reason_code) or spoken(str(entry.state)),
        "changed": f"{entry.updated_at.astimezone():%d %b %H:%M}",
        "file": entry.name,
        "held": f" · {held_by(entry.held_by, identity)} it open" if entry.held_by else "",
    }

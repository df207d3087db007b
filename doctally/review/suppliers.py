"""The suppliers: who sends documents, what is known of them, how well their papers are read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from nicegui import ui

from db import accuracy, review
from db.suppliers import suppliers as master
from doctally.results import State
from doctally.review.frame import PLACES, Place, frame
from doctally.review.office import Office
from doctally.review.widgets import heading
from doctally.suppliers import Supplier

PATH = "/suppliers"
MOST = 500
RECENT = timedelta(days=90)
COLUMNS = (
    ("name", "Supplier", "left"),
    ("documents", "Documents", "right"),
    ("review", "In review", "right"),
    ("right", "Values right", "right"),
    ("numbers", "Tax numbers", "left"),
    ("accounts", "Accounts", "left"),
    ("aliases", "Also called", "left"),
)
LINK = """<q-td :props="props"><a v-if="props.value" class="dt-link"
 :href="props.row.link">{{ props.value }}</a><span v-else>0</span></q-td>"""


@dataclass(frozen=True, slots=True)
class House:
    """A supplier as documents name it, with what the master data know."""

    name: str
    documents: int
    waiting: int
    right: float | None
    known: Supplier | None


def register(office: Office) -> None:
    """Add the page."""
    PLACES.append(Place("Suppliers", PATH))

    @ui.page(PATH, title="Suppliers · doctally", response_timeout=60)
    async def suppliers() -> None:
        """Show the suppliers with most documents."""
        with frame(here=PATH), ui.element("div").classes("dt-main"):
            found = await asyncio.to_thread(houses, office)
            with ui.row().classes("items-center full-width").style("gap: 12px"):
                heading("Suppliers", 1)
                ui.space()
                search = ui.input("Search").props("outlined dense clearable type=search")
            told = f"{len(found)} suppliers"
            if len(found) >= MOST:
                told = f"The {MOST} suppliers with most documents, and those of the master data"
            ui.label(told).classes("dt-soft")
            columns: list[dict[str, Any]] = [
                {"name": n, "label": label, "field": n, "align": align, "sortable": True}
                for n, label, align in COLUMNS
            ]
            table = ui.table(
                columns=columns, rows=[_row(h) for h in found], row_key="name", pagination=50
            )
            table.props("flat dense wrap-cells").classes("dt-table dt-still")
            table.add_slot("body-cell-review", LINK)
            table.bind_filter_from(search, "value", lambda text: text or "")


def houses(office: Office) -> list[House]:
    """Return the suppliers, those with most documents first, then those only in the master."""
    database = office.database
    every = review.suppliers(database, state=None, limit=MOST)
    waiting = review.suppliers(database, state=State.REVIEW, limit=10 * MOST)
    since = office.now() - RECENT
    judged = {
        one.name: one.share for one in accuracy.by_supplier(database, since=since, limit=MOST)
    }
    known = {name.casefold(): one for one in master(database) for name in (*one.aliases, one.name)}
    found = [
        House(name, number, waiting.get(name, 0), judged.get(name), known.get(name.casefold()))
        for name, number in every.items()
    ]
    named = {house.known.supplier_id for house in found if house.known}
    rest = {one.supplier_id: one for one in known.values() if one.supplier_id not in named}
    return [*found, *(House(one.name, 0, 0, None, one) for one in rest.values())]


def _row(house: House) -> dict[str, Any]:
    known = house.known
    return {
        "name": house.name,
        "documents": house.documents,
        "review": house.waiting,
        "link": f"/?supplier={quote(house.name)}",
        "right": "" if house.right is None else f"{100 * house.right:.1f} %",
        "numbers": ", ".join(known.tax_ids) if known else "",
        "accounts": ", ".join(known.ibans) if known else "",
        "aliases": ", ".join(known.aliases) if known else "",
    }

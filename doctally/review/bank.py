"""The versions of the prompt bank: what each was measured at beside the one before; roll-back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nicegui import ui

from db import audit
from db.corrections import corrections
from doctally.errors import DoctallyError
from doctally.people import Role
from doctally.review.charts import card, nothing
from doctally.review.frame import PLACES, Place, frame
from doctally.review.learnt import learnt_card
from doctally.review.left_out import left_out_card
from doctally.review.look import spoken
from doctally.review.office import Office
from doctally.review.whoami import still
from doctally.review.widgets import heading
from models import cards
from models.lineage import ancestors, bank_of, refused, roll_back

PATH = "/bank"
MEASURES = (
    ("document_type_accuracy", "document type"),
    ("header", "header values, F1"),
    ("line_items", "line items, F1"),
    ("calibration_error", "calibration error"),
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The versions that are there, the newest first, the one in use, and where back leads."""

    versions: tuple[cards.Version, ...]
    active: cards.Version
    before: str | None
    refused: frozenset[str]


def register(office: Office) -> None:
    """Add the page."""
    PLACES.append(Place("Model", PATH))

    @ui.page(PATH, title="Model · doctally", response_timeout=60)
    async def bank() -> None:
        """Show the versions."""
        with frame(here=PATH) as identity, ui.element("div").classes("dt-main"):
            heading("Versions of the model", 1)
            try:
                found = await asyncio.to_thread(shelf, bank_of(office.settings))
            except DoctallyError as error:
                ui.label(error.message)
                return
            _top(office, found, administers=identity.may(Role.ADMIN))
            learnt_card(found.active.card)
            left_out_card(await asyncio.to_thread(corrections, office.database, flagged=True))
            _comparison(found)
            _table(found)


def shelf(bank: Path) -> Shelf:
    """Return the versions of a bank; raises ConfigurationError if there is none."""
    active = cards.active(bank)
    before = next((name for name in ancestors(active) if (bank / name).is_dir()), None)
    newest = tuple(reversed(cards.versions(bank)))
    return Shelf(newest, active, before, refused(bank))


def back(office: Office, who: str) -> str:
    """Return the version that serves after the roll-back, which is in the audit trail.

    Raises ConfigurationError if there is no earlier version.
    """
    bank = bank_of(office.settings)
    left = cards.active(bank).name
    new = roll_back(bank).name
    with office.database.write() as session:
        audit.write(
            session, who=who, action="bank_rolled_back", old=left, new=new, now=office.now()
        )
    return new


def _top(office: Office, found: Shelf, *, administers: bool) -> None:
    request = ui.context.client.request
    question = ui.dialog().props('aria-label="Roll back"')

    async def confirmed() -> None:
        question.close()
        try:
            who = await still(request, Role.ADMIN)
            await asyncio.to_thread(back, office, who.name)
        except DoctallyError as error:
            ui.notify(error.message, type="negative")
            return
        ui.navigate.reload()

    with ui.row().classes("items-center full-width").style("gap: 12px"):
        ui.label(f"In use: {found.active.name}, made {_made(found.active)}")
        if administers and found.before:
            ui.button("Roll back", icon="undo", on_click=question.open).props("outline")
        elif administers:
            ui.label("There is no earlier version to go back to.").classes("dt-soft")
    with question, ui.card():
        heading("Roll back?", 2)
        ui.label(
            f"The next batch is read with {found.before} instead of {found.active.name}. "
            "Learning does not come back to it until there are new corrections."
        )
        with ui.row().classes("justify-end full-width"):
            ui.button("Keep", on_click=question.close).props("flat")
            ui.button("Roll back", on_click=confirmed).classes("dt-confirm")


def _comparison(found: Shelf) -> None:
    inherited = bool(found.active.card.get("learnt"))
    parent = next((v for v in found.versions if v.name == found.before and not inherited), None)
    now, then = scores(found.active.card), scores(parent.card) if parent else {}
    told = "Held-out documents of suppliers that training never saw"
    told += f"; beside version {parent.name}." if parent else "."
    if inherited:  # a card takes these figures from its parent's
        told += " Measured before it learnt from corrections."
    with card("How well it reads", told=told, wide=True):
        if not now:
            nothing("This version's card has no figures of held-out documents.")
            return
        rows = [
            {
                "id": f"{group} {measure}",
                "group": spoken(group),
                "measure": measure,
                "now": f"{value:.3f}",
                "then": "" if (old := then.get((group, measure))) is None else f"{old:.3f}",
                "change": "" if old is None else f"{value - old:+.3f}",
            }
            for (group, measure), value in now.items()
        ]
        columns: list[dict[str, Any]] = [
            {"name": "group", "label": "Documents", "field": "group", "align": "left"},
            {"name": "measure", "label": "Measure", "field": "measure", "align": "left"},
            {"name": "now", "label": "In use", "field": "now", "align": "right"},
        ]
        if parent:
            columns += [
                {"name": "then", "label": "Before", "field": "then", "align": "right"},
                {"name": "change", "label": "Change", "field": "change", "align": "right"},
            ]
        _still(ui.table(columns=columns, rows=rows, row_key="id"))


def _table(found: Shelf) -> None:
    with card("All versions", wide=True):
        rows = [
            {
                "id": v.name,
                "state": _state(found, v.name),
                "made": _made(v),
                "from": str(v.card.get("parent") or ""),
                "how": how(v.card),
                "numbers": f"{int(v.card.get('trained_numbers', 0)):,}",
            }
            for v in found.versions
        ]
        labels = {
            "id": "Version",
            "state": "State",
            "made": "Made",
            "from": "Came from",
            "how": "By",
            "numbers": "Trained numbers",
        }
        columns = [
            {"name": n, "label": t, "field": n, "align": "right" if n == "numbers" else "left"}
            for n, t in labels.items()
        ]
        _still(ui.table(columns=columns, rows=rows, row_key="id"))


def scores(told: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """Return the figures of a card's held-out documents, by group and measure."""
    found: dict[tuple[str, str], float] = {}
    held_out = told.get("held_out")
    for group, figures in held_out.items() if isinstance(held_out, Mapping) else ():
        if not isinstance(figures, Mapping):
            continue
        for name, measure in MEASURES:
            value = figures.get(name)
            if isinstance(value, Mapping):
                value = value.get("f1") if value.get("values") else None
            if isinstance(value, int | float):
                found[str(group), measure] = float(value)
    return found


def how(told: Mapping[str, Any]) -> str:
    """Return in words how a version was made."""
    learnt = told.get("learnt")
    if isinstance(learnt, Mapping):
        number = learnt.get("documents", 0)
        return f"learning from {number} corrected document{'s' * (number != 1)}"
    if told.get("adapted"):
        return f"training of the task {spoken(str(told['adapted'])).lower()}"
    steps = told.get("steps")
    return f"training of {steps:,} steps" if steps else "training"


def _state(found: Shelf, name: str) -> str:
    if name == found.active.name:
        return "In use"
    return "Rolled back from" if name in found.refused else ""


def _made(version: cards.Version) -> str:
    return str(version.card.get("created", ""))[:16].replace("T", " ")


def _still(table: ui.table) -> None:
    table.props("flat dense hide-bottom wrap-cells").classes("dt-table dt-still")

"""The spend category of a bill's sender: shown beside its values, and put right there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from db import categories as stored
from db.database import Database
from db.documents import StoredDocument
from doctally.categories import load_categories
from doctally.errors import ConfigurationError
from doctally.people import Identity
from doctally.settings import Settings
from doctally.suppliers import seen_in


def spend_category(
    found: StoredDocument,
    *,
    database: Database,
    settings: Settings,
    identity: Identity,
    now: Callable[[], datetime],
    read_only: bool,
) -> None:
    """Show what is bought from the sender of a bill; what a person chooses is an example.

    Shown for bills alone; nothing is shown while the list of categories does not fit.
    """
    extraction = found.extraction
    if extraction is None or extraction.document_type not in stored.BILLS:
        return
    seen = seen_in(extraction)
    if not seen.name:
        return
    try:
        names = {one.key: one.name for one in load_categories(settings.categories)}
    except ConfigurationError:
        return
    category, source = stored.category_of(database, seen)
    label = f"Spend category of {seen.name}"

    def said(event: ValueChangeEventArguments[str | None]) -> None:
        number, chosen = found.summary.document_id, str(event.value)
        stored.say(database, seen, chosen, who=identity.name, document_id=number, now=now())
        ui.notify(f"{seen.name}: {names[chosen]}")

    if read_only:
        ui.label(f"{label}: {names.get(category, category) or 'not known yet'}").classes("dt-soft")
        return
    box = ui.select(
        names, label=label, value=category if category in names else None, on_change=said
    )
    box.props("outlined dense options-dense").classes("full-width").style("margin-top: 12px")
    if source == stored.MODEL:
        box.props('hint="as the model says; choose to put it right"')

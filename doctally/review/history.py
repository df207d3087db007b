"""A document's full history: each step of its life and each change by a person, in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from db import audit, documents
from db.corrections import corrections
from db.detail import StoredDocument
from doctally.errors import DoctallyError
from doctally.review.about import called, doer
from doctally.review.frame import frame
from doctally.review.left_out import about_what, why
from doctally.review.look import spoken
from doctally.review.office import Office
from doctally.review.widgets import heading

MOST = 2000
COLUMNS = (("at", "When (UTC)"), ("who", "Who"), ("what", "What"), ("old", "Old"), ("new", "New"))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a document."""

    at: datetime
    who: str
    what: str
    old: str = ""
    new: str = ""


def register(office: Office) -> None:
    """Add the page ``/history/7``."""

    @ui.page("/history/{document_id}", title="History · doctally", response_timeout=60)
    async def history(document_id: int) -> None:
        """Show one document's history."""
        with frame(here=""), ui.element("div").classes("dt-main"):
            try:
                found = await asyncio.to_thread(documents.document, office.database, document_id)
            except DoctallyError as error:
                heading("History", 1)
                ui.label(error.message)
                return
            events = await asyncio.to_thread(events_of, office, found)
            _show(found, events)


def events_of(office: Office, found: StoredDocument) -> list[Event]:
    """Return all that happened to a document, oldest first."""
    steps = [
        Event(
            at=step.at,
            who=doer(step.owner),
            what=spoken(step.reason_code) if step.reason_code else "Step",
            old=spoken(str(step.before)) if step.before else "",
            new=spoken(str(step.after)),
        )
        for step in found.history
    ]
    came = [
        Event(one.arrived_at, "", "Came again", new="/".join((*one.tags, one.name)))
        for one in found.arrivals
    ]
    changes = [
        Event(
            at=entry.at,
            who=entry.who,
            what=spoken(entry.action) + (f": {called(entry.field)}" if entry.field else ""),
            old=entry.old or "",
            new=entry.new or "",
        )
        for entry in reversed(audit.trail(office.database, found.summary.document_id, limit=MOST))
    ]
    kept = corrections(office.database, document_id=found.summary.document_id, flagged=True)
    doubted = [
        Event(one.at, "doctally", f"Not learnt: {about_what(one)}", new=why(one)) for one in kept
    ]
    return sorted([*steps, *came, *changes, *doubted], key=lambda event: event.at)


def _show(found: StoredDocument, events: list[Event]) -> None:
    about = found.summary
    with ui.row().classes("items-baseline full-width").style("gap: 12px"):
        heading(f"History of {about.name}", 1)
        ui.link("Open the document", f"/documents/{about.document_id}").classes("dt-link")
    told = [f"Now {spoken(str(about.state)).lower()}", f"came {about.claimed_at:%Y-%m-%d %H:%M}"]
    if found.extraction and found.extraction.model_version:
        told.append(f"read by version {found.extraction.model_version}")
    if about.tags:
        told.append(f"from {'/'.join(about.tags)}")
    ui.label(" · ".join(told)).classes("dt-soft")
    if about.parent_id is not None:
        ui.link("The file that it came in", f"/history/{about.parent_id}").classes("dt-link")
    rows = [
        {
            "id": number,
            "at": f"{event.at:%Y-%m-%d %H:%M:%S}",
            "who": event.who,
            "what": event.what,
            "old": event.old,
            "new": event.new,
        }
        for number, event in enumerate(events)
    ]
    columns = [{"name": n, "label": label, "field": n, "align": "left"} for n, label in COLUMNS]
    table = ui.table(columns=columns, rows=rows, row_key="id", pagination=100)
    table.props("flat dense wrap-cells").classes("dt-table dt-still")

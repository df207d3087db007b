"""A document without values: why it failed, or what was in it, and what can be done."""

from __future__ import annotations

from nicegui import ui

from db.documents import StoredDocument
from doctally.results import State
from doctally.review.about import about, history_overlay
from doctally.review.office import Office
from doctally.review.paper import paper_text
from flows.reasons import advice


def failed(office: Office, found: StoredDocument) -> None:
    """Show what is known of a document in which no values were found."""
    summary = found.summary
    about(found, history=lambda: history_overlay(office.database, found).open())
    with ui.element("div").classes("dt-main"):
        if summary.state is State.FAILED:
            ui.label(summary.reason).style("font-size: 16px")
            ui.label(advice(summary.reason_code)).classes("dt-soft")
        for number in found.parts:
            ui.link(f"Document {number} was inside", f"/documents/{number}")
        if found.media_type and (found.media_type.startswith("text/") or "xml" in found.media_type):
            with ui.element("pre").classes("dt-text"):
                ui.label(paper_text(office.folders.home, found))
        ui.link("Back to the queue", "/")

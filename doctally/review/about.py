"""What is said about a document beside its values: where it stands, findings, its history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape

from nicegui import ui

from db import audit
from db.database import Database
from db.documents import StoredDocument
from doctally.codes import CODES
from doctally.results import Finding, Severity
from doctally.review.draft import split_path
from doctally.review.look import spoken
from doctally.review.widgets import heading

_GRAVE = {Severity.REJECT: 0, Severity.REVIEW: 1, Severity.INFO: 2}


def about(found: StoredDocument, *, history: Callable[[], object]) -> None:
    """Show the document's name and standing; ``history`` opens all that happened to it."""
    summary = found.summary
    with ui.element("div").classes("dt-about row items-center no-wrap full-width"):
        with ui.element("div").style("min-width: 0; flex: 1"):
            ui.html(f"<h1>{escape(summary.name)}</h1>", sanitize=False)
            told = [spoken(summary.state), f"document {summary.document_id}", *summary.tags]
            told += [spoken(summary.reason_code)] if summary.reason_code else []
            sender = found.details.get("from") or found.details.get("sender")
            told += [f"from {sender}"] if sender else []
            ui.label(" · ".join(told)).classes("dt-soft ellipsis")
        if summary.parent_id is not None:
            ui.link(f"came in {summary.parent_id}", f"/documents/{summary.parent_id}")
        if found.duplicate_of is not None:
            ui.link(f"like {found.duplicate_of}", f"/documents/{found.duplicate_of}")
        ui.button("History", icon="history", on_click=history).props("flat dense")


def findings_list(findings: Sequence[Finding], go: Callable[[str], None]) -> None:
    """Show the findings, gravest first, each leading to its first field."""
    ordered = sorted(findings, key=lambda finding: _GRAVE[finding.severity])
    with ui.element("ul").classes("dt-findings"):
        for finding in ordered:
            with ui.element("li").classes(f"s-{finding.severity}"):
                code = CODES.get(finding.code)
                ui.label(f"{spoken(finding.code)}: {finding.message}")
                if finding.severity is not Severity.INFO and (code or finding.fields):
                    with ui.row().classes("items-center").style("gap: 4px"):
                        if code is not None:
                            ui.label(code.advice).classes("dt-soft")
                        for name in finding.fields[:4]:
                            ui.button(
                                called(name),
                                on_click=lambda path=name: go(path),
                            ).props("flat dense size=sm")


def called(path: str) -> str:
    """Return a field as people read it, a cell with its line counted from 1."""
    row, name = split_path(path)
    return spoken(name) if row is None else f"Line {row + 1}: {spoken(name).lower()}"


def history_overlay(database: Database, found: StoredDocument) -> ui.dialog:
    """Return an overlay with every step and change of the document, newest first; closed."""
    rows: list[tuple[datetime, str, str]] = []
    for step in found.history:
        before = f"{step.before} → " if step.before else ""
        reason = f" ({spoken(step.reason_code)})" if step.reason_code else ""
        rows.append((step.at, doer(step.owner), f"{before}{step.after}{reason}"))
    for entry in audit.trail(database, found.summary.document_id):
        if entry.field is not None:
            change = f"{entry.old or '(empty)'} → {entry.new or '(empty)'}"
            told = f"{called(entry.field)} {entry.action}: {change}"
            rows.append((entry.at, entry.who, told))
    for arrival in found.arrivals:
        rows.append((arrival.arrived_at, "inbox", f"came again as {arrival.name}"))
    rows.sort(key=lambda row: row[0])
    rows.reverse()
    body = "".join(
        f"<tr><td class='dt-soft'>{at.astimezone():%d %b %Y %H:%M:%S}</td>"
        f"<td>{escape(who)}</td><td>{escape(what)}</td></tr>"
        for at, who, what in rows
    )
    with ui.dialog().props('aria-label="History"') as overlay, ui.card() as card:
        card.style("max-width: 760px; width: 100%")
        heading("History", 2)
        ui.html(f'<table class="dt-keys">{body}</table>', sanitize=False).style(
            "max-height: 60vh; overflow: auto; width: 100%"
        ).props("tabindex=0 role=region aria-label=Changes")
        with ui.row().classes("items-center self-end"):
            ui.link("As a page", f"/history/{found.summary.document_id}")
            ui.button("Close", on_click=overlay.close).props("flat")
    return overlay


def doer(owner: str) -> str:
    """Return who did a step: a person by name, an instance (machine:home) as ours."""
    return "doctally" if ":" in owner else owner

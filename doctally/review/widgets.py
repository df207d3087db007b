"""Small things that several pages are made of."""

from __future__ import annotations

from html import escape

from nicegui import ui


def heading(text: str, level: int) -> ui.html:
    """Return a heading; its size is its level's (look.css)."""
    return ui.html(escape(text), sanitize=False, tag=f"h{level}").classes("dt-heading")


def focus(element: ui.element) -> None:
    """Give a button or another widget without a method for it the focus."""
    ui.run_javascript(f"getHtmlElement({element.id})?.focus()")

"""The question why a document is rejected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

REASONS = ("No document of ours", "A copy of another", "Advertisement", "Cannot be read")


def ask_reason(reject: Callable[[str], Awaitable[None]]) -> None:
    """Ask for a reason in an overlay; ``reject`` hears it."""
    with ui.dialog().props("aria-label=Reject") as overlay, ui.card():
        reason = ui.input("Why is it rejected?").props("autofocus outlined dense")
        reason.classes("full-width")
        with ui.row():
            for text in REASONS:
                ui.button(text, on_click=partial(reason.set_value, text)).props("flat dense")

        async def go() -> None:
            overlay.close()
            await reject(reason.value or "")

        reason.on("keydown.enter.prevent", go)
        with ui.row().classes("self-end"):
            ui.button("Back", on_click=overlay.close).props("flat")
            ui.button("Reject", on_click=go).props("color=negative unelevated")
    overlay.open()

"""What is said above the form: why a document may only be looked at, whose draft is here."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from db.documents import StoredDocument
from doctally.people import Identity, Role
from doctally.results import State
from doctally.review.look import spoken

EDITABLE = (State.REVIEW, State.ACCEPTED)
HELD = "{who} this document open; it is yours as soon as it is free."


def why_not(found: StoredDocument, identity: Identity) -> str:
    """Return why a document may only be looked at, nothing if it may be edited."""
    if not identity.may(Role.REVIEWER):
        return "You may look at documents, not change them."
    about_it = found.summary
    if about_it.state in EDITABLE:
        return ""
    reason = f": {about_it.reason}" if about_it.reason else ""
    return f"{spoken(about_it.state)}{reason}"


def held_by(who: str, identity: Identity) -> str:
    """Return who has a document, as a sentence begins; without users there are only windows."""
    return "Another window has" if identity.via == "local" else f"{who} has"


class Banner:
    """One line above the form, only there while it says something."""

    def __init__(self) -> None:
        self._box = ui.element("div").classes("dt-banner").props("role=status")
        self.tell("")

    def tell(self, text: str, button: str = "", act: Callable[[], object] | None = None) -> None:
        """Say something else, or nothing; with a button for what can be done about it."""
        self._box.clear()
        self._box.visible = bool(text)
        with self._box:
            ui.label(text)
            if button:
                ui.button(button, on_click=act).props("flat dense")

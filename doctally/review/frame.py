"""What every page has around it: the way to the others, light or dark, who is here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass

from nicegui import Client, app, ui

from doctally.people import Identity, Role
from doctally.review.look import styles_address
from doctally.review.whoami import identity_of


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the header leads to, for those who have the role."""

    title: str
    path: str
    role: Role = Role.VIEWER


PLACES = [Place("Queue", "/")]
"""In the order of the header; pages add theirs when they are registered."""

_LOOKS = "Light, dark or as the system"
_LEAVE = '<form method="post" action="/logout"><button class="dt-leave">Log out</button></form>'


@contextmanager
def frame(*, here: str) -> Iterator[Identity]:
    """Give the body of a page, below the header; ``here`` is the path of the current place."""
    identity = identity_of(ui.context.client.request)
    ui.add_head_html(f'<link rel="stylesheet" href="{styles_address()}">')
    _look_as_chosen(ui.context.client)
    with ui.element("header").classes("dt-header full-width"):
        with ui.element("nav").props('aria-label="Pages"').classes("row items-center"):
            ui.link("doctally", "/").classes("dt-brand")
            for place in PLACES:
                if identity.may(place.role):
                    link = ui.link(place.title, place.path, new_tab=place.path.startswith("http"))
                    if place.path == here:
                        link.props("aria-current=page")
        ui.space()
        ui.label(identity.name).classes("dt-soft")
        if identity.via == "session":
            ui.html(_LEAVE, sanitize=False)
        ui.button(icon="contrast", on_click=_turn).props(
            f'flat round dense aria-label="{_LOOKS}" title="{_LOOKS}"'
        )
    with ui.element("div").classes("full-width") as main:  # Quasar has a main around it
        yield identity
    ui.skip_link("To the content", target=main)


def _look_as_chosen(client: Client) -> None:
    """Give this page the look of its user.

    Not by ``ui.dark_mode``: that sets the look anew at each change of the page, and the browser
    then the style of everything (20 ms a key).
    """
    client.page = copy(client.page)
    client.page.dark = app.storage.user.get("dark")


def _turn() -> None:
    """Go on to the next look: as the system, light, dark."""
    following = {None: False, False: True, True: None}[app.storage.user.get("dark")]
    app.storage.user["dark"] = following
    ui.run_javascript(f"setDark({json.dumps(following)})")
    ui.notify({None: "As the system", False: "Light", True: "Dark"}[following], timeout=900)

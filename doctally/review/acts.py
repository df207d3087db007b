"""The bar of decisions below a document, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import background_tasks, ui

from doctally.people import Role
from doctally.results import State
from doctally.review import keys
from doctally.review.decisions import Decisions
from doctally.review.document import DocumentView
from doctally.review.onward import Choice, Onward, Prepare
from doctally.review.widgets import focus

_LATER_S = 0.5


class Acts:
    """What buttons and keys do to the document in work."""

    def __init__(self, view: DocumentView, choice: Choice, *, prepare: Prepare) -> None:
        self.view = view
        self.onward = Onward(view, choice, ui.context.client, prepare=prepare)
        self.decisions = Decisions(view, self.onward)
        self.help: ui.dialog | None = None
        view.on_change = self._count
        self.root = view.build(self._bar)
        keys.listen(self.root, self.heard)

    def _bar(self) -> None:
        view, decisions = self.view, self.decisions
        state = view.found.summary.state
        with ui.element("div").classes("dt-acts dt-above"):
            view.add_hints()
        with ui.element("div").classes("dt-acts"):
            confirm = self._button("Confirm", "check", decisions.confirm, "Ctrl+Enter")
            self.confirm_button = confirm.classes("dt-confirm")
            reject = self._button("Reject", "block", decisions.reject, "Alt+R")
            self._button("Skip", "skip_next", self.onward.skip, "Alt+S")
            if decides := view.identity.may(Role.REVIEWER):
                self._button("Undo", "undo", decisions.undo, "Alt+U")
            if decides and state in (State.CONFIRMED, State.ACCEPTED):
                self._button("Reopen", "lock_open", decisions.reopen, "")
            for button in (confirm, reject):
                button.visible = decides
                button.set_enabled(not view.read_only)
            ui.space()
            self.told = ui.label().classes("dt-soft").props("role=status")
            self._button("", "keyboard", self.show_keys, "Keys: ?")

    def _button(self, text: str, icon: str, act: Callable[[], object], key: str) -> ui.button:
        own = act == self.decisions.confirm
        made = ui.button(text, icon=icon, on_click=act, color=None if own else "primary")
        made.props("dense unelevated" if own else "dense flat")
        if not text:
            made.props("round aria-label=Keys")
        if key:
            made.props(f'title="{key}"')
        return made

    def _count(self) -> None:
        number = len(self.view.doubts)
        told = "no doubt left" if not number else f"{number} to look at"
        self.told.set_text("read only" if self.view.read_only else told)

    def begin(self) -> None:
        """Go to the first doubt, or to the button that confirms; what can wait follows."""
        self.view.begin()
        with self.root:
            ui.timer(_LATER_S, self.onward.look_ahead, once=True)
        if self.view.read_only:
            focus(self.root)
        elif not self.view.next_doubt():
            focus(self.confirm_button)

    def heard(self, act: str) -> None:
        """Do what a key stands for."""
        view = self.view
        if view.tenure.closed:  # its browser has just gone on
            return
        viewer = view.viewer
        simple: dict[str, Callable[[], object]] = {
            "accept_field": self.accept,
            "next_doubt": view.next_doubt,
            "previous_doubt": partial(view.next_doubt, -1),
            "confirm": self.decisions.confirm,
            "reject": self.decisions.reject,
            "skip": self.onward.skip,
            "back": ui.navigate.back,
            "undo": self.decisions.undo,
            "queue": partial(ui.navigate.to, "/"),
            "help": self.show_keys,
        }
        if viewer is not None:
            simple["page"] = viewer.next_page
            simple["larger"] = partial(viewer.scale, 1)
            simple["smaller"] = partial(viewer.scale, -1)
        if act.startswith("take"):
            view.hints.take(int(act[4:]))
        elif act in simple:
            done = simple[act]()
            if done is not None and hasattr(done, "__await__"):
                background_tasks.create(done, name=f"review {act}", context=self.root)

    def show_keys(self) -> None:
        """Show the overlay of keys."""
        if self.help is None:  # few ask for it
            with self.root:
                self.help = keys.help_overlay()
        self.help.open()

    def accept(self) -> None:
        """Accept the current field and go on; after the last doubt to the button that confirms."""
        if self.view.read_only:
            return
        if not self.view.accept():
            path = self.view.current
            ui.notify(self.view.faults.get(path or "", "First choose a field."), timeout=2000)
        elif not self.view.next_doubt():
            focus(self.confirm_button)

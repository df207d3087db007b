"""What a person decides on the document before them, and where they go from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from nicegui import background_tasks, run, ui

from db import holds
from db.review import Order, Place, Wanted, place, place_of, queue
from doctally.edits import EditRefused
from doctally.errors import DoctallyError
from doctally.people import Role
from doctally.results import State
from doctally.review import keys
from doctally.review.document import DocumentView
from doctally.review.pictures import address
from doctally.review.rejection import ask_reason
from doctally.review.whoami import still
from doctally.review.widgets import focus
from flows import review
from flows.review import Decided

_LOOK_AHEAD = 20
_LATER_S = 0.5


@dataclass(slots=True)
class Choice:
    """What somebody works through: which documents in which order, and what was decided."""

    wanted: Wanted = field(default_factory=Wanted)
    order: Order = Order.URGENT
    decided: list[int] = field(default_factory=list)


class Acts:
    """The bar of decisions below a document, and its keys."""

    def __init__(self, view: DocumentView, choice: Choice) -> None:
        self.view = view
        self.choice = choice
        self.office = view.office
        self.place: Place | None = place(view.office.database, view.document_id)
        self.client = ui.context.client
        self.busy = False
        self.ahead: Place | None = None
        view.on_change = self._count
        self.root = view.build(self._bar)
        self.help = keys.help_overlay()
        keys.listen(self.root, self.heard)
        with self.root:
            ui.timer(_LATER_S, self._look_ahead, once=True)

    def _bar(self) -> None:
        view = self.view
        state = view.found.summary.state
        with ui.element("div").classes("dt-acts dt-above"):
            view.add_hints()
        with ui.element("div").classes("dt-acts"):
            self.confirm_button = self._button("Confirm", "check", self.confirm, "Ctrl+Enter")
            self.confirm_button.classes("dt-confirm")
            self._button("Reject", "block", self.reject, "Alt+R")
            self._button("Skip", "skip_next", self.skip, "Alt+S")
            self.undo_button = self._button("Undo", "undo", self.undo, "Alt+U")
            if state in (State.CONFIRMED, State.ACCEPTED):
                self._button("Reopen", "lock_open", self.reopen, "")
            ui.space()
            self.told = ui.label().classes("dt-soft").props("role=status")
            self._button("", "keyboard", self.show_keys, "Keys: ?")
            if view.read_only:
                self.confirm_button.disable()

    def _button(self, text: str, icon: str, act: Callable[[], object], key: str) -> ui.button:
        own = act == self.confirm
        made = ui.button(text, icon=icon, on_click=act, color=None if own else "primary")
        made.props("dense unelevated" if own else "dense flat")
        if not text:
            made.props("round aria-label=Keys")
        if key:
            made.tooltip(key)
        return made

    def _count(self) -> None:
        number = len(self.view.doubts)
        self.told.set_text("no doubt left" if not number else f"{number} to look at")

    def begin(self) -> None:
        """Go to the first doubt, or to the button that confirms."""
        if self.view.read_only:
            focus(self.root)
        elif not self.view.next_doubt():
            focus(self.confirm_button)

    def heard(self, act: str) -> None:
        """Do what a key stands for."""
        view = self.view
        viewer = view.viewer
        simple: dict[str, Callable[[], object]] = {
            "accept_field": self.accept,
            "next_doubt": view.next_doubt,
            "previous_doubt": partial(view.next_doubt, -1),
            "confirm": self.confirm,
            "reject": self.reject,
            "skip": self.skip,
            "back": ui.navigate.back,
            "undo": self.undo,
            "queue": partial(ui.navigate.to, "/"),
            "help": self.show_keys,
        }
        if viewer is not None:
            simple["page"] = viewer.next_page
            simple["larger"], simple["smaller"] = (
                partial(viewer.scale, 1),
                partial(viewer.scale, -1),
            )
        if act.startswith("take"):
            view.hints.take(int(act[4:]))
        elif act in simple:
            done = simple[act]()
            if done is not None and hasattr(done, "__await__"):
                background_tasks.create(done, name=f"review {act}", context=self.root)

    def show_keys(self) -> None:
        """Show the overlay of keys."""
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

    async def confirm(self) -> None:
        """Confirm the document as it is shown and open the next."""
        view = self.view
        if view.read_only:
            return
        if view.faults:
            path, fault = next(iter(view.faults.items()))
            ui.notify(f"{path}: {fault}", type="warning")
            view.go(path)
            return
        await self._decide(
            "confirmed",
            lambda who: review.confirm(
                self.office.desk,
                view.document_id,
                view.draft.edits,
                who=who,
                now=self.office.now(),
                holder=view.keep.holder,
                seen=view.found.summary.updated_at,
            ),
        )

    def reject(self) -> None:
        """Ask why, then reject."""
        if self.view.found.summary.state is not State.REVIEW or self.view.read_only:
            ui.notify("Only documents in review can be rejected.", timeout=2000)
            return
        with self.root:
            ask_reason(self._reject)

    async def _reject(self, reason: str) -> None:
        view = self.view
        await self._decide(
            "rejected",
            lambda who: review.reject(
                self.office.desk,
                view.document_id,
                reason,
                who=who,
                now=self.office.now(),
                holder=view.keep.holder,
                seen=view.found.summary.updated_at,
            ),
        )

    async def reopen(self) -> None:
        """Put the document back into review."""
        view = self.view
        await self._decide(
            "reopened",
            lambda who: review.reopen(
                self.office.desk,
                view.document_id,
                who=who,
                now=self.office.now(),
                holder=view.keep.holder,
                seen=view.found.summary.updated_at,
            ),
            stay=True,
        )

    async def undo(self) -> None:
        """Take the last change back; without one, the last decision, here or of before."""
        if self.view.undo():
            return
        number = self.choice.decided[-1] if self.choice.decided else self.view.document_id
        done = await self._decide(
            "taken back",
            lambda who: review.undo(
                self.office.desk,
                number,
                who=who,
                now=self.office.now(),
                holder=self.view.keep.holder,
            ),
            stay=None,
        )
        if done is None:
            return
        if self.choice.decided and self.choice.decided[-1] == number:
            self.choice.decided.pop()
        self._open(number)

    async def _decide(
        self, told: str, act: Callable[[str], Decided], *, stay: bool | None = False
    ) -> Decided | None:
        if self.busy:
            return None
        self.busy = True
        try:
            identity = await still(self.client.request, Role.REVIEWER)
            done = await run.io_bound(act, identity.name)
        except EditRefused as error:
            self.view.faults |= error.faults
            ui.notify(str(error), type="warning")
            return None
        except DoctallyError as error:
            ui.notify(error.message, type="warning")
            return None
        finally:
            self.busy = False
        ui.notify(f"{self.view.found.summary.name} {told}", timeout=1800, position="bottom-left")
        if stay is None:
            return done
        self.view.read_only = True  # its draft is gone
        self.view.keep.release()
        if stay:
            self._open(self.view.document_id)
        else:
            self.choice.decided.append(self.view.document_id)
            self.skip()
        return done

    def next_document(self) -> int | None:
        """Return the document that follows in the queue and nobody has open, None without one."""
        for after in (self.place, None):
            found = queue(
                self.office.database,
                self.choice.wanted,
                now=self.office.now(),
                order=self.choice.order,
                after=after,
                limit=_LOOK_AHEAD,
            )
            for entry in found:
                if entry.document_id != self.view.document_id and entry.held_by is None:
                    self.ahead = place_of(entry)
                    return entry.document_id
        return None

    def _still_ahead(self) -> int | None:
        """Return the document that was looked up as the next, if nothing happened to it since."""
        if self.ahead is None:
            return None
        number, office = self.ahead.document_id, self.office
        same = place(office.database, number) == self.ahead
        mine = self.view.keep.holder
        if same and holds.free(office.database, number, holder=mine, now=office.now()):
            return number
        return None

    def skip(self) -> None:
        """Go to the next document of the queue."""
        number = self._still_ahead() or self.next_document()
        if number is None:
            ui.notify("The queue is done.", timeout=2500)
            ui.navigate.to("/")
        else:
            self._open(number)

    def _open(self, number: int) -> None:
        path = f"/documents/{number}"
        if number == self.view.document_id:
            self.view.close()
            background_tasks.create(
                self.client.sub_pages_router.refresh(), name="show again", context=self.client
            )
        else:
            ui.navigate.to(path)

    async def _look_ahead(self) -> None:
        """Let the browser fetch the next document's first page, once this one is shown."""
        number = await run.io_bound(self.next_document)
        if number is not None:
            picture = address(number, 1, 0, sha256=None)
            self.client.run_javascript(
                f"new Image().src = (window.path_prefix || '') + '{picture}'"
            )

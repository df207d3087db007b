"""How long a document stays with the browser that has it open, and its draft with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from doctally.corrections import DOCUMENT_TYPE
from doctally.review.banner import held_by
from doctally.review.keep import RENEW_S, SAVE_S, Keep

if TYPE_CHECKING:
    from doctally.review.document import DocumentView

WAIT_S = 3.0


class Tenure:
    """One opened document's hold and draft over time."""

    def __init__(self, view: DocumentView, keep: Keep) -> None:
        self.view = view
        self.keep = keep
        self.closed = False

    def begin(self, *, waits: bool) -> None:
        """Save and hold from now on, or ask again and again for it while it is another's."""
        if not self.view.read_only:
            ui.timer(SAVE_S, self.save)
            ui.timer(RENEW_S, self.renew)
        elif waits:
            ui.timer(WAIT_S, self._ask_again)

    async def _ask_again(self) -> None:
        """Show the document anew once whoever had it open has gone."""
        client = self.keep.client
        if not self.closed and client.has_socket_connection and self.keep.hold().mine:
            await client.sub_pages_router.refresh()

    def save(self) -> None:
        """Keep the draft."""
        if not self.view.read_only and not self.keep.save(self.view.draft):
            self.renew()

    def renew(self) -> None:
        """Hold the document for a while longer, or hear that somebody else has it now."""
        view = self.view
        if view.read_only or not self.keep.client.has_socket_connection:
            return
        hold = self.keep.hold()
        if not hold.mine:
            view.read_only = True
            who = held_by(hold.who, view.identity)
            view.banner.tell(f"{who} taken this document over; what you typed is kept.")
            view.rebuild()

    async def take_up(self) -> None:
        """Take what the browser had kept and the server never got."""
        view = self.view
        if view.read_only:
            return
        found, focus = await self.keep.left_in_browser()
        for path, text in found.items():
            if path in view.form.fields and path != DOCUMENT_TYPE:
                view.draft.type(path, text)
                box = view.form.fields[path].box
                if path == focus and isinstance(box, ui.input):
                    box.set_value(text)  # not in normal form: somebody may still be typing there
                else:
                    view.form.show(path)
        if found:
            view.refresh()

    def close(self) -> None:
        """Keep the draft and give the document to others; nothing is taken from here any more."""
        self.closed = True
        if not self.view.read_only:
            self.save()
            self.keep.release()
            self.view.read_only = True

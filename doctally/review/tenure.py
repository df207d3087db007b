"""How long a document stays with the browser that has it open, and its draft with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from doctally.corrections import DOCUMENT_TYPE
from doctally.review.keep import RENEW_S, SAVE_S, Keep

if TYPE_CHECKING:
    from doctally.review.document import DocumentView

WAIT_S = 3.0


class Tenure:
    """One opened document's hold and draft over time; ``waits`` for whoever has it now."""

    def __init__(self, view: DocumentView, keep: Keep, *, waits: bool) -> None:
        self.view = view
        self.keep = keep
        self.waits = waits

    def begin(self) -> None:
        """Save and hold from now on, or ask again and again whether it has become free."""
        if not self.view.read_only:
            ui.timer(SAVE_S, self.save)
            ui.timer(RENEW_S, self.renew)
        elif self.waits:
            ui.timer(WAIT_S, self._ask_again)

    async def _ask_again(self) -> None:
        """Show the document anew once whoever had it open has gone."""
        client = self.keep.client
        if client.has_socket_connection and self.keep.hold().mine:
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
            told = f"{hold.who} has taken this document over; what you typed is kept."
            view.banner.tell(told)
            view.rebuild()

    async def take_up(self) -> None:
        """Take what the browser had kept and the server never got."""
        view = self.view
        if view.read_only:
            return
        found = await self.keep.left_in_browser()
        for path, text in found.items():
            if path in view.form.fields and path != DOCUMENT_TYPE:
                view.draft.type(path, text)
                view.form.show(path)
        if found:
            view.refresh()

    def close(self) -> None:
        """Keep the draft and give the document to others."""
        if not self.view.read_only:
            self.save()
            self.keep.release()

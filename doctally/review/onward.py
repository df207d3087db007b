"""Where somebody goes from a document: on in the queue, with the next page fetched ahead."""

from __future__ import annotations

from dataclasses import dataclass, field

from nicegui import Client, background_tasks, run, ui

from db import documents, holds
from db.review import Order, Place, Wanted, place, place_of, queue
from doctally.review.document import DocumentView
from doctally.review.pictures import address

_LOOK_AHEAD = 20


@dataclass(slots=True)
class Choice:
    """What somebody works through: which documents in which order, and what was decided."""

    wanted: Wanted = field(default_factory=Wanted)
    order: Order = Order.URGENT
    decided: list[int] = field(default_factory=list)


class Onward:
    """The way on from one document; ``client`` is the browser that goes it."""

    def __init__(self, view: DocumentView, choice: Choice, client: Client) -> None:
        self.view = view
        self.office = view.office
        self.choice = choice
        self.client = client
        self.place: Place | None = place(view.office.database, view.document_id)
        self.ahead: Place | None = None

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
            self.open(number)

    def open(self, number: int) -> None:
        """Go to a document, or show this one as it is now."""
        if number != self.view.document_id:
            ui.navigate.to(f"/documents/{number}")
            return
        self.view.tenure.close()
        background_tasks.create(
            self.client.sub_pages_router.refresh(), name="show again", context=self.client
        )

    async def look_ahead(self) -> None:
        """Let the browser fetch the next document's first page, once this one is shown."""
        picture = await run.io_bound(self._next_picture)
        if picture is not None:
            self.client.run_javascript(
                f"new Image().src = (window.path_prefix || '') + '{picture}'"
            )

    def _next_picture(self) -> str | None:
        number = self.next_document()
        if number is None:
            return None
        sha256 = documents.document(self.office.database, number).sha256
        return address(number, 1, 0, sha256=sha256)

"""Where somebody goes from a document: on in the queue, with the next one made ready ahead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from nicegui import Client, background_tasks, ui

from db import holds
from db.review import Order, Place, Wanted, place, place_of, queue
from doctally.review.document import DocumentView

_LOOK_AHEAD = 20


Prepare = Callable[[int], Awaitable[None]]
"""What makes a document ready that is likely to be opened next."""


@dataclass(slots=True)
class Choice:
    """What somebody works through: which documents in which order, and what was decided."""

    wanted: Wanted = field(default_factory=Wanted)
    order: Order = Order.URGENT
    decided: list[int] = field(default_factory=list)


class Onward:
    """The way on from one document; ``client`` goes it, ``prepare`` makes the next one ready."""

    def __init__(
        self,
        view: DocumentView,
        choice: Choice,
        client: Client,
        *,
        prepare: Prepare,
    ) -> None:
        self.view = view
        self.office = view.office
        self.choice = choice
        self.client = client
        self.prepare = prepare
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
        """Have the next document made ready, once this one is shown."""
        number = self.next_document()
        if number is not None:
            await self.prepare(number)

"""The queue and the documents: one page whose content changes."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from nicegui import Client, app, run, ui

from db import review
from doctally.errors import DoctallyError
from doctally.people import Identity
from doctally.review.acts import Acts
from doctally.review.case import case_of
from doctally.review.document import DocumentView
from doctally.review.failed import failed
from doctally.review.frame import frame
from doctally.review.glance import give_glance
from doctally.review.office import Office
from doctally.review.onward import Choice
from doctally.review.queue import QueuePage

_LATER_S = 0.3
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_TABLES = "import('nicegui-aggrid').catch(() => {})"
"""The largest script, fetched and compiled before the first table of lines needs it."""
GONE_S = 5.0
"""A browser that is away so long has been closed, or its network is down: others may go on."""


def register(office: Office) -> None:
    """Add the pages ``/`` and ``/documents/7``."""

    @ui.page("/", title="doctally")
    @ui.page("/documents/{document_id}", title="doctally")
    def queue_and_documents(supplier: str = "") -> None:
        """Show the queue, of one supplier if the address says so, or one document."""
        with frame(here="/") as identity:
            desk = _Desk(office, identity, str(app.storage.browser["id"]))
            if supplier and supplier in review.suppliers(office.database):
                desk.choice.wanted = replace(desk.choice.wanted, supplier=supplier)
            ui.timer(_LATER_S, lambda: ui.run_javascript(_TABLES), once=True)
            give_glance(ui.context.client)
            ui.sub_pages({"/": desk.queue, "/documents/{document_id}": desk.document})
        ui.context.client.on_delete(desk.close)
        ui.context.client.on_disconnect(desk.lost)
        ui.context.client.on_connect(desk.back)


class _Desk:
    """One browser tab: the queue it works through, the document open in it, the one after it.

    What comes next is built ahead and out of sight, so that going on only has to show it.
    """

    def __init__(self, office: Office, identity: Identity, holder: str) -> None:
        self.office = office
        self.identity = identity
        self.holder = holder
        self.choice = Choice()
        self.view: DocumentView | None = None
        self.ahead: Acts | None = None
        self.place = ui.element("div").classes("dt-desks")

    def leave(self) -> None:
        """Keep what was typed in the open document, give it to others and put it out of sight."""
        if self.view is None:
            return
        left = self.view
        self.close()
        left.show(False)
        with self.place:
            ui.timer(_LATER_S, left.root.delete, once=True)  # not before the next one is shown

    def close(self) -> None:
        """Keep what was typed in the open document and give it to others."""
        if self.view is not None:
            self.view.tenure.close()
            self.view = None

    async def lost(self, client: Client) -> None:
        """Give the document to others if the browser does not come back at once."""
        await asyncio.sleep(GONE_S)
        if self.view is not None and not client.has_socket_connection:
            self.view.tenure.save()
            self.view.keep.release()

    def back(self) -> None:
        """Take the document again that a lost browser had open."""
        if self.view is not None:
            self.view.tenure.renew()

    def queue(self) -> None:
        """Show the queue."""
        self.leave()
        QueuePage(self.office, self.identity, self.choice, prepare=self.prepare)

    async def document(self, document_id: str) -> None:
        """Show one document; what is no number of one is told."""
        self.leave()
        number = int(document_id) if _NUMBER.fullmatch(document_id) else 0
        acts = self._ready(number) or self._built(number)
        if acts is None:
            return
        view = self.view = acts.view
        ui.page_title(f"{view.found.summary.name} · doctally")
        acts.begin()
        await ui.context.client.connected(timeout=30)
        if self.view is view:  # nobody has gone on meanwhile
            await view.tenure.take_up()

    async def prepare(self, document_id: int) -> None:
        """Build the document that is likely to be opened next."""
        if self.ahead is not None and self.ahead.view.document_id == document_id:
            return
        case = await run.io_bound(case_of, self.office.database, document_id)
        if case is None or case.found.extraction is None or self.place.is_deleted:
            return
        if self.view is not None and self.view.document_id == document_id:
            return  # somebody was quicker and is there already
        self._drop()
        view = DocumentView(self.office, self.identity, self.holder, case)
        self.ahead = self._acts(view)
        view.finish()
        view.show(False)

    def _ready(self, document_id: int) -> Acts | None:
        """Return the document as it was built ahead, None if it was not or has changed since."""
        acts = self.ahead
        if acts is None or acts.view.document_id != document_id or not acts.view.still_right():
            self._drop()
            return None
        self.ahead = None
        acts.view.show(True)
        return acts

    def _built(self, document_id: int) -> Acts | None:
        """Return the document, built now; None if it is none that can be worked on."""
        try:
            case = case_of(self.office.database, document_id)
        except DoctallyError as error:
            with ui.element("div").classes("dt-main"):
                ui.label(error.message)
                ui.link("Back to the queue", "/")
            return None
        if case.found.extraction is None:
            ui.page_title(f"{case.found.summary.name} · doctally")
            failed(self.office, case.found)
            return None
        view = DocumentView(self.office, self.identity, self.holder, case)
        view.hold()
        return self._acts(view)

    def _acts(self, view: DocumentView) -> Acts:
        view.pick_up()
        with self.place:
            return Acts(view, self.choice, prepare=self.prepare)

    def _drop(self) -> None:
        if self.ahead is not None:
            self.ahead.root.delete()
            self.ahead = None

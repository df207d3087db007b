"""The queue and the documents: one page whose content changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from nicegui import Client, app, ui

from db import documents, review
from doctally.errors import DoctallyError
from doctally.people import Identity
from doctally.review.acts import Acts
from doctally.review.document import DocumentView
from doctally.review.failed import failed
from doctally.review.frame import frame
from doctally.review.office import Office
from doctally.review.onward import Choice
from doctally.review.queue import QueuePage

_LATER_S = 0.3
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
            if supplier in review.suppliers(office.database):
                desk.choice.wanted = replace(desk.choice.wanted, supplier=supplier)
            ui.timer(_LATER_S, lambda: ui.run_javascript(_TABLES), once=True)
            ui.sub_pages({"/": desk.queue, "/documents/{document_id}": desk.document})
        ui.context.client.sub_pages_router.on_path_changed(desk.leave)
        ui.context.client.on_delete(desk.leave)
        ui.context.client.on_disconnect(desk.lost)
        ui.context.client.on_connect(desk.back)


class _Desk:
    """One browser tab: the queue it works through and the document open in it."""

    def __init__(self, office: Office, identity: Identity, holder: str) -> None:
        self.office = office
        self.identity = identity
        self.holder = holder
        self.choice = Choice()
        self.view: DocumentView | None = None

    def leave(self, _path: object = None) -> None:
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
        QueuePage(self.office, self.choice)

    async def document(self, document_id: int) -> None:
        """Show one document."""
        try:
            found = documents.document(self.office.database, document_id)
        except DoctallyError as error:
            with ui.element("div").classes("dt-main"):
                ui.label(error.message)
                ui.link("Back to the queue", "/")
            return
        ui.page_title(f"{found.summary.name} · doctally")
        if found.extraction is None:
            failed(self.office, found)
            return
        view = self.view = DocumentView(self.office, self.identity, self.holder, found)
        acts = Acts(view, self.choice)
        acts.begin()
        await ui.context.client.connected(timeout=30)
        if self.view is view:  # nobody has gone on meanwhile
            await view.tenure.take_up()

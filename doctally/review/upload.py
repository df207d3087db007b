"""Upload by drag and drop: files go to the inbox, and the page follows what becomes of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from nicegui import events, ui

from db import documents
from doctally.errors import DoctallyError
from doctally.people import Role
from doctally.review.api.acting import take
from doctally.review.frame import PLACES, Place, frame
from doctally.review.look import spoken
from doctally.review.office import Office
from doctally.review.whoami import still
from doctally.review.widgets import heading

PATH = "/upload"
FOLLOWED = 200
LOOK_S = 2.0
COLUMNS = (("file", "File"), ("size", "Size"), ("state", "State"), ("note", ""))
ENDED = frozenset({"accepted", "review", "confirmed", "failed", "unpacked", "refused"})
LINK = """<q-td :props="props"><a v-if="props.row.document" class="dt-link"
 :href="'/documents/' + props.row.document">{{ props.value }}</a>
<span v-else>{{ props.value }}</span></q-td>"""

# The hidden input stands beside the button, not in it as Quasar has it: a button in a button has
# no name that a screen reader could say.
HEAD = """<div class="dt-drop-head"><q-btn unelevated class="dt-confirm" icon="upload_file"
 label="Choose files" @click="props.pickFiles"></q-btn>
<span>or drop them here</span><q-uploader-add-trigger></q-uploader-add-trigger>
<q-spinner v-if="props.isUploading"></q-spinner></div>"""


@dataclass
class Sent:
    """A file that was sent from this page."""

    name: str
    size: int
    sha256: str = ""
    state: str = "waiting"
    note: str = ""
    document_id: int | None = None


def register(office: Office) -> None:
    """Add the page."""
    PLACES.append(Place("Upload", PATH, Role.REVIEWER))

    @ui.page(PATH, title="Upload · doctally")
    def upload() -> None:
        """Show where to drop files."""
        with frame(here=PATH) as identity, ui.element("div").classes("dt-main"):
            heading("Upload", 1)
            if identity.may(Role.REVIEWER):
                Board(office)
            else:
                ui.label("You may look at documents, not bring new ones.")


class Board:
    """One browser's uploads."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.request = ui.context.client.request
        self.sent: list[Sent] = []
        most = office.settings.max_file_mb
        ui.label(
            f"PDFs, images, e-mails, office files, XML, EDI and archives, up to {most} MB each. "
            "Each goes into the inbox and is read within seconds."
        ).classes("dt-soft")
        self.tags = (
            ui.input("Folder, if any: acme/2026")
            .props('outlined dense maxlength=300 data-field="tags"')
            .style("max-width: 320px")
        )
        self.drop = drop = ui.upload(
            multiple=True,
            auto_upload=True,
            max_file_size=most << 20,
            on_upload=self.take,
            on_rejected=lambda: ui.notify(f"At most {most} MB a file", type="negative"),
        )
        drop.props('flat bordered data-field="files"').classes("dt-drop full-width")
        drop.add_slot("header", HEAD)
        columns = [{"name": n, "label": label, "field": n, "align": "left"} for n, label in COLUMNS]
        self.table = ui.table(columns=columns, rows=[], row_key="id")
        self.table.props('flat dense hide-bottom wrap-cells aria-label="Uploaded files"')
        self.table.classes("dt-table dt-still dt-sent")
        self.table.add_slot("body-cell-file", LINK)
        self.table.set_visibility(False)
        ui.timer(LOOK_S, self.follow)

    async def take(self, event: events.UploadEventArguments) -> None:
        """Put one file into the inbox."""
        file = event.file
        sent = Sent(file.name, file.size())
        self.sent = [sent, *self.sent][:FOLLOWED]
        try:
            who = await still(self.request, Role.REVIEWER)
            tags = [part for part in str(self.tags.value or "").split("/") if part.strip()]
            content = await file.read()
            taken = await asyncio.to_thread(_take, self.office, file.name, content, tags, who.name)
            sent.sha256 = taken
        except DoctallyError as error:
            sent.state, sent.note = "refused", error.message
        self.drop.run_method("removeUploadedFiles")  # the table below tells the rest
        self.show()

    async def follow(self) -> None:
        """Look what became of the files that are not done."""
        waiting = [one for one in self.sent if one.sha256 and one.state not in ENDED]
        if waiting:
            await asyncio.to_thread(_look, self.office, waiting)
            self.show()

    def show(self) -> None:
        """Show the files, the latest first."""
        self.table.set_visibility(bool(self.sent))
        self.table.rows = [
            {
                "id": number,
                "file": one.name,
                "size": _size(one.size),
                "state": spoken(one.state),
                "note": one.note,
                "document": one.document_id,
            }
            for number, one in enumerate(self.sent)
        ]
        self.table.update()


def _take(office: Office, name: str, content: bytes, tags: list[str], who: str) -> str:
    from io import BytesIO

    return take(office, name, BytesIO(content), tags=tags, who=who).sha256


def _look(office: Office, sent: list[Sent]) -> None:
    for one in sent:
        number = documents.with_content(office.database, one.sha256)
        if number is not None:
            about = documents.document(office.database, number).summary
            one.document_id = number
            one.state, one.note = str(about.state), about.reason


def _size(size: int) -> str:
    return f"{size / 1024:.0f} KB" if size < 1 << 20 else f"{size / (1 << 20):.1f} MB"

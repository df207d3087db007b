"""One document on somebody's desk: its page beside form and lines, and what keys and clicks do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from nicegui import ui

from db import documents
from db.beside import Near
from doctally.corrections import DOCUMENT_TYPE
from doctally.edits import Edits, Given
from doctally.pages import Box
from doctally.people import Identity
from doctally.results import Finding
from doctally.review.about import about, findings_list, history_overlay
from doctally.review.banner import HELD, Banner, held_by, why_not
from doctally.review.case import Case, unchanged
from doctally.review.draft import LINES, Draft, cell_path
from doctally.review.fields import Form
from doctally.review.hints import Hints, hints_for
from doctally.review.keep import Keep
from doctally.review.lines import Lines, doubted_cells
from doctally.review.marks import marks_of
from doctally.review.matched import Matched, called, numbered
from doctally.review.office import Office
from doctally.review.paper import paper_text
from doctally.review.pointing import Pointing
from doctally.review.spend import spend_category
from doctally.review.still import Still
from doctally.review.tenure import Tenure
from doctally.review.viewer import Viewer
from doctally.schemas import DocumentType
from flows.review import account_findings


class DocumentView:
    """The document, built; ``acts`` (``doctally.review.acts``) adds the buttons of decisions.

    It is nobody's before ``hold``, so that it can be built ahead of its time.
    """

    def __init__(self, office: Office, identity: Identity, holder: str, case: Case) -> None:
        self.office = office
        self.identity = identity
        self.case = case
        self.found = case.found
        self.document_id = case.found.summary.document_id
        self.keep = Keep(office, identity, holder, self.document_id)
        self.current: str | None = None
        self.findings: tuple[Finding, ...] = ()
        self.doubts: list[str] = []
        self.faults: dict[str, str] = {}
        self.root: Still
        self.form: Form
        self.lines: Lines | None = None
        self.matched: Matched | None = None
        self.viewer: Viewer | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.notice = why_not(case.found, identity)
        self.read_only = bool(self.notice)
        self.tenure = Tenure(self, self.keep)
        self.waits = False
        self.left_by: str | None = None
        self.draft = Draft(
            case.found,
            case.pages,
            Edits(),
            accept_confidence=office.settings.accept_confidence,
            today=office.now().astimezone().date(),
            account=cache(partial(account_findings, office.database)),
        )
        self.pointing = Pointing(self.draft, take=self.take, go=self.go)

    def build(self, bar: Callable[[], None]) -> ui.element:
        """Show it all; ``bar`` builds what stands below the form. Return the root element."""
        with Still().classes("dt-desk").props("tabindex=-1") as root:
            with ui.element("section").classes("dt-viewer").props('aria-label="Document"'):
                self._paper()
            with ui.element("section").classes("dt-side").props('aria-label="Values"'):
                about(self.found, history=self._history)
                self.banner = Banner()
                if self.left_by and not self.notice:
                    left = f"What was typed before is here ({self.left_by})."
                    self.banner.tell(left, "Discard it", self.discard)
                else:
                    self.banner.tell(self.notice)
                with ui.element("div").classes("dt-scroll").props("tabindex=-1") as self.side:
                    self.list = ui.element("div")
                    self.body = ui.element("div")
                    with self.body:
                        self._values()
                    self._papers()
                bar()
        self.keep.watch_typing(root)
        self.refresh()
        self.root = root
        return root

    def hold(self) -> None:
        """Take the document for this browser; while somebody else has it, it can only be read."""
        if not self.read_only:
            hold = self.keep.hold()
            if not hold.mine:
                self.waits = self.read_only = True
                self.notice = HELD.format(who=held_by(hold.who, self.identity))

    def pick_up(self) -> None:
        """Take what was typed here before, by whomever."""
        if not self.read_only:
            self.draft.edits, self.left_by = self.keep.edits()

    def still_right(self) -> bool:
        """Take the document; False if what was built ahead is not what it is now."""
        self.hold()
        database = self.office.database
        return not self.waits and self.keep.untouched() and unchanged(database, self.case)

    def show(self, shown: bool) -> None:
        """Put it on the desk, or out of sight, where it costs the browser nothing."""
        self.root.stand(not shown)
        on, off = ("dt-desk", "dt-ahead") if shown else ("dt-ahead", "dt-desk")
        self.root.classes(on, remove=off)

    def begin(self) -> None:
        """Save and hold from now on."""
        with self.root:
            self.tenure.begin(waits=self.waits)
        if self.lines is not None:
            self.lines.begin()

    def finish(self) -> None:
        """Build what is not needed for the first look as well."""
        if self.lines is not None:
            self.lines.build()

    def _paper(self) -> None:
        pages = {page.number: page for page in self.draft.pages}
        if pages:
            self.viewer = Viewer(self.document_id, self.found.sha256, pages, pointed=self.pointed)
            return
        with ui.element("div").classes("dt-scroll") as region, ui.element("pre").classes("dt-text"):
            region.props('tabindex=0 role=region aria-label="Text"')
            ui.label(paper_text(self.office.folders.home, self.found))

    def _values(self) -> None:
        self.form = Form(
            self.draft,
            read_only=self.read_only,
            changed=self.typed,
            entered=self.entered,
            left=self.left,
            retyped=self.retyped,
        )
        spend_category(
            self.found,
            database=self.office.database,
            settings=self.office.settings,
            identity=self.identity,
            now=self.office.now,
            read_only=self.read_only,
        )
        self.lines = None
        if self.draft.has_lines:
            with ui.element("div").style("margin-top: 12px"):
                self.lines = Lines(
                    self.draft,
                    read_only=self.read_only,
                    changed=self.typed,
                    entered=self.entered,
                    restructured=self.refresh,
                )

    def _papers(self) -> None:
        if self.case.beside is not None:
            self.matched = Matched(self.case.beside, shown=self.look_at)

    def look_at(self, near: Near) -> None:
        """Show another paper of the deal where this one's page stands."""
        pages = documents.pages(self.office.database, near.document_id)
        if self.viewer is None or not pages:
            ui.navigate.to(f"/documents/{near.document_id}", new_tab=True)
            return
        kept = {page.number: page for page in pages}
        self.viewer.lend(near.document_id, kept, called(near))

    def _history(self) -> None:
        with self.side:
            history_overlay(self.office.database, self.found).open()

    def refresh(self) -> None:
        """Judge the values as they are now, and show what has changed by it."""
        findings, self.faults = self.draft.findings(), self.draft.faults()
        self.doubts = [] if self.read_only else self.draft.doubts(findings)
        self.form.tell(findings, self.faults)
        if self.lines is not None:
            self.lines.tell(self.faults, doubted_cells(self.draft, findings))
        if self.matched is not None:
            self.matched.tell(numbered(self.draft.origins, self.draft.lines()))
        if self.viewer is not None:
            self.viewer.mark(marks_of(self.draft))
        if findings != self.findings or not self.list.default_slot.children:
            self.findings = findings
            self.list.clear()
            with self.list:
                findings_list(findings, self.go)
        self.on_change()

    def entered(self, path: str) -> None:
        """Note which field has the focus, and show its place and suggestions."""
        if path == self.current:
            return
        self.current = path
        if self.viewer is not None:
            self.viewer.point_out(path)
        if not self.read_only:
            self.hints.show(path, hints_for(self.draft, self.office.database, path))

    def add_hints(self) -> None:
        """Make room for suggestions here."""
        self.hints = Hints(self.take)

    def go(self, path: str) -> None:
        """Go to a field or cell."""
        self.entered(path)
        if self.form.focus(path) or self.lines is None:
            return
        if path == LINES:
            self.lines.focus(cell_path(0, self.lines.specs[0].name))
        elif path.startswith(f"{LINES}."):
            self.lines.focus(path)

    def next_doubt(self, by: int = 1) -> bool:
        """Go to the doubt after the current field, or before it; False if there is none."""
        if not self.doubts:
            return False
        chosen = self.draft.following(self.doubts, self.current, by)
        self.go(chosen)
        return True

    def accept(self) -> bool:
        """Accept the current field; False if what is typed there cannot be read."""
        path = self.current
        if path is None or self.read_only or path in self.faults:
            return False
        if path.startswith(f"{LINES}.") and LINES in self.doubts:
            path = LINES  # whoever looked at one cell because of all lines has looked at them
        if path not in self.draft.edits.fields:
            self.draft.accept(path)
        self.form.show(path)
        self.refresh()
        return True

    def typed(self, path: str, text: str) -> None:
        """Take what was typed, at every key."""
        if self.read_only:
            return
        self.keep.typed(path, text)
        self.draft.type(path, text)
        self.refresh()

    def left(self, path: str) -> None:
        """Show a field's value in normal form once nobody types in it any more."""
        if path not in self.faults:
            self.form.show(path)

    def retyped(self, document_type: DocumentType) -> None:
        """Take another document type: the form has other fields now."""
        if not self.read_only and document_type != self.draft.document_type:
            self.draft.set_type(document_type)
            self.rebuild()
            self.go(DOCUMENT_TYPE)

    def rebuild(self) -> None:
        """Build form and lines anew from the draft."""
        self.body.clear()
        with self.body:
            self._values()
        if self.lines is not None:
            self.lines.begin()
        self.current = None
        self.refresh()

    def pointed(self, number: int, box: Box, other: bool) -> None:
        """Take the words that were pointed at for the current field, or go to that box's field."""
        current = None if self.read_only else self.current
        self.pointing.at(current, number, box, other=other)
        if current is not None and not other:
            self.form.focus(current)

    def take(self, given: Given) -> None:
        """Take a value for the current field."""
        path = self.current
        if path is None or self.read_only or path in (DOCUMENT_TYPE, LINES):
            return
        self.draft.give(path, given)
        self.form.show(path)
        if path.startswith(f"{LINES}.") and self.lines is not None:
            self.lines.refresh(path)
        self.refresh()
        self.form.focus(path)

    def undo(self) -> bool:
        """Take the latest change of the draft back; False if there is none."""
        kind = self.draft.document_type
        if self.read_only or not self.draft.undo():
            return False
        self._show_values(kind)
        return True

    def discard(self) -> None:
        """Take back all that was typed here before."""
        if self.read_only:
            return
        kind = self.draft.document_type
        self.draft.discard()
        self._show_values(kind)
        self.banner.tell("")
        ui.notify("Discarded; Undo brings it back.", timeout=2500)

    def _show_values(self, before: DocumentType) -> None:
        """Show every value as the draft has it now; ``before`` is the type it had."""
        if self.draft.document_type != before:
            self.rebuild()
            return
        self.form.show_values()
        if self.lines is not None:
            self.lines.show()
        self.refresh()

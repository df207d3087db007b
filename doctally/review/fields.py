"""The form: one input a field of the schema, coloured by how sure it is, findings beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nicegui import events, ui

from doctally.codes import CODES
from doctally.corrections import DOCUMENT_TYPE
from doctally.required import REQUIRED
from doctally.results import Finding, Severity
from doctally.review.draft import Draft
from doctally.review.look import shade, spoken
from doctally.schemas import DocumentType, Kind, ShipmentState

WIDE = frozenset({Kind.ADDRESS, Kind.TEXT})


class Field:
    """One input and what stands under it."""

    def __init__(self, path: str, frame: ui.element, box: ui.input | ui.select) -> None:
        self.path = path
        self.frame = frame
        self.box = box
        self.note: ui.label | None = None  # few fields ever need one
        self.shade = ""

    def tell(self, shade_name: str, fault: str | None, note: str) -> None:
        """Show how sure the value is, what is wrong with it and what the rules say."""
        if shade_name != self.shade:
            self.frame.classes(add=f"f-{shade_name}", remove=f"f-{self.shade}")
            self.shade = shade_name
        self.box.error = fault
        if self.note is None and note:
            with self.frame:
                self.note = ui.label().classes("dt-note dt-fair")
        if self.note is not None and self.note.text != note:
            self.note.set_text(note)
            self.note.visible = bool(note)


class Form:
    """The header fields of one draft.

    ``changed`` hears of every key, ``entered`` of the focus, ``left`` when it goes.
    """

    def __init__(
        self,
        draft: Draft,
        *,
        read_only: bool,
        changed: Callable[[str, str], None],
        entered: Callable[[str], None],
        left: Callable[[str], None],
        retyped: Callable[[DocumentType], None],
    ) -> None:
        self.draft = draft
        self.read_only = read_only
        self.changed = changed
        self.entered = entered
        self.left = left
        self.fields: dict[str, Field] = {}
        with ui.element("div").classes("dt-form"):
            self._type(retyped)
            shown = self._shown()
            for spec in draft.specs:
                if spec.name in shown:
                    self._field(spec.name, spec.kind)
            self.rest = [spec for spec in draft.specs if spec.name not in shown]
            self.more = ui.element("div").classes("dt-form dt-wide")
            self.opener = ui.button(
                f"{len(self.rest)} more fields", icon="expand_more", on_click=self.show_all
            )
            self.opener.props("flat dense no-caps align=left").classes("dt-wide")
            self.opener.visible = bool(self.rest)

    def _shown(self) -> set[str]:
        """Return the fields that have a value, need one, or are named by a finding."""
        needed = {group[0] for group in REQUIRED[self.draft.document_type]}
        named = {name for f in self.draft.found.findings for name in f.fields}
        return needed | named | set(self.draft.now.fields) | set(self.draft.edits.fields)

    def _type(self, retyped: Callable[[DocumentType], None]) -> None:
        options = {str(kind): spoken(str(kind)) for kind in DocumentType}
        with ui.element("div").classes("dt-field") as frame:
            box = ui.select(
                options,
                label="Document type",
                value=str(self.draft.document_type),
                on_change=lambda event: retyped(DocumentType(event.value)),
            )
            box.props(f"outlined dense options-dense data-field={DOCUMENT_TYPE}")
            self._listen(DOCUMENT_TYPE, box)
        self._keep(Field(DOCUMENT_TYPE, frame, box))

    def _field(self, name: str, kind: Kind) -> None:
        found = self.draft.value(name)
        with ui.element("div").classes("dt-field") as frame:
            if kind in WIDE:
                frame.classes("dt-wide")
            box: ui.input | ui.select
            if kind is Kind.STATUS:
                options = {str(state): spoken(str(state)) for state in ShipmentState}
                value = found.value if found and found.value in options else None
                box = ui.select(options, label=spoken(name), value=value)
                box.on_value_change(lambda event: self.changed(name, event.value or ""))
            else:
                box = ui.input(spoken(name), value=found.value if found else "")
                box.on_value_change(lambda event: self._typed(name, event))
                box.without_auto_validation()
            box.props(f"outlined dense hide-bottom-space data-field={name}")
            box.props("autocomplete=off spellcheck=false")
            self._listen(name, box)
        self._keep(Field(name, frame, box))

    def _keep(self, field: Field) -> None:
        if self.read_only:
            field.box.props("readonly")
            if isinstance(field.box, ui.select):
                field.box.disable()
        self.fields[field.path] = field

    def _listen(self, path: str, box: ui.input | ui.select) -> None:
        box.on("focus", lambda: self.entered(path), args=[])
        box.on("blur", lambda: self.left(path), args=[])

    def _typed(self, name: str, event: events.ValueChangeEventArguments[str | None]) -> None:
        self.changed(name, event.value or "")

    def show_all(self) -> None:
        """Show the fields that are empty as well."""
        with self.more:
            for spec in self.rest:
                self._field(spec.name, spec.kind)
        self.rest = []
        self.opener.visible = False

    def focus(self, path: str) -> bool:
        """Go to a field; False if the form has none of that name."""
        if path not in self.fields and any(spec.name == path for spec in self.rest):
            self.show_all()
        field = self.fields.get(path)
        if field is not None and field.box.client.has_socket_connection:
            field.box.run_method("focus")
        elif field is not None:  # in the page's first answer: with it, not after the connection
            field.box.props("autofocus")
        return field is not None

    def show(self, path: str) -> None:
        """Show a field's value in normal form."""
        field = self.fields.get(path)
        if field is not None and path != DOCUMENT_TYPE:
            found = self.draft.value(path)
            value = found.value if found else ""
            if field.box.value != value:
                field.box.set_value(value)

    def show_values(self) -> None:
        """Show every value as the draft has it."""
        for path in self.fields:
            self.show(path)

    def tell(self, findings: Sequence[Finding], faults: Mapping[str, str]) -> None:
        """Show how sure each value is and what is said about it."""
        notes: dict[str, list[str]] = {}
        for finding in findings:
            if finding.severity is not Severity.INFO:
                for name in finding.fields:
                    notes.setdefault(name, []).append(_said(finding))
        settled = self.draft.settled()
        doubted = set(self.draft.doubts(findings))
        for path, field in self.fields.items():
            note = "; ".join(dict.fromkeys(notes.get(path, ())))
            field.tell(self._shade(path, path in doubted, settled), faults.get(path), note)

    def _shade(self, path: str, doubted: bool, settled: set[str]) -> str:
        if doubted:
            return "doubt"
        if path in settled:
            return "human"
        if path == DOCUMENT_TYPE:
            sure = self.draft.now.route_confidence
            return shade(sure, "model", self.draft.accept_confidence)
        found = self.draft.value(path)
        if found is None:
            return "none"
        return shade(found.confidence, found.source, self.draft.accept_confidence)


def _said(finding: Finding) -> str:
    about = CODES.get(finding.code)
    return finding.message if about is None else about.meaning


def reads_as(draft: Draft, path: str, text: str) -> str | None:
    """Return the normal form of typed text if it is not the text itself, for a hint."""
    value = draft.read(path, text) if text.strip() else None
    return value if value is not None and value != text.strip() else None

"""A document on somebody's desk: its values with what was typed so far, doubts, findings, undo.

Plain Python: the page shows it and tells it what was typed; nothing is kept before ``confirm``
but the draft that a page saves (``edits``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property

from db.documents import StoredDocument
from doctally.codes import CODES
from doctally.corrections import DOCUMENT_TYPE
from doctally.crosscheck import check_pages
from doctally.edits import Edits, Given, Row, edited, with_given
from doctally.pages import Page
from doctally.results import Extraction, FieldValue, Finding, Severity
from doctally.rules import check
from doctally.schemas import (
    DocumentType,
    FieldSpec,
    Kind,
    all_header_fields,
    has_line_items,
    header_fields,
    item_fields,
)
from doctally.suppliers import Seen, seen_in
from doctally.values import Locale, infer_locale, normalise

LINES = "line_items"
_CELLS = {spec.name: spec for spec in item_fields()}
_HEADER = {spec.name: spec for spec in all_header_fields()}
_WHOLE = "description"
"""The cell that stands for a line of which a finding names none."""
_MOST_UNDONE = 200
Account = Callable[[Seen], Sequence[Finding]]
"""What the supplier master says of the bank account that a document names."""


def cell_path(row: int, name: str) -> str:
    """Return how a cell of a line is named; rows count from 0."""
    return f"{LINES}.{row}.{name}"


def split_path(path: str) -> tuple[int | None, str]:
    """Return the row (None for a header field) and the field's name."""
    if path.startswith(f"{LINES}."):
        _, row, *name = path.split(".", 2)
        return int(row), name[0] if name else _WHOLE
    return None, path


def exact(path: str) -> str:
    """Return the field or cell that a finding's name stands for: of a whole line its text."""
    row, name = split_path(path)
    return path if row is None else cell_path(row, name)


def kind_of(path: str) -> Kind:
    """Return how the text of a field or cell is read."""
    row, name = split_path(path)
    found = (_HEADER if row is None else _CELLS).get(name)
    return found.kind if found else Kind.TEXT


class Draft:
    """One document in work; every change can be undone."""

    def __init__(
        self,
        found: StoredDocument,
        pages: Sequence[Page],
        edits: Edits,
        *,
        accept_confidence: float,
        today: date,
        account: Account = lambda seen: (),
    ) -> None:
        if found.extraction is None:
            raise ValueError(f"document {found.summary.document_id} has no values")
        self.found = found
        self.pages = pages
        self.original: Extraction = found.extraction
        self.edits = edits
        self.accept_confidence = accept_confidence
        self.today = today
        self.account = account
        self._past: list[Edits] = []
        self._typing = ""
        self._seen: tuple[Edits, Extraction] | None = None

    @cached_property
    def locale(self) -> Locale:
        """Return how the document writes dates and numbers."""
        return infer_locale(" ".join(word.text for page in self.pages for word in page.words))

    @property
    def now(self) -> Extraction:
        """Return the values with everything typed so far."""
        if self._seen is None or self._seen[0] is not self.edits:
            self._seen = self.edits, edited(self.original, self.edits)
        return self._seen[1]

    @property
    def document_type(self) -> DocumentType:
        """Return the type as it is now."""
        return DocumentType(self.edits.document_type or self.original.document_type)

    @property
    def specs(self) -> tuple[FieldSpec, ...]:
        """Return the header fields of the type as it is now."""
        return header_fields(self.document_type)

    @property
    def has_lines(self) -> bool:
        """Tell whether the type has a table of lines."""
        return has_line_items(self.document_type)

    def value(self, path: str) -> FieldValue | None:
        """Return a field's or cell's value as it is now, None without one."""
        row, name = split_path(path)
        if row is None:
            return self.now.fields.get(name)
        lines = self.lines()
        return lines[row].get(name) if row < len(lines) else None

    def lines(self) -> list[dict[str, FieldValue]]:
        """Return the lines as they are shown, new empty ones included."""
        before = self.original.line_items
        return [
            with_given(before[row.origin] if row.origin is not None else {}, row.cells)
            for row in self._rows()
        ]

    def read(self, path: str, text: str) -> str | None:
        """Return the normal form of what was typed for a field, None if it is not of its kind."""
        return normalise(kind_of(path), text, self.locale)

    def type(self, path: str, text: str) -> None:
        """Take typed text as the value; one undo takes all of it back."""
        text = text.strip()
        old = self.value(path)
        if text == (old.value if old else ""):
            return
        value = self.read(path, text) if text else None
        given = Given(value=value or text, text=text if value != text else "") if text else None
        self.give(path, given, typing=True)

    def fault(self, path: str) -> str | None:
        """Return why the value, as it is now, is not of its field's kind; None if it is."""
        found = self.value(path)
        if found is None or found.source != "human" or self.read(path, found.value) is not None:
            return None
        return f"this is no {kind_of(path).replace('_', ' ')}"

    def faults(self) -> dict[str, str]:
        """Return what is wrong with typed values that cannot be read."""
        paths = [name for name, given in self.edits.fields.items() if given is not None]
        for number, row in enumerate(self.edits.rows or ()):
            paths += [cell_path(number, name) for name, cell in row.cells.items() if cell]
        return {path: fault for path in paths if (fault := self.fault(path))}

    def give(self, path: str, given: Given | None, *, typing: bool = False) -> None:
        """Take a value; None removes it. Keys typed one after the other are one change."""
        row, name = split_path(path)
        same = typing and self._typing == path and bool(self._past)
        if row is None:
            self._change(fields={**self.edits.fields, name: given})
        else:
            rows = list(self._rows())
            rows[row] = rows[row].model_copy(update={"cells": {**rows[row].cells, name: given}})
            self._change(rows=tuple(rows))
        if same:
            self._past.pop()
        self._typing = path if typing else ""

    def accept(self, path: str) -> None:
        """Note that the person has looked at a field and found it right."""
        if path not in self.edits.accepted:
            self._change(accepted=(*self.edits.accepted, path))

    def set_type(self, document_type: DocumentType) -> None:
        """Take another type; its own fields come from what was read."""
        if document_type != self.document_type:
            self._change(document_type=document_type)

    def add_row(self, after: int | None = None) -> int:
        """Add an empty line below another, else at the end; return its number."""
        rows = list(self._rows())
        number = len(rows) if after is None else after + 1
        rows.insert(number, Row())
        self._change(rows=tuple(rows), accepted=self._moved(number, 1))
        return number

    def remove_row(self, row: int) -> None:
        """Take a line away."""
        rows = list(self._rows())
        del rows[row]
        gone = tuple(p for p in self.edits.accepted if split_path(p)[0] != row)
        self._change(rows=tuple(rows), accepted=self._moved(row, -1, gone))

    def undo(self) -> bool:
        """Take the latest change back; False if there is none."""
        if not self._past:
            return False
        self.edits, self._typing = self._past.pop(), ""
        return True

    def discard(self) -> None:
        """Take back all that was typed and accepted, as one change."""
        self._go_on(Edits())

    def findings(self) -> tuple[Finding, ...]:
        """Return what reader and rules say of the values as they are now.

        Findings that need other documents are those of the last time.
        """
        after = self.now
        kept = [f for f in self.found.findings if f.code not in CODES]
        kept += [f for f in self.found.findings if f.code == "duplicate_number"]
        kept += self.account(seen_in(after))
        return (*kept, *check(after, today=self.today), *check_pages(after, self.pages))

    def doubts(self, findings: Sequence[Finding]) -> list[str]:
        """Return the fields that still ask for a look, in the order of the form."""
        named: set[str] = set()
        for finding in findings:
            if finding.severity is not Severity.INFO:
                named |= set(map(exact, finding.fields))
        after = self.now
        if after.route_confidence < self.accept_confidence:
            named.add(DOCUMENT_TYPE)
        low = self.accept_confidence
        named |= {name for name, cell in after.fields.items() if cell.confidence < low}
        settled = self.settled()
        order = [DOCUMENT_TYPE, *(spec.name for spec in self.specs)]
        header = [name for name in order if name in named and name not in settled]
        cells = sorted(
            (p for p in named if p.startswith(f"{LINES}.") and p not in settled),
            key=lambda path: (split_path(path)[0] or 0, path),
        )
        whole = [LINES] if LINES in named and not cells and LINES not in settled else []
        return [*header, *whole, *cells]

    def following(self, doubts: Sequence[str], current: str | None, by: int) -> str:
        """Return the doubt after the current field, or before it (``by`` -1); it starts over."""
        order = [DOCUMENT_TYPE, *(spec.name for spec in self.specs), LINES]
        places = {path: number for number, path in enumerate(order)}

        def place(path: str) -> tuple[int, int, str]:
            return places.get(path, len(order)), split_path(path)[0] or 0, path

        here = place(current) if current else (-1, 0, "")
        if by > 0:
            return next((doubt for doubt in doubts if place(doubt) > here), doubts[0])
        return next((doubt for doubt in doubts[::-1] if place(doubt) < here), doubts[-1])

    def settled(self) -> set[str]:
        """Return the fields that the person has given or accepted."""
        done = set(self.edits.accepted) | set(self.edits.fields)
        if self.edits.document_type is not None:
            done.add(DOCUMENT_TYPE)
        for number, row in enumerate(self.edits.rows or ()):
            done |= {cell_path(number, name) for name in row.cells}
        return done

    @property
    def origins(self) -> list[int | None]:
        """Return which line each shown line was before, from 0; None for a new one."""
        return [row.origin for row in self._rows()]

    def _rows(self) -> tuple[Row, ...]:
        if self.edits.rows is not None:
            return self.edits.rows
        return tuple(Row(origin=number) for number in range(len(self.original.line_items)))

    def _moved(
        self, start: int, by: int, accepted: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """Return the accepted fields after lines from ``start`` on have moved."""
        moved = []
        for path in self.edits.accepted if accepted is None else accepted:
            row, name = split_path(path)
            moved.append(path if row is None or row < start else cell_path(row + by, name))
        return tuple(moved)

    def _change(self, **changed: object) -> None:
        self._go_on(self.edits.model_copy(update=changed))

    def _go_on(self, edits: Edits) -> None:
        self._past = [*self._past[-_MOST_UNDONE:], self.edits]
        self._typing = ""
        self.edits = edits

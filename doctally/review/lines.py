"""The table of lines: every cell can be edited, lines added and removed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import events, ui

from doctally.results import FieldValue, Finding, Severity
from doctally.review.draft import LINES, Draft, cell_path, exact
from doctally.review.look import shade, spoken
from doctally.review.widgets import heading
from doctally.schemas import DocumentType, Kind, item_fields

USUAL = ("description", "quantity", "unit_price", "amount_net")
DELIVERED = ("description", "quantity", "shipped_quantity")
RIGHT = (Kind.AMOUNT, Kind.QUANTITY, Kind.PERCENT)
WIDTHS = {Kind.TEXT: 170, Kind.IDENTIFIER: 90, Kind.DATE: 100}
NARROW = {"unit": 64, "position": 70, "quantity": 78, "tax_rate": 78}
_COLOURS = ("sure", "fair", "doubt", "human", "fault")
_HIGHEST = 8
_AFTER_S = 0.02
"""The grid follows the form: its script is the largest of all."""
_FOCUS = """
const [id, row, name] = %s, before = document.activeElement;
const go = (times) => { // until its script is there and it can be seen
  const at = document.activeElement, api = getElement(id)?.api;
  if (at !== before && at.matches('input, textarea, button')) return;
  api?.ensureIndexVisible(row); api?.setFocusedCell(row, name);
  if (times && !document.activeElement.closest('.ag-row')) setTimeout(go, 50, times - 1);
};
go(100);"""


def doubted_cells(draft: Draft, findings: Sequence[Finding]) -> dict[str, str]:
    """Return the cells that findings name and nobody has looked at yet, each with what is said."""
    settled = draft.settled()
    return {
        path: finding.message
        for finding in findings
        if finding.severity is not Severity.INFO
        for path in map(exact, finding.fields)
        if path.startswith(f"{LINES}.") and path not in settled
    }


class Lines:
    """The lines of one draft; ``entered`` hears which cell is current, ``changed`` of new text."""

    def __init__(
        self,
        draft: Draft,
        *,
        read_only: bool,
        changed: Callable[[str, str], None],
        entered: Callable[[str], None],
        restructured: Callable[[], None],
    ) -> None:
        self.draft = draft
        self.read_only = read_only
        self.changed = changed
        self.entered = entered
        self.restructured = restructured
        self.row: int | None = None
        self.at: tuple[int, str] | None = None
        usual = DELIVERED if draft.document_type == DocumentType.SHIPMENT_NOTICE else USUAL
        used = {name for line in draft.lines() for name in line} | set(usual)
        self.specs = [spec for spec in item_fields() if spec.name in used]
        self.faults: Mapping[str, str] = {}
        self.doubted: Mapping[str, str] = {}
        with ui.row().classes("items-center full-width").style("gap: 6px"):
            heading("Lines", 2)
            self.count = ui.label().classes("dt-soft")
            ui.space()
            if not read_only:
                ui.button("Add line", icon="add", on_click=self.add).props("flat dense")
                self.remover = ui.button("Remove line", icon="remove", on_click=self.remove)
                self.remover.props("flat dense").disable()
                self._columns_menu()
        self.grid: ui.aggrid | None = None
        self.place = ui.element("div").classes("full-width")
        self.show()

    def begin(self) -> None:
        """Build the grid as soon as the form is on the screen."""
        if self.grid is None:
            with self.place:
                ui.timer(_AFTER_S, self.build, once=True)

    def build(self) -> ui.aggrid:
        """Return the grid, made now if it has not been."""
        if self.grid is None:
            with self.place:
                self.grid = self._grid()
        return self.grid

    def _columns_menu(self) -> None:
        rest = [spec for spec in item_fields() if spec not in self.specs]
        opener = ui.button("Column", icon="view_column").props("flat dense")
        opener.visible = bool(rest)

        def choose() -> None:
            with opener, ui.menu().props("no-parent-event") as menu:
                for spec in rest:
                    if spec not in self.specs:
                        adds = partial(self.add_column, spec.name)
                        ui.menu_item(spoken(spec.name), adds)
            menu.on("hide", menu.delete, args=[])
            menu.open()

        opener.on_click(choose)

    def _grid(self) -> ui.aggrid:
        options: dict[str, Any] = {
            "columnDefs": self._columns(),
            "rowData": self._rows(),
            "singleClickEdit": False,
            "stopEditingWhenCellsLoseFocus": True,
            "rowHeight": 32,
            "headerHeight": 34,
            ":getRowId": "params => String(params.data.row)",
            "suppressMovableColumns": True,
            "enterNavigatesVerticallyAfterEdit": True,
            "tooltipShowDelay": 300,
        }
        grid = ui.aggrid(options, theme="balham", auto_size_columns=False).classes("full-width")
        grid.style("height: 100%")
        grid.on("cellValueChanged", self._edited, args=["rowIndex", "colId", "newValue"])
        grid.on("cellFocused", self._focused, args=["rowIndex", "colId"])
        return grid

    def _columns(self) -> list[dict[str, Any]]:
        rules = {
            f"c-{name}": f"data.shades && data.shades[colDef.field] === '{name}'"
            for name in _COLOURS
        }
        columns = []
        for spec in self.specs:
            column: dict[str, Any] = {
                "field": spec.name,
                "headerName": spoken(spec.name),
                "editable": not self.read_only,
                "sortable": False,
                "resizable": True,
                "width": NARROW.get(spec.name) or WIDTHS.get(spec.kind, 88),
                "cellClassRules": rules,
                ":tooltipValueGetter": "p => (p.data.notes || {})[p.colDef.field]",
            }
            if spec.name == "description":
                column |= {"flex": 1, "minWidth": 150}
            if spec.kind in RIGHT:
                column["cellClass"] = "ag-right-aligned-cell"
            columns.append(column)
        return columns

    def show(self) -> None:
        """Show every line as the draft has it."""
        rows = self._rows()
        height = 38 + 32 * min(max(len(rows), 1), _HIGHEST) + 16
        self.place.style(f"height: {height}px")
        self.count.set_text(f"{len(rows)}")
        if self.grid is not None:
            self.grid.options["rowData"] = rows
            self.grid.run_grid_method("setGridOption", "rowData", rows)

    def _rows(self) -> list[dict[str, Any]]:
        return [self._row(number, line) for number, line in enumerate(self.draft.lines())]

    def tell(self, faults: Mapping[str, str], doubted: Mapping[str, str]) -> None:
        """Show what is wrong with cells and what the rules doubt, each with why.

        The grid is drawn anew only if that has changed.
        """
        mine = {path: fault for path, fault in faults.items() if path.startswith("line_items.")}
        if (mine, doubted) != (self.faults, self.doubted):
            self.faults, self.doubted = mine, doubted
            self.show()
            if self.grid is not None and self.at is not None:  # drawing anew takes the focus away
                self.grid.run_grid_method("setFocusedCell", *self.at)

    def refresh(self, path: str) -> None:
        """Show one line anew."""
        row = int(path.split(".")[1])
        line = self.draft.lines()[row]
        if self.grid is not None:
            self.grid.run_grid_method("applyTransaction", {"update": [self._row(row, line)]})

    def _row(self, number: int, line: Mapping[str, FieldValue]) -> dict[str, Any]:
        least = self.draft.accept_confidence
        shades, notes = {}, {}
        for name, cell in line.items():
            fault = self.faults.get(cell_path(number, name))
            shades[name] = "fault" if fault else shade(cell.confidence, cell.source, least)
            notes[name] = fault or (
                "given by a person" if cell.source == "human" else f"{cell.confidence:.0%} sure"
            )
        for spec in self.specs:
            doubt = self.doubted.get(cell_path(number, spec.name))
            if doubt and shades.get(spec.name) != "fault":
                shades[spec.name], notes[spec.name] = "doubt", doubt
        values = {name: cell.value for name, cell in line.items()}
        return {"row": number, **values, "shades": shades, "notes": notes}

    def add(self) -> None:
        """Add an empty line below the current one and start to fill it."""
        number = self.draft.add_row(self.row)
        self.show()
        self.restructured()
        first = self.specs[0].name
        self._go(number, first)

    def remove(self) -> None:
        """Take the current line away."""
        if self.row is not None and self.row < len(self.draft.lines()):
            self.draft.remove_row(self.row)
            self.row = self.at = None
            self.remover.disable()
            self.show()
            self.restructured()

    def add_column(self, name: str) -> None:
        """Show a further column."""
        names = {spec.name for spec in self.specs} | {name}
        self.specs = [spec for spec in item_fields() if spec.name in names]
        grid = self.build()
        grid.options["columnDefs"] = self._columns()
        grid.update()

    def focus(self, path: str) -> None:
        """Go to a cell."""
        _, row, name = path.split(".", 2)
        if name not in {spec.name for spec in self.specs}:
            self.add_column(name)
        self._go(int(row), name)

    def _go(self, row: int, name: str) -> None:
        grid = self.build()
        ui.run_javascript(_FOCUS % json.dumps([grid.id, row, name]))

    def _edited(self, event: events.GenericEventArguments) -> None:
        row, name = int(event.args["rowIndex"]), str(event.args["colId"])
        path = cell_path(row, name)
        self.changed(path, str(event.args.get("newValue") or ""))
        self.refresh(path)

    def _focused(self, event: events.GenericEventArguments) -> None:
        row, name = event.args.get("rowIndex"), event.args.get("colId")
        if row is None or name is None:
            return
        self.row, self.at = int(row), (int(row), str(name))
        if not self.read_only:
            self.remover.enable()
        self.entered(cell_path(self.row, str(name)))

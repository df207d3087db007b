"""Cells of a table of line items: what a column shows in a row, and the lines below it."""

from __future__ import annotations

from dataclasses import dataclass, field

from synth.ink import Align, Face, Mark, Run, plain
from synth.paper import Paper


@dataclass(slots=True)
class Column:
    """A column: the item field it shows ("" = unlabelled extra), its head and its place."""

    name: str
    head: list[Run]
    width: float = 0
    left: float = 0
    align: Align = "l"
    key: str = ""


@dataclass(slots=True)
class Look:
    """How the table is ruled and shaded."""

    fill: bool
    zebra: bool
    rows: bool
    columns: bool
    frame: bool
    head_rules: bool
    pad: float
    sign: bool
    upper: bool
    face: Face
    subline: str = ""
    glue_unit: bool = False
    code_above: bool = False
    extras: dict[str, list[str]] = field(default_factory=dict)


def cell_lines(paper: Paper, column: Column, row: int, look: Look) -> list[list[Run]]:
    """Return the lines of one cell."""
    line = paper.deal.lines[row]
    if not column.name:
        return [plain(look.extras[column.key][row])]
    runs = paper.cell(row, line, column.name, sign=look.sign)
    if column.name == "description":
        rows = paper.ink.wrap(runs, look.face, column.width - 6)
        if look.code_above:
            rows.insert(0, paper.cell(row, line, "code"))
        return rows
    return [suffixed(paper, column, row, runs, look)]


def suffixed(paper: Paper, column: Column, row: int, runs: list[Run], look: Look) -> list[Run]:
    """Return the runs with a percent sign behind a rate, or the unit behind a quantity."""
    if column.name == "tax_rate" and not any("%" in run.text for run in column.head):
        return [*runs, Run(" %" if len(column.head[0].text) % 2 else "%")]
    if look.glue_unit and column.name in {"quantity", "shipped_quantity"}:
        return [*runs, Run(" "), *paper.cell(row, paper.deal.lines[row], "unit")]
    return runs


def sub_lines(paper: Paper, row: int, look: Look) -> list[list[Run]]:
    """Return unlabelled lines below a row (serial numbers, dates, remarks)."""
    if not look.subline:
        return []
    line = paper.deal.lines[row]
    match look.subline:
        case "code":
            return [
                [
                    Run(paper.ended(paper.caption("col.code")) + " "),
                    Run(line.code, Mark("code", line.code, row)),
                ]
            ]
        case "date":
            return [
                [
                    Run(paper.ended(paper.caption("col.delivery_date")) + " "),
                    *paper.cell(row, line, "delivery_date"),
                ]
            ]
        case _:
            return (
                [plain(f"{paper.case(paper.word('col.batch'))}: {line.extra}")]
                if line.extra
                else []
            )

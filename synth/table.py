"""Tables of line items: columns in any order, wrapped cells, page breaks, carried sums."""

from __future__ import annotations

from decimal import Decimal

from synth.cells import Column, Look, cell_lines, sub_lines, suffixed
from synth.flow import Flow
from synth.ink import Mark, Run, plain
from synth.paper import Paper

_NUMERIC = {
    "quantity",
    "unit_price",
    "discount",
    "tax_rate",
    "amount_net",
    "amount_gross",
    "shipped_quantity",
}
_MONEY = {"unit_price", "amount_net", "amount_gross", "discount"}


def make_look(paper: Paper) -> Look:
    """Return a random look."""
    dice = paper.dice
    ruled = dice.chance(0.35)
    size = paper.style.body.size - (dice.pick((0.5, 1, 1.5)) if dice.chance(0.4) else 0)
    return Look(
        fill=dice.chance(0.4),
        zebra=dice.chance(0.15),
        rows=ruled or dice.chance(0.2),
        columns=ruled and dice.chance(0.8),
        frame=ruled or dice.chance(0.15),
        head_rules=dice.chance(0.6),
        pad=dice.pick((1, 1.5, 2, 3, 4, 6)),
        sign=dice.chance(0.35),
        upper=dice.chance(0.15),
        face=paper.style.body.but(size=max(6, size)),
    )


def draw_table(flow: Flow, columns: list[Column], look: Look) -> None:
    """Draw the deal's lines from the flow's y on, over as many pages as needed."""
    paper, ink = flow.paper, flow.paper.ink
    fit(flow, columns, look)
    head(flow, columns, look)
    top = flow.y
    total = Decimal(0)
    carry = flow.paper.dice.chance(0.3) and any(c.name == "amount_net" for c in columns)
    for row, line in enumerate(paper.deal.lines):
        cells = [cell_lines(paper, column, row, look) for column in columns]
        tall = max(len(lines) for lines in cells) * look.face.leading + 2 * look.pad
        below = sub_lines(paper, row, look)
        tall += len(below) * look.face.leading
        if flow.y + tall > flow.bottom - (16 if carry else 0):
            frame(flow, columns, look, top)
            if carry:
                carried(flow, columns, look, total, "carried")
            elif paper.dice.chance(0.2):
                ink.text(flow.right, flow.y + 12, paper.any("continued"), paper.style.small, "r")
            flow.turn()
            head(flow, columns, look)
            top = flow.y
            if carry:
                carried(flow, columns, look, total, "brought")
        if look.zebra and row % 2:
            ink.box(flow.left, flow.y, flow.width, tall, fill=(0.94, 0.94, 0.95), stroke=None)
        for column, lines in zip(columns, cells, strict=True):
            for k, runs in enumerate(lines):
                put(
                    paper,
                    column,
                    flow.y + look.pad + look.face.size + k * look.face.leading,
                    runs,
                    look,
                )
        anchor = next((c for c in columns if c.name == "description"), columns[0])
        base = flow.y + look.pad + look.face.size + max(map(len, cells)) * look.face.leading
        for k, runs in enumerate(below):
            ink.text(
                anchor.left + 2,
                base + k * look.face.leading,
                runs,
                look.face.but(size=look.face.size - 0.5),
            )
        flow.y += tall
        total += line.amount_net
        if look.rows and row + 1 < len(paper.deal.lines):
            ink.rule(flow.left, flow.y, flow.right, flow.y, weight=0.3)
    frame(flow, columns, look, top)
    flow.y += 4


def fit(flow: Flow, columns: list[Column], look: Look) -> None:
    """Give every column its width and place; the description takes what is left."""
    paper, ink = flow.paper, flow.paper.ink
    face = look.face
    for column in columns:
        if look.upper:
            column.head = [r if r.mark else r._replace(text=r.text.upper()) for r in column.head]
        need = max(ink.measure([run], face.but(bold=True)) for run in _words(column.head))
        for row in range(len(paper.deal.lines)):
            if column.name and column.name != "description":
                runs = paper.cell(row, paper.deal.lines[row], column.name, sign=look.sign)
                need = max(need, ink.measure(suffixed(paper, column, row, runs, look), face))
            elif not column.name:
                need = max(need, ink.measure(plain(look.extras[column.key][row]), face))
        column.width = need + 8
        column.align = "r" if column.name in _NUMERIC else "l"
    described = [c for c in columns if c.name == "description"]
    rest = flow.width - sum(c.width for c in columns if c not in described)
    while rest < 90 and len(columns) > 3:
        drop = min(
            (
                c
                for c in columns
                if c.name
                not in {"description", "amount_net", "quantity", "amount_gross", "shipped_quantity"}
            ),
            key=lambda c: -c.width,
            default=None,
        )
        if drop is None:
            break
        columns.remove(drop)
        rest += drop.width
    if described:
        described[0].width = max(rest, 60)
        spread = 0.0
    else:
        spread = max(0.0, rest) / len(columns)
    if described and rest > 260 and paper.dice.chance(0.5):
        described[0].width = rest * 0.7
        spread = rest * 0.3 / len(columns)
    left = flow.left
    centred = paper.dice.chance(0.1)
    for column in columns:
        column.width += spread
        column.left = left
        left += column.width
        if centred and column.name in {"quantity", "unit", "position", "tax_rate"}:
            column.align = "c"
    if paper.dice.chance(0.06):
        for column in columns:
            column.align = "l"


def head(flow: Flow, columns: list[Column], look: Look) -> None:
    """Draw the head row."""
    ink, style = flow.paper.ink, flow.paper.style
    dark = look.fill and sum(style.accent) < 1.5 and style.accent != (0, 0, 0)
    face = look.face.but(bold=True, colour=(1, 1, 1) if dark else (0, 0, 0))
    rows = [ink.wrap(_fresh(column.head), face, max(column.width - 5, 10)) for column in columns]
    tall = max(len(lines) for lines in rows) * face.leading + 2 * max(look.pad, 2)
    if look.fill:
        ink.box(
            flow.left,
            flow.y,
            flow.width,
            tall,
            fill=style.accent if dark else (0.87, 0.87, 0.87),
            stroke=None,
        )
    if look.head_rules:
        ink.rule(flow.left, flow.y, flow.right, flow.y, weight=0.7)
        ink.rule(flow.left, flow.y + tall, flow.right, flow.y + tall, weight=0.7)
    for column, lines in zip(columns, rows, strict=True):
        for k, runs in enumerate(lines):
            at = {
                "l": column.left + 3,
                "r": column.left + column.width - 3,
                "c": column.left + column.width / 2,
            }[column.align]
            ink.text(
                at,
                flow.y + max(look.pad, 2) + face.size + k * face.leading,
                runs,
                face,
                column.align,
            )
    if look.frame:
        ink.box(flow.left, flow.y, flow.width, tall)
    if look.columns:
        for column in columns[1:]:
            ink.rule(column.left, flow.y, column.left, flow.y + tall, weight=0.4)
    flow.y += tall


def frame(flow: Flow, columns: list[Column], look: Look, top: float) -> None:
    """Draw the frame and the column rules of the rows on this page."""
    ink = flow.paper.ink
    if look.frame:
        ink.box(flow.left, top, flow.width, flow.y - top)
    elif look.head_rules:
        ink.rule(flow.left, flow.y, flow.right, flow.y, weight=0.7)
    if look.columns:
        for column in columns[1:]:
            ink.rule(column.left, top, column.left, flow.y, weight=0.4)


def carried(flow: Flow, columns: list[Column], look: Look, total: Decimal, key: str) -> None:
    """Draw a sum carried over the page break (unlabelled)."""
    paper = flow.paper
    column = next(c for c in columns if c.name == "amount_net")
    base = flow.y + look.face.size + 2
    paper.ink.text(column.left - 10, base, paper.any(key), look.face, "r")
    runs = [Run(run.text) for run in paper.money(total, None, sign=look.sign)]
    put(paper, column, base, runs, look)
    flow.y += look.face.leading + 4


def put(paper: Paper, column: Column, base: float, runs: list[Run], look: Look) -> None:
    """Draw one line of a cell at its column's alignment."""
    at = {
        "l": column.left + 3,
        "r": column.left + column.width - 3,
        "c": column.left + column.width / 2,
    }[column.align]
    paper.ink.text(at, base, runs, look.face, column.align)


def _fresh(runs: list[Run]) -> list[Run]:
    return [r._replace(mark=Mark(r.mark.name, r.mark.value)) if r.mark else r for r in runs]


def _words(runs: list[Run]) -> list[Run]:
    return [Run(word) for run in runs for word in run.text.split()] or [Run("x")]

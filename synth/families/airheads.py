"""Heads of air-time papers: ruled boxes, forms with underlined values, dense columns."""

from __future__ import annotations

from synth import blocks, logo
from synth.blocks import Entry
from synth.families.airtime import Air
from synth.flow import Flow
from synth.ink import Run, plain
from synth.paper import Paper


def station(flow: Flow, air: Air, x: float, y: float, width: float) -> float:
    """Draw the station's logo, name and address."""
    paper, dice, deal, ink = flow.paper, flow.paper.dice, flow.paper.deal, flow.paper.ink
    if dice.chance(0.7):
        side = dice.randint(30, 64)
        logo.logo(paper, x, y, side, side)
        x, width = x + side * 1.5 + 4, width - side * 1.5 - 4
    lines = blocks.party_lines(paper, "supplier", deal.supplier, contact=0.05)
    if dice.chance(0.25):
        y = ink.paragraph(
            x,
            y,
            dice.pick(("Remit Address:", "Send Payment To:", "Remit To:", "Agreement between:")),
            paper.style.small,
            width,
        )
    y = blocks.lines_block(
        paper,
        lines,
        x,
        y,
        max(width, 110),
        face=paper.style.body.but(size=paper.style.body.size + 1, bold=dice.chance(0.5)),
    )
    if dice.chance(0.7):
        phone = [Run(dice.pick(("", "Main: ", "Phone: ", "Tel: "))), *paper.field("supplier_phone")]
        y = ink.paragraph(x, y, phone, paper.style.body, max(width, 110))
    if dice.chance(0.3):
        y = ink.paragraph(
            x,
            y,
            dice.pick(("Billing: ", "Fax: ")) + deal.supplier.fax,
            paper.style.body,
            max(width, 110),
        )
    return max(y, flow.y + 50)


def agency(flow: Flow, air: Air, x: float, y: float, width: float) -> float:
    """Draw the agency that is billed (unlabelled)."""
    paper, dice = flow.paper, flow.paper.dice
    if dice.chance(0.75):
        text = dice.pick(
            ("Billing Address:", "And:", "Bill To:", "Agency", "Sold To", "Billing Address")
        )
        y = paper.ink.paragraph(x, y, text, paper.style.small, width) + 4
    y = blocks.lines_block(
        paper,
        [plain(line) for line in air.agency],
        x + 10,
        y,
        width - 10,
        face=paper.style.body.but(bold=dice.chance(0.4)),
    )
    return y + 6


def boxes(flow: Flow, air: Air, entries: list[Entry]) -> None:
    """Draw the head as station and agency at the left, ruled boxes at the right."""
    paper, dice, top = flow.paper, flow.paper.dice, flow.y
    half = flow.width * dice.uniform(0.42, 0.52)
    y = station(flow, air, flow.left, top, half - 10)
    y = agency(flow, air, flow.left, y + dice.pick((8, 20, 34)), half - 10)
    x, wide = flow.left + half, flow.width - half
    if dice.chance(0.5):
        low = blocks.grid(
            paper,
            entries,
            x,
            top,
            wide,
            columns=dice.randint(2, 3),
            ruled=dice.chance(0.8),
            shaded=dice.chance(0.3),
        )
    else:
        low = ruled_pairs(paper, entries, x, top, wide, across=dice.pick((1, 2, 2)))
    flow.y = max(y, low)


def ruled_pairs(
    paper: Paper, entries: list[Entry], x: float, y: float, width: float, *, across: int
) -> float:
    """Draw entries as table cells: caption cell, value cell."""
    ink, style = paper.ink, paper.style
    cell = width / across
    cap = min(cell * 0.5, max(ink.measure(plain(c), style.body) for c, _ in entries) + 6)
    for start in range(0, len(entries), across):
        row = entries[start : start + across]
        wrapped = [
            ink.wrap(blocks.value_runs(paper, value), style.body, cell - cap - 4) or [plain("")]
            for _, value in row
        ]
        tall = max(map(len, wrapped)) * style.body.leading + 3
        for k, (caption, _) in enumerate(row):
            left = x + k * cell
            ink.box(
                left,
                y,
                cap,
                tall,
                weight=0.4,
                fill=(0.92, 0.92, 0.92) if style.caption_bold else None,
            )
            ink.box(left + cap, y, cell - cap, tall, weight=0.4)
            shown = ink.wrap(plain(caption), style.body, cap)[0]
            ink.text(
                left + 2, y + style.body.size + 1, shown, style.body.but(bold=style.caption_bold)
            )
            for j, line in enumerate(wrapped[k]):
                ink.text(
                    left + cap + 3,
                    y + style.body.size + 1 + j * style.body.leading,
                    line,
                    style.body,
                )
        y += tall
    return y + 4


def form(flow: Flow, air: Air, entries: list[Entry]) -> None:
    """Draw the head as a form: sections with captions and underlined values."""
    paper, dice, ink, style = flow.paper, flow.paper.dice, flow.paper.ink, flow.paper.style
    if dice.chance(0.7):
        flow.y = (
            station(flow, air, flow.right - 200 if dice.chance(0.6) else flow.left, flow.y, 200) + 6
        )
    underline = dice.chance(0.6)
    sections = ("Orders", "Agency", "Advertiser", "Billing") if dice.chance(0.6) else ("", "", "")
    size = -(-len(entries) // len(sections))
    indent = 60 if sections[0] else 0
    cap = max(ink.measure(plain(c + ":"), style.body) for c, _ in entries) + 8
    for k, section in enumerate(sections):
        part = entries[k * size : (k + 1) * size]
        if section:
            ink.text(flow.left, flow.y + style.body.size, section, style.body.but(bold=True))
        half = (flow.width - indent) / 2
        for j in range(0, len(part), 2):
            low = flow.y
            for i, (caption, value) in enumerate(part[j : j + 2]):
                x = flow.left + indent + i * half
                ink.text(
                    x,
                    flow.y + style.body.size,
                    paper.ended(caption),
                    style.body.but(bold=style.caption_bold),
                )
                end = ink.paragraph(
                    x + cap, flow.y, blocks.value_runs(paper, value), style.body, half - cap - 6
                )
                low = max(low, end, flow.y + style.body.leading)
                if underline:
                    ink.rule(x + cap, low, x + half - 8, low, weight=0.3)
            flow.y = low + 2
        if section == "Agency" and dice.chance(0.7):
            flow.y = blocks.lines_block(
                paper,
                [plain(line) for line in air.agency],
                flow.left + indent + cap,
                flow.y,
                220,
                face=style.body,
            )
        flow.y += 8


def dense(flow: Flow, air: Air, entries: list[Entry]) -> None:
    """Draw the head as dense columns of small captions and values."""
    paper, dice, top = flow.paper, flow.paper.dice, flow.y
    third = flow.width / 3
    y = station(flow, air, flow.left, top, third)
    y = agency(flow, air, flow.left, y + 8, third - 14)
    if dice.chance(0.5):
        paper.ink.box(flow.left, y - 70, third - 10, 72)
    half = (len(entries) + 1) // 2
    how = dice.pick(("tab", "tab", "right", "inline"))
    low = blocks.pairs(paper, entries[:half], flow.left + third, top, third - 8, how=how)
    low = max(low, blocks.pairs(paper, entries[half:], flow.left + 2 * third, top, third, how=how))
    flow.y = max(y, low)

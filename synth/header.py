"""Heads of commercial papers: rows of blocks (parties, title, meta data) by random recipes."""

from __future__ import annotations

from synth import blocks, logo
from synth.blocks import Entry
from synth.content import Party
from synth.flow import Flow
from synth.ink import Align, Face, Run, plain
from synth.paper import Paper
from synth.plan import Plan

_RECIPES = (
    ("S|T", "C|D", "M"),
    ("S|TM", "C|D"),
    ("L|S", "T", "C|M"),
    ("T", "S|M", "C|D"),
    ("W|SM", "T", ""),
    ("W|M", "T", "I"),
    ("S|L", "W|M", "T"),
    ("T|L", "S|C|M"),
    ("B", "C|M", "D"),
    ("S|TM", "C|D", ""),
    ("L|TM", "S|C|D"),
    ("T", "M", "S|C"),
    ("S", "T", "C|D", "M"),
    ("C|S", "T|M"),
    ("LS|T", "C|M"),
    ("B", "C|D", "M"),
    ("L|S", "W", "T", "M"),
    ("T|S", "M", "C|D"),
    ("M|S", "T", "C|D"),
    ("W|S", "T|M"),
    ("S|T", "M|C", "D"),
    ("T|M", "L", "C|S"),
    ("LS", "C|TM", "D"),
    ("T", "S|C|D", "M"),
    ("T|M", "S|C", "D"),
    ("M|T", "C|D|S"),
)


def header(flow: Flow, plan: Plan) -> None:
    """Draw the header's rows of blocks as a random recipe says."""
    paper, dice = flow.paper, flow.paper.dice
    recipe = dice.pick(_RECIPES)
    done: set[str] = set()
    for row in recipe:
        cells = row.split("|")
        if dice.chance(0.12):
            cells.reverse()
        shares = [dice.uniform(0.85, 1.2) for _ in cells]
        gap = dice.pick((8, 14, 20)) if len(cells) > 1 else 0
        room = flow.width - gap * (len(cells) - 1)
        left, lowest = flow.left, flow.y
        for cell, share in zip(cells, shares, strict=True):
            wide = room * share / sum(shares)
            y = flow.y
            for part in cell:
                y = block(
                    flow,
                    plan,
                    part,
                    left,
                    y,
                    wide,
                    last=left + wide > flow.right - 2 and len(cells) > 1,
                )
                done.add(part)
                if part == "B":
                    done.add("T")
            lowest = max(lowest, y)
            left += wide + gap
        flow.y = lowest + dice.pick((2, 6, 10, 16, 24))
    for part in "TMC":
        if part not in done and not (part == "C" and "W" in done):
            flow.y = block(flow, plan, part, flow.left, flow.y, flow.width, last=False) + 6
    if paper.deal.ship_to and "D" not in done and dice.chance(0.5):
        flow.y = block(flow, plan, "D", flow.left, flow.y, flow.width * 0.5, last=False) + 4
    if dice.chance(0.15):
        paper.ink.rule(flow.left, flow.y, flow.right, flow.y, weight=0.8, colour=paper.style.accent)
        flow.y += 6


def block(
    flow: Flow, plan: Plan, part: str, x: float, y: float, width: float, *, last: bool
) -> float:
    """Draw one block of the header: S T M C D L B W or I."""
    paper, ink, style, dice = flow.paper, flow.paper.ink, flow.paper.style, flow.paper.dice
    deal = paper.deal
    order = deal.document_type == "purchase_order"
    issuer = ("customer", deal.customer) if order else ("supplier", deal.supplier)
    other = ("supplier", deal.supplier) if order else ("customer", deal.customer)
    match part:
        case "T":
            align: Align = dice.choices(("l", "r", "c"), (6, 3 if last else 0.5, 2))[0]
            fitted = style.title
            while ink.measure(plan.title, fitted) > width and fitted.size > style.body.size:
                fitted = fitted.but(size=fitted.size - 1)
            return ink.paragraph(x, y, plan.title, fitted, width, align) + 4
        case "M":
            if not plan.meta:
                return y
            if plan.meta_how == "table" or (plan.meta_how == "grid" and width > 300):
                columns = min(len(plan.meta), max(2, int(width // dice.randint(80, 120))))
                return blocks.grid(
                    paper,
                    plan.meta,
                    x,
                    y,
                    width,
                    columns=columns,
                    ruled=dice.chance(0.6),
                    shaded=plan.meta_how == "table",
                )
            how = "stack" if plan.meta_how in {"grid", "table"} else plan.meta_how
            if width > 380 and len(plan.meta) > 3 and dice.chance(0.5):
                half = (len(plan.meta) + 1) // 2
                a = blocks.pairs(paper, plan.meta[:half], x, y, width * 0.47, how=how)
                b = blocks.pairs(
                    paper, plan.meta[half:], x + width * 0.53, y, width * 0.47, how=how
                )
                return max(a, b)
            if width > 300:
                width = 260
            return blocks.pairs(paper, plan.meta, x, y, width, how=how)
        case "C" | "W":
            if part == "W" and dice.chance(0.6):
                face = style.small.but(size=max(5, style.small.size - 1))
                y = ink.paragraph(x, y + 10, sender(paper, *issuer), face, width) + 3
            heading = "" if part == "W" else (plan.mine if order else plan.bill)
            extra: list[Entry] = []
            if dice.chance(0.12) and paper.has("customer_tax_id") and not order:
                extra.append((paper.caption("customer_tax_id"), paper.field("customer_tax_id")))
            if dice.chance(0.12):
                extra.append(
                    (
                        paper.caption("supplier_phone"),
                        plain(deal.customer.phone) if not order else paper.field("supplier_phone"),
                    )
                )
            return blocks.party_block(
                paper, *other, x, y, width, box=plan.party, heading=heading, extra=extra
            )
        case "D":
            if deal.ship_to is None or not paper.has("ship_to_name"):
                return y
            return blocks.party_block(
                paper, "ship_to", deal.ship_to, x, y, width, box=plan.party, heading=plan.ship
            )
        case "L":
            if dice.chance(0.8):
                logo.logo(paper, x if not last else x + width - 70, y, 70, dice.randint(28, 50))
                return y + 52
            return y
        case "B":
            white = Face(style.head.case, style.title.size, bold=True, colour=(1, 1, 1))
            ink.box(
                0,
                y - 8,
                ink.width,
                style.title.size + 22,
                fill=style.accent if sum(style.accent) > 0 else (0.3, 0.3, 0.3),
                stroke=None,
            )
            ink.text(x, y + style.title.size + 1, plan.title, white)
            y = block(flow, plan, "S", x, y + style.title.size + 24, width * 0.6, last=False)
            return y
        case "S" | "I":
            if not plan.supplier_in_head:
                logo.logo(paper, x, y, 60, 36)
                return y + 40
            return letterhead(flow, plan, issuer, x, y, width, last=last)
    return y


def sender(paper: Paper, prefix: str, party: Party) -> list[Run]:
    """Return the small line with the sender's address above a window's address."""
    joint = paper.dice.pick((" · ", ", ", " - ", " | ", " • "))
    rows = blocks.party_lines(paper, prefix, party, contact=0, country=0)
    runs: list[Run] = []
    for k, row in enumerate(rows):
        runs += [Run(joint, row[0].mark if k > 1 else None), *row] if runs else row
    return runs


def letterhead(
    flow: Flow,
    plan: Plan,
    issuer: tuple[str, Party],
    x: float,
    y: float,
    width: float,
    *,
    last: bool,
) -> float:
    """Draw the issuer's name, address and contact data."""
    paper, ink, style, dice = flow.paper, flow.paper.ink, flow.paper.style, flow.paper.dice
    prefix, party = issuer
    if dice.chance(0.3):
        logo.logo(paper, x if not last else x + width - 44, y, 44, 30)
        y += 34
    align: Align = "r" if last and dice.chance(0.5) else "l"
    if width > 430 and dice.chance(0.5):
        align = "c"
    lines = blocks.party_lines(paper, prefix, party, contact=0.05, single=dice.chance(0.3))
    if plan.party.codes and prefix == "supplier":
        lines[1:1] = blocks.code_lines(paper, prefix)
    big = style.head.but(
        size=style.body.size + dice.pick((0, 1, 2, 4, 6, 9)),
        bold=dice.chance(0.75),
        colour=style.accent if dice.chance(0.4) else (0, 0, 0),
    )
    while ink.measure(lines[0], big) > width and big.size > style.body.size:
        big = big.but(size=big.size - 1)
    if dice.chance(0.1) and plan.party.heading == "above":
        y = ink.paragraph(x, y, paper.ended(paper.case(plan.mine)), style.body, width, align)
    y = ink.paragraph(x, y, lines[0], big, width, align)
    face = style.small if dice.chance(0.4) else style.body
    y = blocks.lines_block(paper, lines[1:], x, y + 1, width, face=face, align=align)
    if prefix == "supplier":
        entries = blocks.contact_entries(paper, low=0, high=5)
    else:
        entries = [
            (paper.case(paper.word("supplier_phone")), plain(paper.deal.customer.phone)),
            (paper.case(paper.word("web")), plain(paper.deal.customer.web)),
        ]
        if dice.chance(0.2) and paper.has("customer_tax_id"):
            entries.append((paper.caption("customer_tax_id"), paper.field("customer_tax_id")))
    short = dice.chance(0.25)
    for entry in entries:
        runs = entry[1] if short and "@" in entry[1][0].text else blocks.entry_runs(paper, entry)
        y = ink.paragraph(x, y, runs, face, width, align)
    return y + 2

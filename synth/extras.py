"""Extras below a paper's body: a remittance slip to detach, pages of conditions."""

from __future__ import annotations

from synth import blocks
from synth.blocks import Entry
from synth.flow import Flow
from synth.wording import variants


def slip(flow: Flow) -> None:
    """Draw a slip that repeats what is to pay, under a dashed line."""
    paper, ink, dice, style = flow.paper, flow.paper.ink, flow.paper.dice, flow.paper.style
    names = ["document_number", "customer_number", "issue_date", "due_date", "total_gross"]
    kept = [name for name in names if paper.has(name) and dice.chance(0.7)]
    entries: list[Entry] = [(paper.caption(name), paper.field(name)) for name in kept]
    tall = (len(entries) + 4) * style.body.leading * 1.3 + 20
    if flow.y + tall > flow.bottom or not entries:
        return
    flow.y = max(flow.y + 10, flow.bottom - tall)
    ink.rule(flow.left, flow.y, flow.right, flow.y, dash=True)
    ink.text(ink.width / 2, flow.y + style.small.size + 3, paper.any("stub"), style.small, "c")
    top = flow.y + style.small.leading * 2
    lines = blocks.party_lines(paper, "supplier", paper.deal.supplier, contact=0)
    half = flow.width * 0.48
    left = blocks.lines_block(paper, lines, flow.left, top, half, face=style.body)
    how = dice.pick(("tab", "ends", "ruled", "right"))
    right = blocks.pairs(paper, entries, flow.right - half, top, half, how=how)
    flow.y = max(left, right)


def conditions(flow: Flow) -> None:
    """Draw a page of conditions in small print, in one or two columns."""
    paper, ink, dice, style = flow.paper, flow.paper.ink, flow.paper.dice, flow.paper.style
    flow.turn()
    face = style.small.but(size=dice.pick((5.5, 6, 7, 8)))
    title = paper.any("conditions")
    ink.text(flow.left, flow.y + style.body.size, title, style.body.but(bold=True))
    top = flow.y + style.body.leading * 1.6
    pool = [*variants(paper.deal.language, "s.small"), *variants(paper.deal.language, "contract")]
    columns = dice.pick((1, 2, 2))
    room = (flow.width - 14 * (columns - 1)) / columns
    clause = 0
    for column in range(columns):
        y = top
        end = top + (flow.bottom - top) * dice.uniform(0.3, 0.98)
        while y < end - face.leading * 6:
            clause += 1
            chosen = " ".join(dice.some([p for p in pool if "{" not in p], 1, 4))
            y = ink.paragraph(
                flow.left + column * (room + 14), y, f"{clause}. {chosen}", face, room
            )
            y += 2
    flow.y = flow.bottom

"""Totals: the sums below the lines, tax tables and what is left to pay."""

from __future__ import annotations

from decimal import Decimal

from synth import formats
from synth.blocks import Entry
from synth.flow import Flow
from synth.ink import Mark, Run, plain
from synth.paper import Paper


def rate_text(paper: Paper, rate: Decimal) -> str:
    """Return a percentage as printed."""
    text = formats.number(rate, paper.style.number, None if paper.dice.chance(0.8) else 2)
    return text + paper.dice.pick(("%", "%", " %"))


def tax_caption(paper: Paper, rate: Decimal) -> str:
    """Return the caption of a tax amount, with the rate where the word has room for it."""
    text = paper.caption("total_tax")
    shown = rate_text(paper, rate)
    if "{rate}" not in text and "{RATE}" not in text and paper.dice.chance(0.35):
        text += " {rate}"
    return text.replace("{rate}", shown).replace("{RATE}", shown)


def totals(paper: Paper) -> list[tuple[str, list[Run], bool]]:
    """Return the rows of the totals: caption, runs, and whether the row stands out."""
    deal, dice, facts = paper.deal, paper.dice, paper.deal.facts
    rows: list[tuple[str, list[Run], bool]] = []
    taxed = facts["total_tax"] != 0
    extra = [name for name in ("discount", "shipping_amount") if paper.has(name)]
    if extra:
        if dice.chance(0.6):
            goods = paper.money(deal.amount("goods_total"), None)
            rows.append((paper.caption("col.amount_net"), goods, False))
        for name in extra:
            caption = paper.caption(name).replace("{RATE}", "{rate}")
            caption = caption.replace("{rate}", rate_text(paper, deal.discount_rate))
            runs = paper.field(name)
            if name == "discount" and deal.amount(name) > 0 and dice.chance(0.6):
                runs = [
                    r._replace(text="-" + r.text) if r.mark and r.mark.name == name else r
                    for r in runs
                ]
            rows.append((caption, runs, False))
    shown_net = (taxed and dice.chance(0.9)) or (not taxed and dice.chance(0.3))
    if shown_net:
        rows.append((paper.caption("total_net"), paper.field("total_net"), False))
    if taxed:
        if len(deal.taxes) == 1:
            if dice.chance(0.94):
                rows.append((tax_caption(paper, deal.taxes[0][0]), paper.field("total_tax"), False))
        else:
            for rate, base, tax in deal.taxes:
                caption = tax_caption(paper, rate)
                if dice.chance(0.3):
                    caption += f" ({paper.show(base)})"
                rows.append((caption, paper.money(tax, None), False))
            if dice.chance(0.3):
                rows.append(
                    (
                        paper.word("total_tax").replace("{rate}", "").strip(" @()"),
                        paper.field("total_tax"),
                        False,
                    )
                )
    elif dice.chance(0.35) and shown_net:
        rows.append((tax_caption(paper, deal.taxes[0][0]), paper.field("total_tax"), False))
    due = paper.has("amount_due") and (paper.has("amount_paid") or dice.chance(0.6))
    only = (
        not due
        and not paper.has("amount_paid")
        and dice.chance(0.15)
        and deal.document_type == "invoice"
    )
    caption = paper.case(paper.word("gross_only")) if only else paper.caption("total_gross")
    if dice.chance(0.15) and paper.style.sign_place == "none":
        caption += f" {deal.region.currency}"
    rows.append((caption, paper.field("total_gross"), True))
    if paper.has("amount_paid"):
        runs = paper.field("amount_paid")
        if deal.amount("amount_paid") > 0 and dice.chance(0.4):
            runs = [
                r._replace(text="-" + r.text) if r.mark and r.mark.name == "amount_paid" else r
                for r in runs
            ]
        rows.append((paper.caption("amount_paid"), runs, False))
    if due:
        rows.append((paper.caption("amount_due"), paper.field("amount_due"), True))
    return rows


def draw_totals(flow: Flow, *, left: float, width: float, how: str) -> None:
    """Draw the totals in a column: plain, ruled, boxed or bar (last row on a colour)."""
    paper, ink, style = flow.paper, flow.paper.ink, flow.paper.style
    rows = totals(paper)
    face = style.body
    step = face.leading * paper.dice.pick((1, 1.15, 1.3, 1.5))
    flow.need(step * len(rows) + 8)
    top = flow.y
    across = paper.dice.chance(0.12)
    for caption, runs, strong in rows:
        shown = face.but(bold=strong and paper.dice.chance(0.8))
        if strong and paper.dice.chance(0.2):
            shown = shown.but(size=face.size + 2)
        if how == "bar" and strong:
            ink.box(left - 3, flow.y, width + 6, step + 1, fill=(0.88, 0.88, 0.88), stroke=None)
        base = flow.y + face.size + (step - face.leading) / 2
        room = width - ink.measure(runs, shown) - 6
        lines = ink.wrap(plain(paper.ended(caption)), shown, max(room, 40))
        for k, line in enumerate(lines):
            if across:
                ink.text(
                    left + width - ink.measure(runs, shown) - 10, base + k * step, line, shown, "r"
                )
            else:
                ink.text(
                    min(left, left + room - ink.measure(line, shown)), base + k * step, line, shown
                )
        ink.text(left + width, base, runs, shown, "r")
        flow.y += step * len(lines)
        if how == "ruled":
            ink.rule(left, flow.y, left + width, flow.y, weight=1 if strong else 0.3)
    if how == "boxed":
        ink.box(left - 4, top - 2, width + 8, flow.y - top + 4)
    flow.y += 6


def totals_row(flow: Flow) -> None:
    """Draw the totals as one row of cells: heads above, amounts below."""
    paper, ink = flow.paper, flow.paper.ink
    rows = totals(paper)
    face = paper.style.body
    cell = flow.width / len(rows)
    flow.need(3 * face.leading + 10)
    boxed = paper.dice.chance(0.6)
    for k, (caption, runs, strong) in enumerate(rows):
        left = flow.left + k * cell
        shown = ink.wrap(plain(caption), paper.style.small, cell - 6)[0]
        ink.text(left + cell - 3, flow.y + face.size, shown, paper.style.small, "r")
        ink.text(
            left + cell - 3, flow.y + face.size + face.leading, runs, face.but(bold=strong), "r"
        )
        if boxed:
            ink.box(left, flow.y - 2, cell, face.leading * 2 + 6)
    flow.y += 2 * face.leading + 12


def tax_table(flow: Flow, *, left: float, width: float) -> None:
    """Draw the table of tax rates, bases and amounts, labelled where there is one rate."""
    paper, ink = flow.paper, flow.paper.ink
    face = paper.style.small
    heads = [
        paper.word("tax_rate_head"),
        paper.word("tax_base"),
        paper.word("total_tax").replace("{rate}", "").strip(" @()"),
    ]
    step = face.leading * 1.2
    flow.need(step * (len(paper.deal.taxes) + 3))
    if paper.dice.chance(0.5):
        ink.text(left, flow.y + face.size, paper.any("tax_table"), face.but(bold=True))
        flow.y += step
    top = flow.y
    cell = width / 3
    for k, text in enumerate(heads):
        ink.text(left + (k + 1) * cell - 3, flow.y + face.size, text, face, "r")
    flow.y += step
    single = len(paper.deal.taxes) == 1
    for rate, base, tax in paper.deal.taxes:
        cells = [plain(rate_text(paper, rate)), plain(paper.show(base)), plain(paper.show(tax))]
        if single and paper.has("total_tax"):
            cells[1] = [Run(paper.show(base), Mark("total_net", formats.normal(base)))]
            cells[2] = [Run(paper.show(tax), Mark("total_tax", formats.normal(tax)))]
        for k, runs in enumerate(cells):
            ink.text(left + (k + 1) * cell - 3, flow.y + face.size, runs, face, "r")
        flow.y += step
    if paper.dice.chance(0.5):
        ink.box(left, top - 1, width, flow.y - top + 2, weight=0.4)
    flow.y += 4


def amount_entry(paper: Paper, name: str) -> Entry:
    """Return an amount as a caption and value, for boxes and sentences."""
    return paper.caption(name), paper.field(name)

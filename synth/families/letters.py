"""Other papers: letters, reminders, statements, contracts, quotations, brochures, CVs, reports."""

from __future__ import annotations

from synth import blocks, logo
from synth.blocks import Entry
from synth.deal import Deal, number
from synth.dice import Dice
from synth.families import commerce
from synth.families.commerce import SIZES
from synth.flow import Flow
from synth.goods import price
from synth.ink import Align, Ink, Run, plain
from synth.paper import Paper, page_text
from synth.plan import distractor
from synth.style import make_style
from synth.wording import variants

KINDS = {
    "letter": 20,
    "reminder": 12,
    "statement": 14,
    "contract": 12,
    "quotation": 12,
    "order_confirmation": 14,
    "brochure": 6,
    "cv": 5,
    "report": 5,
    "pro_forma": 2,
}


def draw(dice: Dice, deal: Deal, *, kind: str = "") -> Paper:
    """Return a finished paper that is neither invoice, order, receipt nor shipment."""
    kind = kind or dice.weighted(KINDS)
    if kind in {"quotation", "order_confirmation", "pro_forma"}:
        return commerce.draw(dice, deal, title=kind)
    style = make_style(dice, deal, size=dice.pick((9, 10, 10, 11, 11, 12)))
    paper = Paper(dice, deal, style, Ink(*SIZES["Letter" if deal.region.letter else "A4"]))
    counter = paper.any("page") if dice.chance(0.35) else ""
    band = dice.chance(0.15)

    def on_page(flow: Flow, page: int) -> None:
        if band:
            paper.ink.box(0, 0, paper.ink.width, 12, fill=style.accent, stroke=None)
        if counter:
            paper.ink.text(
                flow.right, paper.ink.height - 14, page_text(counter, page), style.small, "r"
            )

    flow = Flow(paper, foot=60, on_page=on_page)
    if kind in {"letter", "reminder", "statement", "contract"}:
        head(flow, kind)
    elif dice.chance(0.6):
        flow.y = (
            blocks.lines_block(
                paper,
                blocks.party_lines(paper, "supplier", deal.supplier, contact=0),
                flow.left,
                flow.y,
                flow.width,
                face=style.body,
            )
            + 16
        )
    {"statement": statement, "reminder": reminder}.get(kind, prose)(flow, kind)
    if kind in {"letter", "reminder", "contract"}:
        flow.need(70)
        flow.y += 14
        for text in (paper.any("s.close"), "", deal.supplier.contact):
            flow.y = paper.ink.paragraph(flow.left, flow.y, text or " ", style.body, flow.width) + 4
    foot(flow)
    return paper


def head(flow: Flow, kind: str) -> None:
    """Draw sender, addressee, date and subject."""
    paper, ink, style, dice, deal = (
        flow.paper,
        flow.paper.ink,
        flow.paper.style,
        flow.paper.dice,
        flow.paper.deal,
    )
    right = dice.chance(0.4)
    if dice.chance(0.3):
        logo.logo(paper, flow.left if right else flow.right - 60, flow.y, 60, 40)
    lines = blocks.party_lines(paper, "supplier", deal.supplier, contact=0.1)
    x = flow.right - 210 if right else flow.left
    ink.text(
        x,
        flow.y + style.head.size + 2,
        lines[0],
        style.head.but(size=style.head.size + dice.pick((0, 2, 5))),
    )
    flow.y = blocks.lines_block(
        paper, lines[1:], x, flow.y + style.head.leading + 4, 210, face=style.small
    )
    for entry in blocks.contact_entries(paper, low=0, high=4):
        flow.y = ink.paragraph(x, flow.y, blocks.entry_runs(paper, entry), style.small, 210)
    flow.y += dice.pick((12, 24, 40))
    top = flow.y
    box = blocks.PartyBox.draw_style(paper)
    heading = paper.any("bill_to") if dice.chance(0.25) else ""
    flow.y = (
        blocks.party_block(
            paper, "customer", deal.customer, flow.left, top, 230, box=box, heading=heading
        )
        + 10
    )
    entries: list[Entry] = [(paper.caption("issue_date"), paper.field("issue_date"))]
    key = f"document_number@{kind}"
    if dice.chance(0.6):
        caption = paper.case(
            dice.pick(variants(deal.language, "document_number", kind if key else "other", "other"))
        )
        entries.append((caption, paper.field("document_number")))
    if dice.chance(0.35):
        entries.append((paper.caption("customer_number"), paper.field("customer_number")))
    if dice.chance(0.15):
        entries.append((paper.caption("contract_number"), paper.field("contract_number")))
    for _ in range(dice.randint(0, 2)):
        entries.append(distractor(paper))
    if dice.chance(0.5):
        low = blocks.pairs(
            paper,
            entries,
            flow.right - 200,
            top,
            200,
            how=dice.pick(("tab", "inline", "right", "ends")),
        )
        flow.y = max(flow.y, low)
    else:
        flow.y = blocks.pairs(
            paper, entries, flow.left, flow.y, 260, how=dice.pick(("tab", "inline", "tab"))
        )
    flow.y += dice.pick((8, 16, 24))
    title = (
        paper.any(f"title.{kind}")
        if kind != "letter"
        else dice.pick(variants(deal.language, "x.text")) + " " + number(dice, "x", deal.day)
    )
    flow.y = (
        ink.paragraph(
            flow.left,
            flow.y,
            paper.case(title),
            style.title if kind != "letter" else style.head,
            flow.width,
        )
        + 8
    )
    if dice.chance(0.8) and kind != "contract":
        runs = paper.sentence(paper.any("s.greeting"), contact=deal.customer.contact)
        flow.y = ink.paragraph(flow.left, flow.y, runs or [], style.body, flow.width) + 6


def sentence(paper: Paper, template: str) -> list[Run]:
    """Return a sentence of a letter with invented dates and amounts, none of them labelled."""
    dice, deal = paper.dice, paper.deal
    days = dice.sample(deal.other_dates, 2)
    amounts = [price(dice, "it") * dice.pick((1, 10, 100)) for _ in range(2)]
    coins = ["".join(run.text for run in paper.money(amount, None)) for amount in amounts]
    return paper.sentence(
        template,
        date=paper.day(days[0]),
        date2=paper.day(days[1]),
        amount=coins[0],
        amount2=coins[1],
        x=number(dice, "invoice", deal.day),
    ) or plain(template)


def prose(flow: Flow, kind: str) -> None:
    """Draw paragraphs of a letter, contract, brochure, CV or report."""
    paper, dice, style = flow.paper, flow.paper.dice, flow.paper.style
    pool = list(variants(paper.deal.language, kind))
    small = list(variants(paper.deal.language, "s.small"))
    chosen = pool if kind == "contract" else dice.some(pool, min(3, len(pool)), len(pool))
    if kind == "letter":
        chosen = dice.some(pool, 1, 3)
    if kind == "brochure":
        goods = dice.some(variants(paper.deal.language, f"goods.{paper.deal.goods}"), 4, 9)
        chosen += [f"{item} {paper.show(price(dice, paper.deal.goods))}" for item in goods]
    big = kind in {"brochure", "cv", "report"}
    for k, template in enumerate(chosen):
        flow.need(50)
        face = style.body
        if big and (k == 0 or dice.chance(0.25)):
            face = style.title if k == 0 else style.body.but(bold=True)
        flow.y = paper.ink.paragraph(flow.left, flow.y, sentence(paper, template), face, flow.width)
        if dice.chance(0.4) or kind == "contract":
            text = " ".join(dice.some(small, 1, 4))
            flow.y = paper.ink.paragraph(flow.left, flow.y, text, style.body, flow.width)
        flow.y += dice.pick((4, 8, 12))


def statement(flow: Flow, kind: str) -> None:
    """Draw a table of bookings with running balances."""
    paper, ink, dice, style = flow.paper, flow.paper.ink, flow.paper.dice, flow.paper.style
    heads = variants(paper.deal.language, "stmt.head")
    words = variants(paper.deal.language, "stmt.line")
    shares = (0, 0.15, 0.32, 0.68, 0.84, 1.0)
    at = [flow.left + share * flow.width for share in shares]
    aligns: tuple[Align, ...] = ("l", "l", "l", "r", "r", "r")
    for text, x, align in zip(heads, at, aligns, strict=True):
        ink.text(x, flow.y + style.body.size, text, style.body.but(bold=True), align)
    flow.y += style.body.leading + 4
    ink.rule(flow.left, flow.y, flow.right, flow.y)
    balance = price(dice, "it")
    day = min(paper.deal.other_dates)
    for _ in range(dice.randint(3, 28)):
        amount = price(dice, "it")
        debit = dice.chance(0.6)
        balance += amount if debit else -amount
        flow.need(style.body.leading * 2)
        cells = (
            paper.day(day),
            number(dice, "invoice" if debit else "x", day),
            words[0] if debit else words[1],
            paper.show(amount) if debit else "",
            "" if debit else paper.show(amount),
            paper.show(balance),
        )
        for text, x, align in zip(cells, at, aligns, strict=True):
            ink.text(
                x, flow.y + style.body.size, text, style.body.but(size=style.body.size - 1), align
            )
        flow.y += style.body.leading
    ink.rule(flow.left, flow.y + 2, flow.right, flow.y + 2)
    runs = [Run(run.text) for run in paper.money(balance, None)]
    ink.text(
        flow.right,
        flow.y + style.body.leading + 4,
        [Run(paper.any("amount_due") + "  "), *runs],
        style.body.but(bold=True),
        "r",
    )
    flow.y += style.body.leading * 2 + 8


def reminder(flow: Flow, kind: str) -> None:
    """Draw a reminder with a list of open invoices."""
    paper, ink, dice, style = flow.paper, flow.paper.ink, flow.paper.dice, flow.paper.style
    pool = variants(paper.deal.language, "reminder")
    for template in dice.some(pool, 1, 2):
        flow.y = (
            ink.paragraph(flow.left, flow.y, sentence(paper, template), style.body, flow.width) + 4
        )
    flow.y += 6
    total = price(dice, "it") * 0
    for _ in range(dice.randint(1, 6)):
        amount = price(dice, "it")
        total += amount
        x = flow.left
        for text in (
            number(dice, "invoice", paper.deal.day),
            paper.day(dice.pick(paper.deal.other_dates)),
        ):
            ink.text(x, flow.y + style.body.size, text, style.body)
            x += 130
        ink.text(flow.left + 380, flow.y + style.body.size, paper.show(amount), style.body, "r")
        flow.y += style.body.leading
    shown = [Run(run.text) for run in paper.money(total, None)]
    ink.text(
        flow.left + 380,
        flow.y + style.body.size + 3,
        [Run(paper.any("total_gross") + " "), *shown],
        style.body.but(bold=True),
        "r",
    )
    flow.y += style.body.leading * 2
    for template in dice.some(pool, 0, 2):
        flow.y = (
            ink.paragraph(flow.left, flow.y, sentence(paper, template), style.body, flow.width) + 4
        )


def foot(flow: Flow) -> None:
    """Draw the sender's data at the bottom, sometimes."""
    paper, style, dice = flow.paper, flow.paper.style, flow.paper.dice
    if dice.chance(0.4):
        y = paper.ink.height - 46
        entries = blocks.contact_entries(paper, low=2, high=4)
        cell = flow.width / len(entries)
        for k, entry in enumerate(entries):
            paper.ink.paragraph(
                flow.left + k * cell, y, blocks.entry_runs(paper, entry), style.small, cell - 6
            )

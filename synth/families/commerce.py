"""Invoices, credit notes, purchase orders and delivery papers on sheets of A4 or Letter."""

from __future__ import annotations

from synth import blocks
from synth.body import account, closing, headline, sentences, sums
from synth.deal import Deal
from synth.dice import Dice
from synth.extras import conditions, slip
from synth.flow import Flow
from synth.header import header
from synth.ink import Ink, Mark, Run
from synth.items import lines
from synth.paper import Paper, page_text
from synth.plan import Plan, make_plan
from synth.style import make_style
from synth.wording import variants

SIZES = {"A4": (595.3, 841.9), "Letter": (612.0, 792.0)}


def draw(dice: Dice, deal: Deal, *, title: str = "") -> Paper:
    """Return the finished paper of a commercial document; ``title`` names a paper of type other."""
    style = make_style(dice, deal)
    letter = deal.region.letter if dice.chance(0.93) else not deal.region.letter
    size = SIZES["Letter" if letter else "A4"]
    ink = Ink(*size)
    paper = Paper(dice, deal, style, ink)
    whole = all(line.quantity == int(line.quantity) for line in deal.lines)
    paper.places = dice.pick((None, None, None, None, 2, 3) if whole else (None, None, 2))
    plan = make_plan(paper, title)
    flow = make_flow(paper, plan)
    header(flow, plan)
    if deal.document_type == "invoice" and deal.language == "en" and dice.chance(0.05):
        account(flow)
    if deal.document_type == "invoice" and dice.chance(0.06):
        headline(flow)
    sentences(flow, "s.intro", 0.55)
    lines(flow)
    if deal.document_type != "shipment_notice":
        sums(flow)
    closing(flow, plan)
    if deal.document_type == "invoice" and dice.chance(0.05):
        slip(flow)
    if dice.chance(0.03):
        conditions(flow)
    return paper


def make_flow(paper: Paper, plan: Plan) -> Flow:
    """Return the flow with a footer and page counter for every page."""
    dice, style = paper.dice, paper.style
    footer = make_footer(paper, plan)
    counter = dice.pick(variants(paper.deal.language, "page")) if dice.chance(0.6) else ""
    counter_top = dice.chance(0.35)
    only_last = dice.chance(0.1)
    repeat = dice.chance(0.5)
    cell = (paper.ink.width - 2 * style.margin) / max(len(footer), 1)
    footer = [
        [line for runs in column for line in paper.ink.wrap(runs, style.small, cell - 6)]
        for column in footer
    ]
    tall = max((len(c) for c in footer), default=0) * style.small.leading
    band = dice.chance(0.12)
    side = dice.chance(0.05)

    def on_page(flow: Flow, page: int) -> None:
        ink = paper.ink
        y = ink.height - 18 - tall
        if band:
            ink.box(0, 0, ink.width, dice.pick((6, 10, 14)), fill=style.accent, stroke=None)
        if side:
            ink.turned(
                12,
                ink.height * 0.7,
                f"{dice.shape('XXXX-999999')} / {dice.shape('99999')}",
                style.small,
                90,
            )
        if footer and not (only_last and page > 1):
            if dice.chance(0.5):
                ink.rule(flow.left, y - 3, flow.right, y - 3, weight=0.4)
            for k, column in enumerate(footer):
                for j, runs in enumerate(column):
                    ink.text(
                        flow.left + k * cell,
                        y + style.small.size + j * style.small.leading,
                        runs,
                        style.small,
                    )
        if counter:
            at = (flow.right, 22.0) if counter_top else (flow.right, ink.height - 10)
            ink.text(*at, page_text(counter, page), style.small, "r")
        flow.y = max(flow.y, 34 if counter_top or band else 0)
        if page > 1 and repeat:
            runs = [Run(paper.caption("document_number") + " "), *paper.field("document_number")]
            ink.text(flow.left, flow.y + style.body.size, runs, style.body)
            flow.y += style.body.leading * 1.5

    return Flow(paper, foot=30 + tall, on_page=on_page)


def make_footer(paper: Paper, plan: Plan) -> list[list[list[Run]]]:
    """Return the footer's columns of lines (empty: no footer)."""
    dice, deal = paper.dice, paper.deal
    if deal.document_type == "purchase_order":
        if dice.chance(0.7):
            return []
        name = Mark("customer_name", deal.customer.name)
        return [[[Run(deal.customer.name, name), Run(" · " + deal.customer.web)]]]
    if dice.chance(0.45 if deal.language == "en" else 0.2) and plan.supplier_in_head:
        return []
    party = blocks.party_lines(paper, "supplier", deal.supplier, contact=0.0, single=False)
    contact = [blocks.entry_runs(paper, e) for e in blocks.contact_entries(paper, low=2)]
    bank = [blocks.entry_runs(paper, e) for e in blocks.bank_entries(paper)]
    columns = [party, contact, bank]
    if dice.chance(0.3) and plan.supplier_in_head:
        columns = dice.some(columns, 1, 2)
    if dice.chance(0.15):
        joined: list[Run] = []
        for column in columns:
            for runs in column:
                joined += [*runs, Run(" | ")]
        return [[joined]]
    return columns

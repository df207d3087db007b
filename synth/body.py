"""Bodies of commercial papers: sentences, lines, sums, terms and small print."""

from __future__ import annotations

from decimal import Decimal

from synth import blocks, totals
from synth.deal import number
from synth.flow import Flow
from synth.ink import Run, plain
from synth.plan import Plan
from synth.wording import variants

_ALIKE = {"other": "purchase_order", "receipt": "invoice"}
"""Types that take the sentences of another one."""


def headline(flow: Flow) -> None:
    """Draw what is to pay, and until when, in large letters."""
    paper, style = flow.paper, flow.paper.style
    runs = paper.sentence(paper.any("s.headline"))
    if runs:
        face = style.body.but(bold=True, size=style.body.size + paper.dice.pick((3, 6, 9)))
        flow.y = paper.ink.paragraph(flow.left, flow.y, runs, face, flow.width) + 8


def sentences(flow: Flow, key: str, probability: float) -> None:
    """Draw zero to two sentences with values in them."""
    paper, dice = flow.paper, flow.paper.dice
    if not dice.chance(probability):
        return
    if key == "s.intro" and dice.chance(0.3):
        greeting = paper.sentence(paper.any("s.greeting"), contact=paper.deal.customer.contact)
        flow.y = (
            paper.ink.paragraph(
                flow.left, flow.y, greeting or plain(""), paper.style.body, flow.width
            )
            + 6
        )
    kind = paper.deal.document_type
    options = variants(paper.deal.language, f"{key}.{_ALIKE.get(kind, kind)}")
    if kind == "other":
        options = options[:2]
    for template in dice.some(options, 1, 2 if key == "s.intro" else 4):
        runs = paper.sentence(
            template, x=number(dice, "x", paper.deal.day), supplier_x=paper.deal.customer.email
        )
        if runs:
            flow.need(30)
            flow.y = paper.ink.paragraph(flow.left, flow.y, runs, paper.style.body, flow.width)
    flow.y += 6


def account(flow: Flow) -> None:
    """Draw a utility's summary: the balance before, payments, new charges, what is due now."""
    paper, ink, dice, body = flow.paper, flow.paper.ink, flow.paper.dice, flow.paper.style.body
    facts = paper.deal.facts
    before = Decimal(dice.randint(1000, 90000)) / 100
    paid = before if dice.chance(0.7) else Decimal(int(before))
    gross = facts["total_gross"]
    if not isinstance(gross, Decimal):
        return
    facts.pop("amount_paid", None)
    facts["amount_due"] = gross + before - paid
    words = ("Previous Balance", "Payments received - thank you", "New charges", "Total amount due")
    rows = (
        (words[0], paper.money(before, None)),
        (words[1], [Run("-"), *paper.money(paid, None)]),
        (words[2], paper.field("total_gross")),
        (words[3], paper.field("amount_due")),
    )
    flow.need(body.leading * 6)
    wide = dice.pick((0.45, 0.6, 1.0)) * flow.width
    for k, (caption, runs) in enumerate(rows):
        face = body.but(bold=k == 3)
        ink.text(flow.left, flow.y + body.size, caption, face)
        ink.text(flow.left + wide, flow.y + body.size, runs, face, "r")
        flow.y += body.leading * 1.25
    flow.y += 8


def sums(flow: Flow) -> None:
    """Draw the totals somewhere below the lines."""
    paper, dice = flow.paper, flow.paper.dice
    if paper.deal.document_type == "purchase_order" and dice.chance(0.1):
        return
    if len(paper.deal.taxes) > 1 and dice.chance(0.6):
        totals.tax_table(flow, left=flow.left, width=flow.width * 0.45)
        tabled = True
    else:
        tabled = False
    where = dice.choices(("right", "left", "row", "full"), (76, 8, 9, 7))[0]
    if where == "row":
        totals.totals_row(flow)
        return
    wide = {"right": dice.uniform(0.3, 0.48), "left": 0.4, "full": 1.0}[where] * flow.width
    left = flow.right - wide if where != "left" else flow.left
    how = dice.choices(("plain", "ruled", "boxed", "bar"), (50, 22, 12, 16))[0]
    totals.draw_totals(flow, left=left, width=wide, how=how)
    if not tabled and dice.chance(0.06):
        totals.tax_table(flow, left=flow.left, width=flow.width * 0.45)


def closing(flow: Flow, plan: Plan) -> None:
    """Draw payment terms, bank data, sentences and small print."""
    paper, dice, ink = flow.paper, flow.paper.dice, flow.paper.ink
    kind, style = paper.deal.document_type, paper.style
    flow.y += dice.pick((2, 8, 16, 24))
    drawn = {mark.name for mark in ink.marks}
    if kind in {"invoice", "purchase_order"} and "payment_terms" not in drawn and dice.chance(0.5):
        flow.need(20)
        terms = paper.field("payment_terms")
        if dice.chance(0.6):
            terms = blocks.entry_runs(paper, (paper.caption("payment_terms"), terms))
        flow.y = ink.paragraph(flow.left, flow.y, terms, style.body, flow.width) + 3
    sentences(flow, "s.outro", 0.6)
    if kind == "invoice" and "supplier_iban" not in drawn and dice.chance(0.4):
        entries = blocks.bank_entries(paper)
        flow.need(style.body.leading * (len(entries) + 1))
        if dice.chance(0.4):
            ink.text(
                flow.left,
                flow.y + style.body.size,
                paper.ended(paper.any("bank")),
                style.body.but(bold=True),
            )
            flow.y += style.body.leading
        flow.y = blocks.pairs(
            paper,
            entries,
            flow.left,
            flow.y,
            min(flow.width, 280),
            how=dice.pick(("tab", "inline", "tab")),
        )
    if kind == "shipment_notice" and paper.deal.ship_from and dice.chance(0.35):
        flow.need(80)
        flow.y = blocks.party_block(
            paper,
            "ship_from",
            paper.deal.ship_from,
            flow.left,
            flow.y,
            220,
            box=plan.party,
            heading=paper.any("ship_from"),
        )
    if dice.chance(0.3):
        flow.need(50)
        text = " ".join(dice.some(variants(paper.deal.language, "s.small"), 1, 5))
        flow.y = ink.paragraph(flow.left, flow.y + 4, text, style.small, flow.width)
    if dice.chance(0.25):
        flow.need(50)
        flow.y += 8
        for text in (paper.any("s.close"), paper.deal.supplier.contact if dice.chance(0.6) else ""):
            flow.y = ink.paragraph(flow.left, flow.y, text or " ", style.body, flow.width) + 4

"""Bodies of commercial papers: sentences, lines, sums, terms and small print."""

from __future__ import annotations

from decimal import Decimal

from synth import blocks, totals
from synth.deal import number
from synth.flow import Flow
from synth.ink import Run, plain
from synth.plan import Plan
from synth.table import Column, draw_table, make_look
from synth.wording import variants

_HOURS = {"Hours", "Std.", "Uren"}


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
    options = variants(
        paper.deal.language, f"{key}.{'purchase_order' if kind == 'other' else kind}"
    )
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


def lines(flow: Flow) -> None:
    """Draw the table of lines with a random choice of columns."""
    paper, dice = flow.paper, flow.paper.dice
    kind = paper.deal.document_type
    if (
        kind not in {"shipment_notice", "purchase_order"}
        and len(paper.deal.lines) < 6
        and dice.chance(0.1)
    ):
        plain_list(flow)
        return
    look = make_look(paper)
    names = ["description"]
    if kind == "shipment_notice":
        names += ["shipped_quantity"] if dice.chance(0.6) else ["quantity"]
        if "shipped_quantity" in names and dice.chance(0.45):
            names.append("quantity")
        chances = {"position": 0.5, "code": 0.75, "unit": 0.55, "order_number": 0.08}
    else:
        names += ["amount_net"]
        chances = {
            "position": 0.45,
            "code": 0.55,
            "quantity": 0.93,
            "unit": 0.38,
            "unit_price": 0.9,
            "discount": 0.0,
            "tax_rate": 0.3,
            "order_number": 0.04,
            "delivery_date": 0.08 if kind == "purchase_order" else 0.03,
            "amount_gross": 0.06,
        }
        if any(line.discount for line in paper.deal.lines):
            chances["discount"] = 1.0
    names += [name for name, chance in chances.items() if dice.chance(chance)]
    order = (
        "position",
        "code",
        "description",
        "quantity",
        "shipped_quantity",
        "unit",
        "unit_price",
        "discount",
        "order_number",
        "delivery_date",
        "tax_rate",
        "amount_net",
        "amount_gross",
    )
    if dice.chance(0.3):
        order = (
            "position",
            "quantity",
            "unit",
            "shipped_quantity",
            "code",
            "description",
            "delivery_date",
            "tax_rate",
            "unit_price",
            "discount",
            "order_number",
            "amount_net",
            "amount_gross",
        )
    names.sort(key=order.index)
    if dice.chance(0.1):
        tail = names.pop()
        dice.shuffle(names)
        names.append(tail)
    columns, used = [], set()
    for name in names:
        word = paper.word(f"col.{name}", paper.deal.region.code)
        for _ in range(8):
            if word.lower() not in used and (paper.deal.goods == "service" or word not in _HOURS):
                break
            word = paper.any(f"col.{name}")
        used.add(word.lower())
        runs = [Run(paper.case(word))]
        if (
            name in {"amount_net", "unit_price"}
            and paper.style.sign_place != "glued"
            and not look.sign
            and dice.chance(0.25)
        ):
            coin = Run(dice.pick((paper.deal.region.currency, paper.style.sign)), paper.coin_mark())
            runs += (
                [Run(" "), coin]
                if dice.chance(0.6)
                else [Run(" "), coin._replace(text=f"({coin.text})")]
            )
        columns.append(Column(name, runs))
    extra = {
        "x.date": 0.03,
        "col.batch": 0.05,
        "col.weight": 0.12 if kind == "shipment_notice" else 0,
        "col.backorder": 0.12 if kind == "shipment_notice" else 0,
    }
    for key, chance in extra.items():
        if dice.chance(chance):
            text = paper.any(key)
            look.extras[text] = [
                paper.day(dice.pick(paper.deal.other_dates))
                if key == "x.date"
                else dice.digits(dice.randint(1, 6))
                for _ in paper.deal.lines
            ]
            columns.insert(dice.randint(0, len(columns)), Column("", [Run(text)], key=text))
    if "code" not in names and dice.chance(0.08):
        look.subline = "code"
    elif dice.chance(0.04):
        look.subline = "date"
    elif dice.chance(0.1):
        look.subline = "extra"
        for line in paper.deal.lines:
            if dice.chance(0.4):
                line.extra = dice.shape("XX9999")
    draw_table(flow, columns, look)


def plain_list(flow: Flow) -> None:
    """Draw the lines as text with an amount at the end: no table, no heads."""
    paper, ink, body = flow.paper, flow.paper.ink, flow.paper.style.body
    sign = paper.dice.chance(0.6)
    numbered = paper.dice.chance(0.25)
    wide = flow.width * paper.dice.uniform(0.6, 1.0)
    for row, line in enumerate(paper.deal.lines):
        flow.need(body.leading * 3)
        amount = paper.cell(row, line, "amount_net", sign=sign)
        text = [*paper.cell(row, line, "position"), Run(". ")] if numbered else []
        text += paper.cell(row, line, "description")
        if line.quantity != 1:
            unit = paper.cell(row, line, "unit")
            price = paper.cell(row, line, "unit_price", sign=sign)
            joint = paper.habit("list", (" x ", " à ", " @ ", " * "))
            text += [
                Run(", "),
                *paper.cell(row, line, "quantity"),
                Run(" "),
                *unit,
                Run(joint),
                *price,
            ]
        top = flow.y
        flow.y = ink.paragraph(flow.left, top, text, body, wide - 90)
        ink.text(flow.left + wide, flow.y - body.leading + body.size, amount, body, "r")
        flow.y += paper.habit("list gap", (0, 2, 5))
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
    if kind in {"invoice", "purchase_order"} and "payment_terms" not in drawn and dice.chance(0.4):
        flow.need(20)
        entry = (paper.caption("payment_terms"), paper.field("payment_terms"))
        flow.y = (
            ink.paragraph(
                flow.left, flow.y, blocks.entry_runs(paper, entry), style.body, flow.width
            )
            + 3
        )
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

"""Line items on commercial papers: which columns in which order, or plain text without a table."""

from __future__ import annotations

from synth.cells import Column
from synth.flow import Flow
from synth.ink import Run
from synth.table import draw_table, make_look

_HOURS = {"Hours", "Std.", "Uren"}


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
    if "unit" in names and {"quantity", "shipped_quantity"} & set(names) and dice.chance(0.35):
        names.remove("unit")
        look.glue_unit = True
    if "code" in names and dice.chance(0.07):
        names.remove("code")
        look.code_above = True
    columns: list[Column] = []
    used: set[str] = set()
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

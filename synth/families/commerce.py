"""Invoices, credit notes, purchase orders and delivery papers on sheets of A4 or Letter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from synth import blocks, totals
from synth.blocks import Entry, PartyBox
from synth.content import Party
from synth.deal import Deal, number
from synth.dice import Dice
from synth.flow import Flow
from synth.ink import Face, Ink, Mark, Run, plain
from synth.paper import Paper, page_text
from synth.style import make_style
from synth.table import Column, draw_table, make_look
from synth.wording import variants

SIZES = {"A4": (595.3, 841.9), "Letter": (612.0, 792.0)}
_META = {
    "invoice": (
        "document_number",
        "issue_date",
        "due_date",
        "customer_number",
        "order_number",
        "delivery_date",
        "delivery_note_number",
        "sales_order_number",
        "contract_number",
        "payment_terms",
        "currency",
        "service",
        "customer_tax_id",
        "supplier_tax_id",
    ),
    "credit_note": (
        "document_number",
        "issue_date",
        "customer_number",
        "order_number",
        "delivery_date",
        "sales_order_number",
        "contract_number",
        "currency",
        "customer_tax_id",
        "due_date",
        "payment_terms",
    ),
    "purchase_order": (
        "document_number",
        "issue_date",
        "expected_delivery_date",
        "customer_number",
        "contract_number",
        "payment_terms",
        "currency",
        "sales_order_number",
    ),
    "shipment_notice": (
        "document_number",
        "issue_date",
        "ship_date",
        "order_number",
        "sales_order_number",
        "customer_number",
        "carrier",
        "tracking_number",
        "expected_delivery_date",
        "delivery_date",
        "package_count",
        "gross_weight",
        "bill_of_lading_number",
        "delivery_note_number",
        "contract_number",
    ),
}
_CHANCE = {
    "document_number": 0.99,
    "issue_date": 0.97,
    "due_date": 0.55,
    "customer_number": 0.5,
    "order_number": 0.5,
    "delivery_date": 0.3,
    "delivery_note_number": 0.14,
    "sales_order_number": 0.2,
    "contract_number": 0.1,
    "payment_terms": 0.4,
    "currency": 0.15,
    "service": 0.2,
    "customer_tax_id": 0.15,
    "supplier_tax_id": 0.1,
    "expected_delivery_date": 0.6,
    "ship_date": 0.5,
    "carrier": 0.5,
    "tracking_number": 0.4,
    "package_count": 0.45,
    "gross_weight": 0.45,
    "bill_of_lading_number": 0.15,
}
_HOURS = {"Hours", "Std.", "Uren"}
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
)


@dataclass(slots=True)
class Plan:
    """What the header shows and how."""

    meta: list[Entry]
    meta_how: str
    party: PartyBox
    bill: str
    ship: str
    mine: str
    title: list[Run]
    supplier_in_head: bool


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
    sentences(flow, "s.intro", 0.55)
    lines(flow)
    if deal.document_type != "shipment_notice":
        sums(flow)
    closing(flow, plan)
    return paper


def make_plan(paper: Paper, other: str) -> Plan:
    """Return what the header of this paper shows."""
    dice, deal = paper.dice, paper.deal
    kind = deal.document_type
    if other:
        paper.rename("document_number", f"document_number@{other}")
    names = [n for n in _META.get(kind, _META["invoice"]) if dice.chance(_CHANCE[n])]
    if dice.chance(0.35):
        dice.shuffle(names)
    meta: list[Entry] = []
    for name in names:
        meta += meta_entry(paper, name)
    for _ in range(dice.choices((0, 1, 2, 3, 4), (30, 30, 20, 12, 8))[0]):
        meta.insert(dice.randint(0, len(meta)), distractor(paper))
    buyer_is_issuer = kind == "purchase_order"
    words = ("vendor", "buyer") if buyer_is_issuer else ("from", "bill_to")
    title_key = (
        f"title.{other}"
        if other
        else "title.bill_of_lading"
        if kind == "shipment_notice" and dice.chance(0.12)
        else f"title.{kind}"
    )
    title = [Run(paper.case(paper.any(title_key)))]
    if dice.chance(0.14) and "document_number" in names:
        joint = (
            dice.pick((" ", " No. ", " # ", ": ", " Nr. "))
            if deal.language in {"en", "de"}
            else " "
        )
        title += [Run(joint), *paper.field("document_number")]
        if dice.chance(0.6):
            caption = paper.caption("document_number")
            meta = [entry for entry in meta if entry[0] != caption]
        if dice.chance(0.25):
            title += [
                Run({"de": " vom ", "fr": " du ", "en": " dated "}.get(deal.language, " - ")),
                *paper.field("issue_date"),
            ]
    return Plan(
        meta=meta,
        meta_how=dice.choices(
            ("tab", "right", "inline", "stack", "ends", "ruled", "grid", "table"),
            (24, 8, 18, 8, 6, 10, 18, 8),
        )[0],
        party=PartyBox.draw_style(paper),
        bill=paper.any(words[1]),
        ship=paper.any("ship_to"),
        mine=paper.any(words[0]),
        title=title,
        supplier_in_head=dice.chance(0.92),
    )


def meta_entry(paper: Paper, name: str) -> list[Entry]:
    """Return a meta field as entries; a service period may be one entry or two."""
    dice = paper.dice
    if name == "service":
        if dice.chance(0.6):
            joint = (
                dice.pick((" - ", " – ", " to ", " / "))
                if paper.deal.language == "en"
                else dice.pick((" - ", " – ", " bis "))
                if paper.deal.language == "de"
                else dice.pick((" - ", " – "))
            )
            return [(paper.caption("service_period"), paper.span(joint))]
        return [(paper.caption(n), paper.field(n)) for n in ("service_start", "service_end")]
    if not paper.has(name):
        return []
    runs = paper.field(name)
    if name == "gross_weight":
        runs = [*runs, Run(dice.pick((" kg", " KG", " kg", " lbs", "")))]
    if name == "package_count":
        runs = [*runs, Run(dice.pick(("", "", " ctn", " plt", " Colli")))]
    return [(paper.caption(name), runs)]


def distractor(paper: Paper) -> Entry:
    """Return a caption and value that belong to no field."""
    for _ in range(6):
        entry = _distractor(paper)
        if not paper.spoken(entry[0]):
            break
    return entry


def _distractor(paper: Paper) -> Entry:
    dice, deal = paper.dice, paper.deal
    match dice.randint(0, 3):
        case 0:
            return paper.case(paper.any("x.number")), plain(number(dice, "x", deal.day))
        case 1:
            return paper.case(paper.any("x.person")), plain(
                dice.pick((deal.supplier.contact, deal.customer.contact))
            )
        case 2:
            return paper.case(paper.any("x.date")), plain(paper.day(dice.pick(deal.other_dates)))
        case _:
            return paper.case(paper.any("x.text")), plain(
                dice.pick(variants(deal.language, "x.words"))
            )


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
            align = dice.choices(("l", "r", "c"), (6, 3 if last else 0.5, 2))[0]
            fitted = style.title
            while ink.measure(plan.title, fitted) > width and fitted.size > style.body.size:
                fitted = fitted.but(size=fitted.size - 1)
            return ink.paragraph(x, y, plan.title, fitted, width, align) + 4  # type: ignore[arg-type]
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
                blocks.logo(paper, x if not last else x + width - 70, y, 70, dice.randint(28, 50))
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
                blocks.logo(paper, x, y, 60, 36)
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
        blocks.logo(paper, x if not last else x + width - 44, y, 44, 30)
        y += 34
    align = "r" if last and dice.chance(0.5) else "l"
    if width > 430 and dice.chance(0.5):
        align = "c"
    lines = blocks.party_lines(paper, prefix, party, contact=0.05, single=dice.chance(0.3))  # type: ignore[arg-type]
    big = style.head.but(
        size=style.body.size + dice.pick((0, 1, 2, 4, 6, 9)),
        bold=dice.chance(0.75),
        colour=style.accent if dice.chance(0.4) else (0, 0, 0),
    )
    while ink.measure(lines[0], big) > width and big.size > style.body.size:
        big = big.but(size=big.size - 1)
    if dice.chance(0.1) and plan.party.heading == "above":
        y = ink.paragraph(x, y, paper.ended(paper.case(plan.mine)), style.body, width, align)  # type: ignore[arg-type]
    y = ink.paragraph(x, y, lines[0], big, width, align)  # type: ignore[arg-type]
    face = style.small if dice.chance(0.4) else style.body
    y = blocks.lines_block(paper, lines[1:], x, y + 1, width, face=face, align=align)  # type: ignore[arg-type]
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
        y = ink.paragraph(x, y, runs, face, width, align)  # type: ignore[arg-type]
    return y + 2


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

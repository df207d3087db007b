"""Bills of lading and waybills: numbered or captioned boxes, a table of pieces, signatures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from synth import blocks, items
from synth.blocks import Entry
from synth.deal import Deal
from synth.dice import Dice
from synth.families import commerce
from synth.flow import Flow
from synth.ink import Ink, Mark, Run, plain
from synth.paper import Paper, page_text
from synth.plan import distractor
from synth.style import make_style
from synth.wording import variants

_PIECES = ("PLT", "CTN", "SKD", "CRT", "DRM", "PCS", "BOX", "BDL", "EUR-PAL")
_NOTES = (
    "RECEIVED, subject to classifications and tariffs in effect on the date of issue.",
    "The property described below is in apparent good order, except as noted.",
    "NOTE: Liability limitation for loss or damage in this shipment may be applicable.",
    "COD Amount: ________   Prepaid [ ]  Collect [ ]  3rd Party [ ]",
    "Trailer loaded: [ ] by shipper [ ] by driver    Freight counted: [ ] by shipper",
)


def draw(dice: Dice, deal: Deal) -> Paper:
    """Return a finished bill of lading."""
    style = make_style(dice, deal, size=dice.pick((7, 7.5, 8, 8.5, 9)))
    style = replace(style, margin=dice.pick((24, 30, 36, 45)))
    paper = Paper(dice, deal, style, Ink(*commerce.SIZES["Letter" if deal.region.letter else "A4"]))
    if deal.ship_to is None:
        deal.ship_to = deal.customer
        deal.facts["ship_to_name"], deal.facts["ship_to_address"] = (
            deal.customer.name,
            deal.customer.address,
        )
    if deal.ship_from is None:
        deal.ship_from = deal.supplier
        deal.facts["ship_from_name"] = deal.supplier.name
        deal.facts["ship_from_address"] = deal.supplier.address
    counter = paper.any("page")

    def on_page(flow: Flow, page: int) -> None:
        paper.ink.text(flow.right, 18, page_text(counter, page), style.small, "r")

    flow = Flow(paper, foot=30, on_page=on_page)
    top(flow)
    boxes(flow)
    both = dice.chance(0.4)
    pieces(flow, labelled=not both)
    if both:
        deal.lines = deal.lines[: max(1, int((flow.bottom - flow.y - 120) / 34))]
        items.lines(flow)
    for note in (
        dice.some(_NOTES, 0, 4)
        if deal.language == "en"
        else dice.some(variants(deal.language, "s.small"), 1, 3)
    ):
        flow.need(24)
        flow.y = paper.ink.paragraph(flow.left, flow.y + 3, note, style.small, flow.width)
    signatures(flow)
    return paper


def top(flow: Flow) -> None:
    """Draw the title, and number and date beside it."""
    paper, dice, ink, style = flow.paper, flow.paper.dice, flow.paper.ink, flow.paper.style
    title = paper.any("title.bill_of_lading")
    middle = dice.chance(0.5)
    at = ink.width / 2 if middle else flow.left
    ink.text(
        at,
        flow.y + 16,
        title,
        style.title.but(size=min(style.title.size, 18)),
        "c" if middle else "l",
    )
    flow.y += 24
    if dice.chance(0.25):
        ink.text(flow.left, flow.y + 10, paper.field("carrier"), style.head)
        flow.y += 16


def boxes(flow: Flow) -> None:
    """Draw parties and facts as ruled boxes, two columns wide."""
    paper, dice, deal, style = flow.paper, flow.paper.dice, flow.paper.deal, flow.paper.style
    numbered = dice.chance(0.35)
    parties = [
        ("ship_from", deal.ship_from, paper.any("ship_from")),
        ("ship_to", deal.ship_to, paper.any("ship_to")),
    ]
    if dice.chance(0.4):
        parties.append(("supplier", deal.supplier, paper.any("from")))
    if dice.chance(0.4):
        parties.append(("customer", deal.customer, paper.any("bill_to")))
    names = [
        n
        for n, chance in (
            ("bill_of_lading_number", 0.97),
            ("issue_date", 0.6),
            ("ship_date", 0.6),
            ("carrier", 0.75),
            ("tracking_number", 0.6),
            ("order_number", 0.5),
            ("sales_order_number", 0.25),
            ("document_number", 0.3),
            ("customer_number", 0.2),
            ("expected_delivery_date", 0.3),
            ("delivery_note_number", 0.25),
        )
        if dice.chance(chance)
    ]
    facts: list[Entry] = [(paper.caption(n), paper.field(n)) for n in names]
    for _ in range(dice.randint(1, 4)):
        facts.insert(dice.randint(0, len(facts)), distractor(paper))
    for caption in dice.some(
        (
            "SCAC",
            "Trailer No.",
            "Seal No.",
            "Route",
            "Vessel",
            "Port of Loading",
            "Port of Discharge",
            "Freight Terms",
            "Container No.",
        ),
        0,
        4,
    ):
        facts.append((caption, plain(dice.shape(dice.pick(("AAAA", "999999", "AAAA9999999"))))))
    half = flow.width * dice.uniform(0.45, 0.58)
    y = flow.y
    for k, (prefix, who, heading) in enumerate(parties):
        if who is None:
            continue
        start = y
        text = f"{k + 1} {heading}" if numbered else heading
        y = paper.ink.paragraph(
            flow.left + 3, y + 2, text, style.small.but(bold=style.caption_bold), half - 6
        )
        lines = blocks.party_lines(paper, prefix, who, contact=0.2)
        y = blocks.lines_block(paper, lines, flow.left + 3, y, half - 6, face=style.body)
        if dice.chance(0.3):
            y = (
                paper.ink.paragraph(flow.left + 3, y, f"Tel. {who.phone}", style.body, half - 6)
                if prefix != "supplier"
                else y
            )
        y += 3
        paper.ink.box(flow.left, start, half, y - start, weight=0.6)
    x, wide = flow.left + half, flow.width - half
    if dice.chance(0.6):
        low = blocks.grid(
            paper,
            facts,
            x,
            flow.y,
            wide,
            columns=dice.pick((1, 2, 2)),
            ruled=True,
            shaded=dice.chance(0.2),
        )
    else:
        low = blocks.pairs(
            paper, facts, x + 6, flow.y + 4, wide - 8, how=dice.pick(("tab", "inline", "right"))
        )
        paper.ink.box(x, flow.y, wide, max(low, y) - flow.y, weight=0.6)
    flow.y = max(low, y) + dice.pick((0, 6, 12))


def pieces(flow: Flow, *, labelled: bool) -> None:
    """Draw the table of handling units with their weights, and its totals."""
    paper, dice, deal, ink, style = (
        flow.paper,
        flow.paper.dice,
        flow.paper.deal,
        flow.paper.ink,
        flow.paper.style,
    )
    total, weight = deal.facts["package_count"], deal.facts["gross_weight"]
    if not isinstance(total, Decimal) or not isinstance(weight, Decimal):
        return
    rows = min(dice.randint(1, 6), int(total))
    counts = [int(total) // rows] * rows
    counts[0] += int(total) - sum(counts)
    parts = [(weight * c / total).quantize(Decimal("0.1")) for c in counts]
    parts[0] += weight - sum(parts)
    heads = [
        paper.any("package_count"),
        paper.any("col.unit"),
        paper.any("col.description"),
        paper.any("gross_weight"),
    ]
    class_ = dice.chance(0.4) and deal.language == "en"
    shares = (0.14, 0.12, 0.5, 0.24)
    at = [flow.left + sum(shares[:k]) * flow.width for k in range(5)]
    step = style.body.leading * dice.pick((1.1, 1.4, 1.8))
    start = flow.y
    for k, text in enumerate(heads):
        line = ink.wrap(plain(text), style.small, shares[k] * flow.width - 4)[0]
        ink.text(at[k] + 3, flow.y + style.body.size, line, style.small.but(bold=True))
    flow.y += step
    ink.rule(flow.left, flow.y, flow.right, flow.y)
    names = dice.some(variants(deal.language, f"goods.{deal.goods}"), rows, rows)
    for row, count in enumerate(counts):
        name = names[row % len(names)]
        cells = [
            [Run(str(count), Mark("quantity", str(count), row) if labelled else None)],
            [Run(dice.pick(_PIECES))],
            [
                Run(name, Mark("description", name, row) if labelled else None),
                Run(f"  NMFC {dice.digits(5)} CL {dice.pick((50, 70, 85))}" if class_ else ""),
            ],
            [Run(paper.show(parts[row], None))],
        ]
        unit = cells[1][0].text
        cells[1] = [Run(unit, Mark("unit", unit, row) if labelled else None)]
        for k, runs in enumerate(cells):
            ink.text(at[k] + 3, flow.y + style.body.size + 1, runs, style.body)
        flow.y += step
    ink.rule(flow.left, flow.y, flow.right, flow.y)
    if rows > 1 or dice.chance(0.6):
        ink.text(
            at[0] + 3,
            flow.y + style.body.size + 2,
            paper.field("package_count"),
            style.body.but(bold=True),
        )
        ink.text(
            at[2] + 3,
            flow.y + style.body.size + 2,
            dice.pick(("TOTAL", "Total", "GRAND TOTAL")) if deal.language == "en" else "Total",
            style.body,
        )
        runs = [
            *paper.field("gross_weight"),
            Run(dice.pick((" kg", " KG", "", " LBS" if deal.region.code == "US" else " kg"))),
        ]
        ink.text(at[3] + 3, flow.y + style.body.size + 2, runs, style.body.but(bold=True))
        flow.y += step + 2
    if dice.chance(0.7):
        ink.box(flow.left, start, flow.width, flow.y - start, weight=0.6)
        for x in at[1:4]:
            ink.rule(x, start, x, flow.y, weight=0.4)
    flow.y += 8


def signatures(flow: Flow) -> None:
    """Draw fields for signatures."""
    paper, ink, style = flow.paper, flow.paper.ink, flow.paper.style
    flow.need(50)
    third = flow.width / 3
    words = (
        ("Shipper signature / date", "Carrier / driver signature", "Consignee signature")
        if paper.deal.language == "en"
        else (paper.any("ship_from"), paper.any("carrier"), paper.any("ship_to"))
    )
    for k, text in enumerate(words):
        ink.rule(
            flow.left + k * third + 4, flow.y + 30, flow.left + (k + 1) * third - 8, flow.y + 30
        )
        ink.text(flow.left + k * third + 4, flow.y + 38, text, style.small)
    flow.y += 44

"""Air-time papers: orders, contracts and invoices of broadcasting stations for advertisers.

The customer is the advertiser, not the agency that is billed; ``total_gross`` is the sum before the
agency's commission; the service dates are the flight dates, not the invoice period.
"""

from __future__ import annotations

from dataclasses import replace

from synth.blocks import Entry
from synth.content import People
from synth.deal import Deal
from synth.dice import Dice
from synth.families.airheads import boxes, dense, form
from synth.families.airsums import sums
from synth.families.airtime import Air, settle
from synth.families.commerce import SIZES
from synth.families.spots import schedule
from synth.flow import Flow
from synth.ink import Align, Face, Ink, Run, plain
from synth.paper import Paper, page_text
from synth.style import make_style
from synth.wording import variants


def draw(dice: Dice, deal: Deal) -> Paper:
    """Return a finished air-time order or invoice."""
    air = settle(dice, deal)
    style = make_style(dice, deal, size=dice.pick((6, 6.5, 7, 7.5, 8, 8.5, 9)), mono=0.05)
    style = replace(
        style,
        sign_place="glued" if dice.chance(0.8) else "none",
        sign="$",
        number="1,234.50",
        date=dice.pick(
            ("mm/dd/yy", "mm/dd/yy", "mm/dd/yyyy", "m/d/yyyy", "mm/dd/yy", "MMM d, yyyy")
        ),
        margin=dice.pick((18, 24, 30, 36)),
        caption_end=dice.pick((":", "", "")),
        value_bold=dice.chance(0.15),
        caption_bold=dice.chance(0.2),
        caption_case="plain",
    )
    width, height = SIZES["Letter"]
    if dice.chance(0.35):
        width, height = height, width
    paper = Paper(dice, deal, style, Ink(width, height))
    title = dice.pick(variants("air", f"title.{deal.document_type}"))
    title_at: Align = dice.pick(("c", "c", "l", "r"))
    printed = paper.day(deal.other_dates[0]) + dice.pick((" 14:01:20", "", " 9:12:05 AM"))
    note = dice.pick(variants("air", "notes"))
    watermark = dice.chance(0.06)
    small_head = dice.chance(0.4)

    def on_page(flow: Flow, page: int) -> None:
        ink = paper.ink
        if watermark:
            ink.text(
                ink.width / 2,
                60,
                "DUPLICATE",
                Face(style.head.case, 34, True, (0.8, 0.8, 0.8)),
                "c",
            )
        top = ink.height - 16 if dice.chance(0.3) else 20
        ink.text(flow.right, top, page_text("Page {p} of {n}", page), style.small, "r")
        if small_head:
            ink.text(flow.right - 90, 20, f"Print Date {printed}", style.small, "r")
        if note:
            ink.paragraph(flow.left, ink.height - 30, note, style.small, flow.width, "c")
        flow.y = 30
        at = {"c": ink.width / 2, "l": flow.left, "r": flow.right}[title_at]
        if page == 1 or dice.chance(0.4):
            ink.text(at, flow.y + 14, title, style.title, title_at)
            flow.y += 24
        if page > 1:
            captions = dice.pick(variants("air", f"number.{deal.document_type}"))
            ink.text(
                flow.left,
                flow.y + 8,
                [Run(paper.ended(captions) + " "), *paper.field("document_number")],
                style.body,
            )
            flow.y += 16

    flow = Flow(paper, foot=44, on_page=on_page)
    entries = facts(paper, air)
    dice.choices((boxes, form, dense), (40, 28, 32))[0](flow, air, entries)
    flow.y += dice.pick((4, 10, 18))
    early = dice.chance(0.3)
    if early:
        sums(flow, air)
    schedule(flow, air)
    if not early or dice.chance(0.3):
        sums(flow, air)
    if dice.chance(0.3):
        flow.need(30)
        flow.y = paper.ink.paragraph(
            flow.left,
            flow.y + 6,
            dice.pick(
                (
                    "Signature: ____________________   Date: ______________",
                    "Accepted - Agency/Advertiser: __________________",
                    "Notarized: ____________",
                )
            ),
            style.body,
            flow.width,
        )
    return paper


def span(paper: Paper) -> list[Run]:
    """Return the flight dates as one range."""
    joint = paper.dice.choices((" - ", " to ", "-", " / "), (70, 8, 14, 8))[0]
    return paper.span(joint)


def facts(paper: Paper, air: Air) -> list[Entry]:
    """Return the captions and values of the head, in random order and selection."""
    dice, deal = paper.dice, paper.deal
    kind = deal.document_type
    rows: list[Entry] = []
    people = People(dice, deal.region)
    for entry in dice.some(variants("air", "fill"), 5, 20):
        caption, _, value = (part.strip() for part in entry.partition("=>"))
        text = (
            dice.shape(value)
            if "{" not in value
            and not value.isupper()
            and any(c.isdigit() for c in value)
            and "%" not in value
            and "+" not in value
            else value
        )
        for mark, made in (
            (
                "{p}",
                dice.pick(
                    (
                        "Candidate",
                        "Political",
                        "Issue Ad",
                        "TV",
                        "Spring Sale",
                        deal.customer.name.upper()[:18],
                        "Brand Awareness",
                    )
                ),
            ),
            ("{c}", air.station),
            ("{o}", people.town()),
            ("{n}", people.person()),
            ("{t}", people.town()),
            ("{d}", paper.day(dice.pick(deal.other_dates))),
        ):
            text = text.replace(mark, made)
        rows.append((caption, plain(text)))
    own = [(dice.pick(variants("air", f"number.{kind}")), paper.field("document_number"))]
    if kind == "purchase_order" and dice.chance(0.3):
        own[0] = (own[0][0], [*own[0][1], Run(dice.pick((" /", " / 1", " / 0", " /")))])
    name = paper.field("customer_name")
    if dice.chance(0.15):
        name = [*name, Run(f" ({dice.digits(dice.randint(3, 5))})")]
    own.append((dice.pick(variants("air", "advertiser")), name))
    if dice.chance(0.88):
        own.append((dice.pick(variants("air", "flight")), span(paper)))
    else:
        own += [
            ("Start Date", paper.field("service_start")),
            ("End Date", paper.field("service_end")),
        ]
    if dice.chance(0.5):
        own.append(("Agency", plain(air.agency[0])))
    if kind == "invoice":
        own.append(
            (
                dice.pick(("Invoice Date", "Inv Date", "Date", "Billing Date")),
                paper.field("issue_date"),
            )
        )
        if dice.chance(0.75):
            own.append(
                (
                    dice.pick(("Invoice Period", "Billing Period")),
                    plain(f"{paper.day(air.invoice_from)} - {paper.day(air.invoice_to)}"),
                )
            )
        if dice.chance(0.5):
            own.append(
                (
                    dice.pick(("Invoice Month", "Broadcast Month")),
                    plain(air.invoice_to.strftime("%B %Y")),
                )
            )
        if dice.chance(0.75):
            own.append(
                (
                    dice.pick(("Order #", "Contract #", "Order", "Contract")),
                    paper.field("sales_order_number"),
                )
            )
        if dice.chance(0.3):
            own.append((dice.pick(("Terms", "Payment Terms")), paper.field("payment_terms")))
    elif dice.chance(0.25):
        own.append((dice.pick(("Order Date", "Date", "Contract Date")), paper.field("issue_date")))
    if dice.chance(0.6):
        mixed = own + rows
        dice.shuffle(mixed)
        return mixed
    return own + rows

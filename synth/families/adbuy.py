"""Air-time papers: orders, contracts and invoices of broadcasting stations for advertisers.

The customer is the advertiser, not the agency that is billed; ``total_gross`` is the sum before the
agency's commission; the service dates are the flight dates, not the invoice period.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from synth import blocks
from synth.blocks import Entry
from synth.content import People
from synth.deal import ZERO, Deal, Line, number
from synth.dice import Dice
from synth.families.commerce import SIZES
from synth.flow import Flow
from synth.formats import cents
from synth.ink import Face, Ink, Mark, Run, plain
from synth.paper import Paper, page_text
from synth.style import make_style

_OFFICES = (
    "Senate",
    "Congress",
    "Governor",
    "Mayor",
    "State House",
    "City Council",
    "Supreme Court",
    "Sheriff",
    "Attorney General",
    "School Board",
    "County Judge",
    "Treasurer",
    "US Senate",
    "State Senate",
    "President",
)
_CAUSES = (
    "Values",
    "Families",
    "Progress",
    "Liberty",
    "Schools",
    "Jobs",
    "Future",
    "Energy",
    "Health",
    "Justice",
    "Growth",
    "Action",
    "Voters",
    "Workers",
    "Communities",
    "Farmers",
    "Water",
    "Roads",
    "Freedom",
)
_SHOWS = (
    "Early News",
    "Late News",
    "News at Noon",
    "Morning Show",
    "News @ {t}",
    "{d} {t}-{t}",
    "Sports Saturday",
    "Prime Rotator",
    "Evening Report",
    "Game Night",
    "Talk Hour",
    "Weekend Edition",
    "Movie Night",
    "ROS 6a-12a",
    "Daybreak",
    "Court Hour",
    "Good Morning",
    "Quiz Time",
    "Local 5 News {t}",
    "Sunday Forum",
    "Overnight Rotation",
    "M-F {t} News",
    "Late Show",
    "Daytime Rotator",
    "Sat Cartoon Block",
    "Football Sunday",
    "Access Tonight",
)
_TIMES = (
    "5a",
    "6a",
    "7a",
    "9a",
    "10a",
    "12p",
    "1p",
    "4p",
    "5p",
    "530p",
    "6p",
    "7p",
    "8p",
    "10p",
    "11p",
    "1135p",
)
_DAYS = (
    "M-F",
    "M-Su",
    "Sa-Su",
    "Sat",
    "Sun",
    "MTWTF--",
    "M------",
    "-T-T---",
    "MTWTFSS",
    "-----SS",
    "MTWT---",
    "Mo-Fr",
    "Tu",
    "W",
)
_ADVERTISER = (
    "Advertiser",
    "Advertiser Name",
    "Advertiser",
    "Client",
    "Advertiser/Sponsor",
    "Sponsor",
)
_FLIGHT = (
    "Flight Dates",
    "Flight",
    "Contract Dates",
    "Schedule Dates",
    "Order Flight",
    "Start/End Dates",
    "Flight Start/End",
    "Schedule",
    "Campaign Dates",
    "Air Dates",
    "Run Dates",
    "Broadcast Dates",
    "Term",
)
_NUMBER = {
    "invoice": ("Invoice #", "Invoice", "Invoice No.", "Invoice Number", "Inv #", "Invoice No"),
    "purchase_order": (
        "Order / Rev",
        "Contract #",
        "Order #",
        "Contract / Revision",
        "Order",
        "Contract",
        "Order Number",
        "Contract Number",
        "Contract No.",
    ),
}
_TITLES = {
    "invoice": (
        "INVOICE",
        "Invoice",
        "BILLING INVOICE",
        "STATION INVOICE",
        "Broadcast Invoice",
        "Affidavit / Invoice",
        "INVOICE",
    ),
    "purchase_order": (
        "ORDER",
        "CONTRACT",
        "Order",
        "Contract",
        "BROADCAST ORDER",
        "Sales Order",
        "Air Time Contract",
        "ORDER CONFIRMATION",
        "Media Order",
    ),
}
_FILL = (
    ("Estimate #", "8999"),
    ("Product", "{p}"),
    ("Alt Order #", "89999999"),
    ("Property", "{c}"),
    ("Sales Office", "{o}"),
    ("Sales Region", "National"),
    ("Account Executive", "{n}"),
    ("Billing Calendar", "Broadcast"),
    ("Billing Type", "Cash"),
    ("Agency Code", "8999"),
    ("Advertiser Code", "899"),
    ("Special Handling", ""),
    ("Demographic", "Adults 35+"),
    ("Buyer", "{n}"),
    ("Salesperson", "{n}"),
    ("Order Type", "GENERAL"),
    ("Revenue Code", "Political"),
    ("Agency Ref", "89999"),
    ("Product Code", "899"),
    ("Market", "{t}"),
    ("Brand", "{p}"),
    ("Date Entered", "{d}"),
    ("Print Date", "{d}"),
    ("Last Modified", "{d}"),
    ("Billing Cycle", "EOM"),
    ("Priority", "P-09"),
    ("CPE", "899/8999/899"),
    ("Rep Firm", "{o}"),
    ("Comments", "Separation :30"),
    ("Co-op", "No"),
    ("External #", "89999999"),
    ("Agency Commission", "15%"),
    ("Original Date / Rev", "{d} / {d}"),
    ("New Business Thru", ""),
    ("Buying Contact", "{n}"),
    ("Primary AE", "{n}"),
)


@dataclass(slots=True)
class Air:
    """What air-time papers know beside the deal."""

    station: str
    owner: str
    agency: tuple[str, ...]
    gross: Decimal
    commission: Decimal
    invoice_from: date
    invoice_to: date


def advertiser(dice: Dice, people: People) -> str:
    """Return an advertiser: a campaign, a committee or a company."""
    last, first = people.fake.last_name(), people.fake.first_name()
    office, cause = dice.pick(_OFFICES), dice.pick(_CAUSES)
    name = dice.pick(
        (
            f"{last} for {office}",
            f"{first} {last} for {office}",
            f"Friends of {first} {last}",
            f"Committee to Elect {first} {last}",
            f"Citizens for {last}",
            f"POL/{last}/{office}/{dice.pick(('DEM', 'REP', 'D', 'R', 'IND'))}",
            f"Americans for {cause}",
            f"{cause} First PAC",
            f"{people.town()} {cause} Action",
            f"{last} {office} {dice.randint(2012, 2026)}, Inc",
            f"{first} {last} for {office}-{dice.pick('DR')}",
            f"PAC/{cause} Forward",
            f"{cause} & {dice.pick(_CAUSES)} Alliance",
            f"ISS/{cause} Coalition",
            people.company(),
            people.company(),
            f"{last}/{dice.pick('RD')}/{office}",
        )
    )
    name += f" ({dice.digits(dice.randint(3, 5))})" if dice.chance(0.06) else ""
    return name.upper() if dice.chance(0.15) else name


def settle(dice: Dice, deal: Deal) -> Air:
    """Make the deal an air-time deal: flight, spots, gross, commission."""
    people = People(dice, deal.region)
    station = dice.pick("KW") + dice.shape(dice.pick(("AAA", "AAA", "AA")))
    station += dice.pick(("", "", "-TV", "-DT", "-FM", f" {dice.randint(2, 58)}", " Television"))
    owner = people.company()
    deal.supplier = replace(
        deal.supplier, name=station if dice.chance(0.7) else f"{station} {owner}"
    )
    deal.customer = replace(deal.customer, name=advertiser(dice, people))
    facts = deal.facts
    facts["supplier_name"], facts["customer_name"] = deal.supplier.name, deal.customer.name
    for name in (
        "discount",
        "shipping_amount",
        "amount_paid",
        "amount_due",
        "order_number",
        "delivery_date",
        "total_net",
        "total_tax",
    ):
        facts.pop(name, None)
    start = deal.day + timedelta(days=dice.randint(-40, 20))
    end = start + timedelta(days=dice.pick((1, 3, 4, 6, 6, 6, 8, 13, 20, 27, 30, 60, 90)))
    facts["service_start"], facts["service_end"] = start, end
    deal.lines = [
        spot_line(dice, start, end)
        for _ in range(
            dice.choices(
                (1, 2, dice.randint(3, 6), dice.randint(7, 16), dice.randint(17, 60)),
                (14, 14, 34, 26, 12),
            )[0]
        )
    ]
    gross = sum((line.amount_net for line in deal.lines), ZERO)
    facts["total_gross"] = gross
    commission = cents(gross * 15 / 100) if dice.chance(0.85) else ZERO
    if deal.document_type == "invoice":
        facts["amount_due"] = gross - commission
    deal.taxes = [(ZERO, gross, ZERO)]
    base = dice.pick(
        (
            dice.digits(6),
            dice.digits(7),
            dice.digits(7),
            dice.digits(5),
            number(dice, deal.document_type, deal.day),
        )
    )
    facts["document_number"] = (
        f"{base}-{dice.randint(1, 4)}"
        if deal.document_type == "invoice" and dice.chance(0.6)
        else base
    )
    facts["sales_order_number"] = base
    facts["payment_terms"] = dice.pick(
        ("30 Days", "Net 30", "Net 30 Days", "Due Upon Receipt", "Cash in Advance")
    )
    agency = People(dice, deal.region)
    lines = (
        agency.company() if dice.chance(0.5) else f"{agency.coined()} Media",
        *dice.pick((("Attention: Accounts Payable",), ("Attn: " + agency.person(),), (), ())),
        *agency.address(),
    )
    month = deal.day.replace(day=1)
    return Air(
        station,
        owner,
        lines,
        gross,
        commission,
        month - timedelta(days=dice.randint(0, 5)),
        month + timedelta(days=27),
    )


def spot_line(dice: Dice, start: date, end: date) -> Line:
    """Return a line of spots of one programme."""
    show = dice.pick(_SHOWS)
    while "{" in show:
        show = show.replace("{t}", dice.pick(_TIMES), 1).replace("{d}", dice.pick(_DAYS[:5]), 1)
    rate = Decimal(
        dice.pick(
            (
                10,
                20,
                25,
                35,
                50,
                75,
                100,
                125,
                150,
                200,
                250,
                300,
                400,
                450,
                600,
                850,
                1000,
                1200,
                1500,
                2500,
                4000,
                9000,
            )
        )
    )
    spots = Decimal(dice.pick((1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 15, 20)))
    when = start + timedelta(days=dice.randint(0, max((end - start).days - 1, 0)))
    return Line(
        code=dice.shape("AAAA9999999A"),
        description=show,
        unit=dice.pick((":30", ":30", ":15", ":60", ":10")),
        quantity=spots,
        unit_price=cents(rate),
        discount_rate=ZERO,
        discount=ZERO,
        tax_rate=ZERO,
        amount_net=cents(rate * spots),
        amount_gross=cents(rate * spots),
        shipped=spots,
        delivery_date=when,
        extra=dice.pick(_DAYS),
    )


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
    title = dice.pick(_TITLES[deal.document_type])
    title_at = dice.pick(("c", "c", "l", "r"))
    printed = paper.day(deal.other_dates[0]) + dice.pick((" 14:01:20", "", " 9:12:05 AM"))
    note = dice.pick(
        (
            "We warrant that the announcements listed ran as shown according to our program log.",
            "This order is subject to the terms and conditions of the station, available on request.",
            "The station does not discriminate in advertising contracts on the basis of race or gender.",
            "Payment is due within 30 days. Agency and advertiser are jointly and severally liable.",
            "",
        )
    )
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
            ink.text(at, flow.y + 14, title, style.title, title_at)  # type: ignore[arg-type]
            flow.y += 24
        if page > 1:
            captions = dice.pick(_NUMBER[deal.document_type])
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
    for caption, value in dice.some(_FILL, 5, 20):
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
    own = [(dice.pick(_NUMBER[kind]), paper.field("document_number"))]
    if kind == "purchase_order" and dice.chance(0.3):
        own[0] = (own[0][0], [*own[0][1], Run(dice.pick((" /", " / 1", " / 0", " /")))])
    name = paper.field("customer_name")
    if dice.chance(0.15):
        name = [*name, Run(f" ({dice.digits(dice.randint(3, 5))})")]
    own.append((dice.pick(_ADVERTISER), name))
    if dice.chance(0.88):
        own.append((dice.pick(_FLIGHT), span(paper)))
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
                    dice.pick(("Invoice Period", "Billing Period", "Period")),
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


def station(flow: Flow, air: Air, x: float, y: float, width: float) -> float:
    """Draw the station's logo, name and address."""
    paper, dice, deal, ink = flow.paper, flow.paper.dice, flow.paper.deal, flow.paper.ink
    if dice.chance(0.7):
        side = dice.randint(30, 64)
        blocks.logo(paper, x, y, side, side)
        x, width = x + side * 1.5 + 4, width - side * 1.5 - 4
    lines = blocks.party_lines(paper, "supplier", deal.supplier, contact=0.05)
    if dice.chance(0.25):
        y = ink.paragraph(
            x,
            y,
            dice.pick(("Remit Address:", "Send Payment To:", "Remit To:", "Agreement between:")),
            paper.style.small,
            width,
        )
    y = blocks.lines_block(
        paper,
        lines,
        x,
        y,
        max(width, 110),
        face=paper.style.body.but(size=paper.style.body.size + 1, bold=dice.chance(0.5)),
    )
    if dice.chance(0.7):
        phone = [Run(dice.pick(("", "Main: ", "Phone: ", "Tel: "))), *paper.field("supplier_phone")]
        y = ink.paragraph(x, y, phone, paper.style.body, max(width, 110))
    if dice.chance(0.3):
        y = ink.paragraph(
            x,
            y,
            dice.pick(("Billing: ", "Fax: ")) + deal.supplier.fax,
            paper.style.body,
            max(width, 110),
        )
    return max(y, flow.y + 50)


def agency(flow: Flow, air: Air, x: float, y: float, width: float) -> float:
    """Draw the agency that is billed (unlabelled)."""
    paper, dice = flow.paper, flow.paper.dice
    if dice.chance(0.75):
        text = dice.pick(
            ("Billing Address:", "And:", "Bill To:", "Agency", "Sold To", "Billing Address")
        )
        y = paper.ink.paragraph(x, y, text, paper.style.small, width) + 4
    y = blocks.lines_block(
        paper,
        [plain(line) for line in air.agency],
        x + 10,
        y,
        width - 10,
        face=paper.style.body.but(bold=dice.chance(0.4)),
    )
    return y + 6


def boxes(flow: Flow, air: Air, entries: list[Entry]) -> None:
    """Draw the head as station and agency at the left, ruled boxes at the right."""
    paper, dice, top = flow.paper, flow.paper.dice, flow.y
    half = flow.width * dice.uniform(0.42, 0.52)
    y = station(flow, air, flow.left, top, half - 10)
    y = agency(flow, air, flow.left, y + dice.pick((8, 20, 34)), half - 10)
    x, wide = flow.left + half, flow.width - half
    if dice.chance(0.5):
        low = blocks.grid(
            paper,
            entries,
            x,
            top,
            wide,
            columns=dice.randint(2, 3),
            ruled=dice.chance(0.8),
            shaded=dice.chance(0.3),
        )
    else:
        low = ruled_pairs(paper, entries, x, top, wide, across=dice.pick((1, 2, 2)))
    flow.y = max(y, low)


def ruled_pairs(
    paper: Paper, entries: list[Entry], x: float, y: float, width: float, *, across: int
) -> float:
    """Draw entries as table cells: caption cell, value cell."""
    ink, style = paper.ink, paper.style
    cell = width / across
    cap = min(cell * 0.5, max(ink.measure(plain(c), style.body) for c, _ in entries) + 6)
    for start in range(0, len(entries), across):
        row = entries[start : start + across]
        wrapped = [
            ink.wrap(blocks.value_runs(paper, value), style.body, cell - cap - 4) or [plain("")]
            for _, value in row
        ]
        tall = max(map(len, wrapped)) * style.body.leading + 3
        for k, (caption, _) in enumerate(row):
            left = x + k * cell
            ink.box(
                left,
                y,
                cap,
                tall,
                weight=0.4,
                fill=(0.92, 0.92, 0.92) if style.caption_bold else None,
            )
            ink.box(left + cap, y, cell - cap, tall, weight=0.4)
            shown = ink.wrap(plain(caption), style.body, cap)[0]
            ink.text(
                left + 2, y + style.body.size + 1, shown, style.body.but(bold=style.caption_bold)
            )
            for j, line in enumerate(wrapped[k]):
                ink.text(
                    left + cap + 3,
                    y + style.body.size + 1 + j * style.body.leading,
                    line,
                    style.body,
                )
        y += tall
    return y + 4


def form(flow: Flow, air: Air, entries: list[Entry]) -> None:
    """Draw the head as a form: sections with captions and underlined values."""
    paper, dice, ink, style = flow.paper, flow.paper.dice, flow.paper.ink, flow.paper.style
    if dice.chance(0.7):
        flow.y = (
            station(flow, air, flow.right - 200 if dice.chance(0.6) else flow.left, flow.y, 200) + 6
        )
    underline = dice.chance(0.6)
    sections = ("Orders", "Agency", "Advertiser", "Billing") if dice.chance(0.6) else ("", "", "")
    size = -(-len(entries) // len(sections))
    indent = 60 if sections[0] else 0
    cap = max(ink.measure(plain(c + ":"), style.body) for c, _ in entries) + 8
    for k, section in enumerate(sections):
        part = entries[k * size : (k + 1) * size]
        if section:
            ink.text(flow.left, flow.y + style.body.size, section, style.body.but(bold=True))
        half = (flow.width - indent) / 2
        for j in range(0, len(part), 2):
            low = flow.y
            for i, (caption, value) in enumerate(part[j : j + 2]):
                x = flow.left + indent + i * half
                ink.text(
                    x,
                    flow.y + style.body.size,
                    paper.ended(caption),
                    style.body.but(bold=style.caption_bold),
                )
                end = ink.paragraph(
                    x + cap, flow.y, blocks.value_runs(paper, value), style.body, half - cap - 6
                )
                low = max(low, end, flow.y + style.body.leading)
                if underline:
                    ink.rule(x + cap, low, x + half - 8, low, weight=0.3)
            flow.y = low + 2
        if section == "Agency" and dice.chance(0.7):
            flow.y = blocks.lines_block(
                paper,
                [plain(line) for line in air.agency],
                flow.left + indent + cap,
                flow.y,
                220,
                face=style.body,
            )
        flow.y += 8


def dense(flow: Flow, air: Air, entries: list[Entry]) -> None:
    """Draw the head as dense columns of small captions and values."""
    paper, dice, top = flow.paper, flow.paper.dice, flow.y
    third = flow.width / 3
    y = station(flow, air, flow.left, top, third)
    y = agency(flow, air, flow.left, y + 8, third - 14)
    if dice.chance(0.5):
        paper.ink.box(flow.left, y - 70, third - 10, 72)
    half = (len(entries) + 1) // 2
    how = dice.pick(("tab", "tab", "right", "inline"))
    low = blocks.pairs(paper, entries[:half], flow.left + third, top, third - 8, how=how)
    low = max(low, blocks.pairs(paper, entries[half:], flow.left + 2 * third, top, third, how=how))
    flow.y = max(y, low)


def schedule(flow: Flow, air: Air) -> None:
    """Draw the lines of spots, with weeks and single spots below them."""
    paper, dice, ink, deal = flow.paper, flow.paper.dice, flow.paper.ink, flow.paper.deal
    face = paper.style.body.but(size=max(5.5, paper.style.body.size - dice.pick((0, 0.5, 1))))
    names = [
        n
        for n, chance in (
            ("Line", 0.95),
            ("Ch", 0.6),
            ("Start", 0.7),
            ("End", 0.7),
            ("Description", 1.0),
            ("Time", 0.7),
            ("Days", 0.8),
            ("Length", 0.85),
            ("Week", 0.4),
            ("Rate", 0.85),
            ("Type", 0.5),
            ("Spots", 0.85),
            ("Amount", 0.75),
        )
        if dice.chance(chance)
    ]
    if "Rate" not in names and "Amount" not in names:
        names.append("Amount")
    heads = {
        "Line": ("Line", "Ln", "#"),
        "Ch": ("Ch", "Channel", "Station"),
        "Start": ("Start Date", "Start"),
        "End": ("End Date", "End"),
        "Description": ("Description", "Program", "Inventory Code", "Scheduled Title"),
        "Time": ("Start/End Time", "Time", "Run Times"),
        "Days": ("Days", "MTWTFSS", "Weekdays"),
        "Length": ("Length", "Len"),
        "Week": ("Spots/Week", "SPW"),
        "Rate": ("Rate", "Unit Rate", "Cost"),
        "Type": ("Type", "Pri"),
        "Spots": ("Spots", "# Spots", "Total Spots", "Qty"),
        "Amount": ("Amount", "Total", "Gross"),
    }
    head = {name: dice.pick(heads[name]) for name in names}
    shares = {
        "Description": 3.2,
        "Time": 1.7,
        "Start": 1.3,
        "End": 1.3,
        "Amount": 1.5,
        "Rate": 1.3,
        "Days": 1.3,
        "Length": 0.8,
        "Line": 0.6,
        "Ch": 0.9,
    }
    total = sum(shares.get(n, 0.9) for n in names)
    at, x = {}, flow.left
    for name in names:
        at[name] = (x, x + shares.get(name, 0.9) / total * flow.width - 4)
        x = at[name][1] + 4
    right = {"Rate", "Amount", "Spots", "Week"} if dice.chance(0.85) else set()
    weeks, spots, boxed = (
        dice.chance(0.5),
        deal.document_type == "invoice" and dice.chance(0.6),
        dice.chance(0.4),
    )
    positions = dice.pick(("{n}", "{n}", "{n}.0", "N {n}"))

    def draw_head() -> None:
        for name in names:
            left, end = at[name]
            line = ink.wrap(plain(head[name]), face, end - left + 3)[0]
            ink.text(
                end if name in right else left,
                flow.y + face.size,
                line,
                face.but(bold=dice.chance(0.5)),
                "r" if name in right else "l",
            )
        flow.y += face.leading + 2
        ink.rule(flow.left, flow.y, flow.right, flow.y)
        flow.y += 2

    draw_head()
    for row, line in enumerate(deal.lines):
        detail = (2 if weeks else 0) + (int(min(line.quantity, 4)) + 1 if spots else 0)
        if flow.y + face.leading * (2 + detail) > flow.bottom:
            flow.turn()
            draw_head()
        top = flow.y
        when = line.delivery_date or deal.day
        cells: dict[str, list[Run]] = {
            "Line": [
                Run(positions.split("{n}")[0]),
                Run(
                    str(row + 1) + positions.split("{n}")[1],
                    Mark("position", str(row + 1) + positions.split("{n}")[1], row),
                ),
            ],
            "Ch": plain(air.station.split("-")[0].split(" ")[0]),
            "Start": plain(paper.day(when)),
            "End": plain(paper.day(when + timedelta(days=4))),
            "Description": paper.cell(row, line, "description"),
            "Time": plain(f"{dice.pick(_TIMES)}-{dice.pick(_TIMES)}"),
            "Days": plain(line.extra),
            "Length": plain(line.unit),
            "Week": plain(str(int(line.quantity))),
            "Rate": paper.cell(row, line, "unit_price", sign=True),
            "Type": plain(dice.pick(("NM", "CM", "P-09"))),
            "Spots": paper.cell(row, line, "quantity"),
            "Amount": paper.cell(row, line, "amount_net", sign=True),
        }
        low = flow.y
        for name in names:
            left, end = at[name]
            if name == "Description":
                low = max(low, ink.paragraph(left, flow.y, cells[name], face, end - left))
            else:
                ink.text(
                    end if name in right else left,
                    flow.y + face.size,
                    cells[name],
                    face,
                    "r" if name in right else "l",
                )
        flow.y = max(low, flow.y + face.leading)
        if weeks:
            indent = flow.left + 30
            ink.text(
                indent,
                flow.y + face.size,
                "Start Date   End Date   Weekdays   Spots/Week   Rate",
                face,
            )
            flow.y += face.leading
            ink.text(
                indent - 26,
                flow.y + face.size,
                f"Week: {paper.day(when)}  {paper.day(when + timedelta(days=6))}  {line.extra}   {int(line.quantity)}   ${line.unit_price}",
                face,
            )
            flow.y += face.leading
        if spots:
            for k in range(int(min(line.quantity, 4))):
                aired = when + timedelta(days=k)
                text = f"{k + 1}  {air.station.split('-')[0]}  {aired.strftime('%a')}  {paper.day(aired)}  {dice.randint(1, 12)}:{dice.randint(0, 59):02d} {dice.pick(('AM', 'PM'))}  {line.unit}  {line.code}"
                ink.text(flow.left + 24, flow.y + face.size, text, face)
                ink.text(flow.right - 30, flow.y + face.size, f"${line.unit_price}", face, "r")
                flow.y += face.leading
        if boxed:
            ink.box(flow.left, top - 1, flow.width, flow.y - top + 2, weight=0.3)
        flow.y += dice.pick((1, 2, 2))
    ink.rule(flow.left, flow.y, flow.right, flow.y)
    flow.y += 6


def sums(flow: Flow, air: Air) -> None:
    """Draw gross, commission and net: as rows, or as a table of months."""
    paper, dice, ink, style, deal = (
        flow.paper,
        flow.paper.dice,
        flow.paper.ink,
        flow.paper.style,
        flow.paper.deal,
    )
    net = air.gross - air.commission
    spots = sum(int(line.quantity) for line in deal.lines)
    flow.need(60)
    if dice.chance(0.45):
        heads = [
            dice.pick(("Month", "Time Period", "Start Date", "Billing Period")),
            dice.pick(("# Spots", "Spots")),
            dice.pick(("Gross Amount", "Gross", "Gross Amt")),
            "Agency Comm.",
            dice.pick(("Net Amount", "Net", "Net Amt")),
        ]
        keep = [0, 1, 2, *([3] if dice.chance(0.4) else []), *([4] if dice.chance(0.85) else [])]
        wide = flow.width * dice.uniform(0.5, 0.9)
        cell = wide / len(keep)
        months = [
            (paper.day(deal.day, "MMMM yyyy"), None),
            (dice.pick(("Totals", "Total", "Grand Total")), True),
        ]
        if dice.chance(0.3):
            months = months[1:]
        for k, column in enumerate(keep):
            ink.text(
                flow.left + (k + 1) * cell if k else flow.left,
                flow.y + style.body.size,
                heads[column],
                style.body.but(bold=dice.chance(0.4)),
                "r" if k else "l",
            )
        flow.y += style.body.leading
        for name, _ in months:
            values = [
                plain(name),
                plain(str(spots)),
                paper.field("total_gross"),
                [Run(f"({r.text})") for r in paper.money(air.commission, None)],
                paper.money(net, None),
            ]
            for k, column in enumerate(keep):
                ink.text(
                    flow.left + (k + 1) * cell if k else flow.left,
                    flow.y + style.body.size,
                    values[column],
                    style.body,
                    "r" if k else "l",
                )
            flow.y += style.body.leading
        flow.y += 6
        return
    rows: list[tuple[str, list[Run]]] = []
    if dice.chance(0.3):
        rows.append((dice.pick(("Total Spots", "Aired Spots", "# of Spots")), plain(str(spots))))
    rows.append(
        (
            dice.pick(
                (
                    "Gross Total",
                    "Gross Amount",
                    "Total Gross",
                    "Gross",
                    "Actual Gross Billing",
                    "Total",
                    "Totals",
                    "Gross Billing",
                )
            ),
            paper.field("total_gross"),
        )
    )
    if air.commission:
        minus = dice.pick(("-", "", "("))
        runs = paper.money(air.commission, None)
        rows.append(
            (
                dice.pick(
                    (
                        "Agency Commission",
                        "Commission",
                        "Agency Commission 15%",
                        "Less Agency Comm.",
                    )
                ),
                [Run(minus), *runs, Run(")" if minus == "(" else "")],
            )
        )
        due = (
            paper.field("amount_due") if deal.document_type == "invoice" else paper.money(net, None)
        )
        rows.append(
            (dice.pick(("Net Amount Due", "Net Total", "Net Due", "Net", "Net Amount")), due)
        )
    elif deal.document_type == "invoice" and dice.chance(0.5):
        rows.append(("Amount Due", paper.field("amount_due")))
    x = flow.right - dice.pick((170, 210, 320)) if dice.chance(0.7) else flow.left + 60
    for caption, runs in rows:
        ink.text(
            x, flow.y + style.body.size, paper.ended(caption), style.body.but(bold=dice.chance(0.5))
        )
        ink.text(
            x + 165, flow.y + style.body.size, runs, style.body.but(bold=dice.chance(0.5)), "r"
        )
        flow.y += style.body.leading * 1.3
    flow.y += 6

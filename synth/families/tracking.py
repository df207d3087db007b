"""Shipment statuses: carrier mails and tracking pages laid out on a sheet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from synth import blocks
from synth.blocks import Entry
from synth.deal import Deal
from synth.dice import Dice
from synth.families.commerce import SIZES
from synth.families.events import Event, history
from synth.flow import Flow
from synth.ink import Ink, Mark, Run, plain
from synth.paper import Paper, page_text
from synth.plan import distractor
from synth.style import make_style
from synth.wording import variants

_CLOCKS = ("{h:02d}:{m:02d}", "{h:02d}:{m:02d}", "{h:02d}:{m:02d}:00")


def draw(dice: Dice, deal: Deal) -> Paper:
    """Return a finished status message."""
    style = make_style(dice, deal, size=dice.pick((8, 9, 10, 10, 11)))
    size = SIZES["Letter" if deal.region.letter else "A4"]
    paper = Paper(dice, deal, style, Ink(*size))
    events = history(dice, deal)
    counter = paper.any("page") if dice.chance(0.25) else ""

    def on_page(flow: Flow, page: int) -> None:
        if counter:
            paper.ink.text(
                flow.right, paper.ink.height - 12, page_text(counter, page), style.small, "r"
            )

    flow = Flow(paper, foot=40, on_page=on_page)
    top(flow)
    parts: list[Callable[[], None]] = [
        lambda: headline(flow, events[0]),
        lambda: facts(flow, events[0]),
        lambda: mail_lines(flow),
    ]
    if dice.chance(0.3):
        dice.shuffle(parts)
    for part in parts:
        part()
        flow.y += dice.pick((4, 8, 14))
    if len(events) > 1 and dice.chance(0.75):
        table(flow, events)
    if dice.chance(0.4):
        flow.need(60)
        flow.y += 10
        text = " ".join(dice.some(variants(deal.language, "s.small"), 1, 3))
        flow.y = paper.ink.paragraph(flow.left, flow.y, text, style.small, flow.width)
    return paper


def clock(paper: Paper, when: datetime, mark: Mark | None) -> list[Run]:
    """Return date and time of an event as printed."""
    english = paper.deal.language == "en"
    shape = paper.habit("clock", (*_CLOCKS, "{i}:{m:02d} {ap}") if english else _CLOCKS)
    joint = paper.habit("joint", (" ", ", ", " ", " - ", " at " if english else ", "))
    half = "AM" if when.hour < 12 else "PM"
    time = shape.format(h=when.hour, m=when.minute, i=(when.hour - 1) % 12 + 1, ap=half)
    return [Run(paper.day(when.date()) + joint + time, mark)]


def top(flow: Flow) -> None:
    """Draw the carrier's or the mail's head."""
    paper, ink, style, dice, deal = (
        flow.paper,
        flow.paper.ink,
        flow.paper.style,
        flow.paper.dice,
        flow.paper.deal,
    )
    if dice.chance(0.45):
        sender = dice.pick(
            (
                f"noreply@{deal.supplier.web.split('/')[-1].removeprefix('www.')}",
                f"tracking@{''.join(filter(str.isalnum, str(deal.facts['carrier']).lower()))}.com",
            )
        )
        subject = paper.sentence(paper.any("mail.subject")) or plain("Tracking")
        words = {
            "en": ("From", "To", "Date", "Subject"),
            "de": ("Von", "An", "Datum", "Betreff"),
            "fr": ("De", "À", "Date", "Objet"),
        }.get(deal.language, ("From", "To", "Date", "Subject"))
        dated = paper.field("issue_date")
        rows: list[Entry] = [
            (words[0], plain(sender)),
            (words[1], plain(deal.customer.email)),
            (words[2], dated),
            (words[3], subject),
        ]
        if dice.chance(0.3):
            rows.pop(1)
        for caption, runs in rows:
            flow.y = ink.paragraph(
                flow.left, flow.y, [Run(caption + ": ", bold=True), *runs], style.body, flow.width
            )
        flow.y += 6
        ink.rule(flow.left, flow.y, flow.right, flow.y)
        flow.y += 10
        if dice.chance(0.5):
            hello = paper.sentence(paper.any("s.greeting"), contact=deal.customer.contact)
            flow.y = ink.paragraph(flow.left, flow.y, hello or [], style.body, flow.width) + 6
        return
    if dice.chance(0.4):
        ink.box(0, 0, ink.width, 34, fill=style.accent, stroke=None)
        ink.text(flow.left, 24, paper.field("carrier"), style.title.but(size=16, colour=(1, 1, 1)))
        flow.y = 50
    else:
        ink.text(flow.left, flow.y + style.title.size, paper.field("carrier"), style.title)
        flow.y += style.title.size + 10
    if dice.chance(0.4):
        flow.y = (
            ink.paragraph(
                flow.left,
                flow.y,
                [Run(paper.caption("issue_date") + ": "), *paper.field("issue_date")],
                style.small,
                flow.width,
            )
            + 4
        )


def headline(flow: Flow, event: Event) -> None:
    """Draw the state in large letters, sometimes with its time."""
    paper, ink, style, dice = flow.paper, flow.paper.ink, flow.paper.style, flow.paper.dice
    if dice.chance(0.35):
        return
    runs = [Run(event.text, Mark("status", event.state))]
    face = style.body.but(
        bold=True, size=style.body.size + dice.pick((2, 4, 8)), colour=style.accent
    )
    if dice.chance(0.4):
        runs = [Run(paper.ended(paper.caption("status")) + " "), *runs]
    flow.y = ink.paragraph(flow.left, flow.y, runs, face, flow.width) + 4


def facts(flow: Flow, event: Event) -> None:
    """Draw the facts of the shipment as pairs or a grid."""
    paper, dice, deal = flow.paper, flow.paper.dice, flow.paper.deal
    when = Mark("event_time", event.when.isoformat())
    entries: list[Entry] = []
    options: list[tuple[float, Entry]] = [
        (0.9, (paper.caption("tracking_number"), paper.field("tracking_number"))),
        (0.55, (paper.caption("carrier"), paper.field("carrier"))),
        (0.8, (paper.caption("status"), [Run(event.text, Mark("status", event.state))])),
        (0.6, (paper.caption("event_time"), clock(paper, event.when, when))),
        (
            0.45,
            (
                paper.caption("event_location"),
                [Run(event.place, Mark("event_location", event.place))],
            ),
        ),
        (0.4, (paper.caption("order_number"), paper.field("order_number"))),
        (0.25, (paper.caption("customer_number"), paper.field("customer_number"))),
    ]
    if event.state != "delivered":
        options.append(
            (0.5, (paper.caption("expected_delivery_date"), paper.field("expected_delivery_date")))
        )
    if event.state in {"exception", "attempt_failed"} or dice.chance(0.05):
        reason = paper.any("reason")
        options.append(
            (0.75, (paper.caption("status_reason"), [Run(reason, Mark("status_reason", reason))]))
        )
    if dice.chance(0.3):
        options.append((1, distractor(paper)))
    entries = [entry for chance, entry in options if dice.chance(chance)] or [options[0][1]]
    if dice.chance(0.3):
        dice.shuffle(entries)
    how = dice.pick(("tab", "right", "inline", "stack", "ruled", "grid", "ends"))
    if how == "grid":
        flow.y = blocks.grid(
            paper,
            entries,
            flow.left,
            flow.y,
            flow.width,
            columns=dice.randint(2, 4),
            ruled=dice.chance(0.5),
            shaded=dice.chance(0.3),
        )
    else:
        flow.y = blocks.pairs(
            paper, entries, flow.left, flow.y, min(flow.width, dice.pick((260, 320, 420))), how=how
        )
    box = blocks.PartyBox.draw_style(paper)
    if deal.ship_to is not None and dice.chance(0.6):
        flow.y += 6
        flow.y = blocks.party_block(
            paper,
            "ship_to",
            deal.ship_to,
            flow.left,
            flow.y,
            230,
            box=box,
            heading=paper.any("ship_to"),
        )
    if dice.chance(0.25):
        flow.y += 6
        flow.y = blocks.party_block(
            paper,
            "supplier",
            deal.supplier,
            flow.left,
            flow.y,
            230,
            box=box,
            heading=paper.any("ship_from"),
        )


def mail_lines(flow: Flow) -> None:
    """Draw a few sentences."""
    paper, dice = flow.paper, flow.paper.dice
    for template in dice.some(variants(paper.deal.language, "mail.line"), 0, 3):
        runs = paper.sentence(template)
        if runs:
            flow.y = paper.ink.paragraph(flow.left, flow.y, runs, paper.style.body, flow.width)


def table(flow: Flow, events: list[Event]) -> None:
    """Draw the history; its first row is the latest event and carries labels."""
    paper, ink, style, dice = flow.paper, flow.paper.ink, flow.paper.style, flow.paper.dice
    flow.need(30 + 20 * len(events))
    ink.text(flow.left, flow.y + style.body.size, paper.any("history"), style.body.but(bold=True))
    flow.y += style.body.leading + 4
    rows = list(events)
    upward = dice.chance(0.2)
    if upward:
        rows.reverse()
    order = dice.pick(((0, 1, 2), (0, 2, 1), (1, 0, 2), (2, 0, 1)))
    wide = (0.26, 0.44, 0.3)
    ruled = dice.chance(0.4)
    headed = dice.chance(0.6)
    if headed:
        x = flow.left
        for k in order:
            ink.text(
                x,
                flow.y + style.small.size,
                paper.caption(("event_time", "status", "event_location")[k]),
                style.small.but(bold=True),
            )
            x += wide[k] * flow.width
        flow.y += style.small.leading + 3
    for event in rows:
        latest = event is events[0]
        cells = (
            clock(
                paper, event.when, Mark("event_time", event.when.isoformat()) if latest else None
            ),
            [Run(event.text, Mark("status", event.state) if latest else None)],
            [Run(event.place, Mark("event_location", event.place) if latest else None)],
        )
        x, low = flow.left, flow.y
        for k in order:
            low = max(low, ink.paragraph(x, flow.y, cells[k], style.body, wide[k] * flow.width - 6))
            x += wide[k] * flow.width
        flow.y = low + 3
        if ruled:
            ink.rule(flow.left, flow.y - 1, flow.right, flow.y - 1, weight=0.3)

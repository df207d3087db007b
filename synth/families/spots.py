"""Schedules of spots and their sums: gross, agency commission, net."""

from __future__ import annotations

from datetime import timedelta

from synth.families.airtime import Air
from synth.flow import Flow
from synth.ink import Mark, Run, plain
from synth.wording import variants


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
        detail = (2 if weeks else 0) + (min(int(line.quantity), 4) + 1 if spots else 0)
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
            "Time": plain(
                f"{dice.pick(variants('air', 'times'))}-{dice.pick(variants('air', 'times'))}"
            ),
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
            week = f"Week: {paper.day(when)}  {paper.day(when + timedelta(days=6))}"
            week += f"  {line.extra}   {int(line.quantity)}   ${line.unit_price}"
            ink.text(indent - 26, flow.y + face.size, week, face)
            flow.y += face.leading
        if spots:
            for k in range(min(int(line.quantity), 4)):
                aired = when + timedelta(days=k)
                clock = f"{dice.randint(1, 12)}:{dice.randint(0, 59):02d} {dice.pick(('AM', 'PM'))}"
                text = f"{k + 1}  {air.station.split('-')[0]}  {aired:%a}  {paper.day(aired)}"
                text += f"  {clock}  {line.unit}  {line.code}"
                ink.text(flow.left + 24, flow.y + face.size, text, face)
                ink.text(flow.right - 30, flow.y + face.size, f"${line.unit_price}", face, "r")
                flow.y += face.leading
        if boxed:
            ink.box(flow.left, top - 1, flow.width, flow.y - top + 2, weight=0.3)
        flow.y += dice.pick((1, 2, 2))
    ink.rule(flow.left, flow.y, flow.right, flow.y)
    flow.y += 6

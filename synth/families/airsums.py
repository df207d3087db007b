"""Sums of air-time papers: gross, agency commission and net, as rows or as a table of months."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from synth.families.airtime import Air
from synth.flow import Flow
from synth.formats import cents
from synth.ink import Run, plain
from synth.paper import Paper


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
        rows = month_rows(paper, air, spots)
        for k, column in enumerate(keep):
            ink.text(
                flow.left + (k + 1) * cell if k else flow.left,
                flow.y + style.body.size,
                heads[column],
                style.body.but(bold=dice.chance(0.4)),
                "r" if k else "l",
            )
        flow.y += style.body.leading
        for values in rows:
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
    entries: list[tuple[str, list[Run]]] = []
    if dice.chance(0.3):
        entries.append((dice.pick(("Total Spots", "Aired Spots", "# of Spots")), plain(str(spots))))
    entries.append(
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
        entries.append(
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
        entries.append(
            (dice.pick(("Net Amount Due", "Net Total", "Net Due", "Net", "Net Amount")), due)
        )
    elif deal.document_type == "invoice" and dice.chance(0.5):
        entries.append(("Amount Due", paper.field("amount_due")))
    x = flow.right - dice.pick((170, 210, 320)) if dice.chance(0.7) else flow.left + 60
    for caption, runs in entries:
        ink.text(
            x, flow.y + style.body.size, paper.ended(caption), style.body.but(bold=dice.chance(0.5))
        )
        ink.text(
            x + 165, flow.y + style.body.size, runs, style.body.but(bold=dice.chance(0.5)), "r"
        )
        flow.y += style.body.leading * 1.3
    flow.y += 6


def month_rows(paper: Paper, air: Air, spots: int) -> list[list[list[Run]]]:
    """Return the rows of a table of months (unlabelled if there are several) and its total."""
    dice, whole = paper.dice, paper.deal.amount("total_gross")
    net = whole - air.commission

    def row(
        name: str, count: int, gross: list[Run], commission: Decimal, rest: Decimal
    ) -> list[list[Run]]:
        minus = [Run(f"({run.text})") for run in paper.money(commission, None)]
        return [plain(name), plain(str(count)), gross, minus, paper.money(rest, None)]

    total = row(
        dice.pick(("Totals", "Total", "Grand Total")),
        spots,
        paper.field("total_gross"),
        air.commission,
        net,
    )
    day = paper.deal.day
    shape = dice.pick(("MMMM yyyy", "MMM. yyyy", "mm/yy"))
    parts = dice.randint(2, 3) if spots > 3 and dice.chance(0.35) else 1
    if parts == 1:
        one = row(paper.day(day, shape), spots, paper.field("total_gross"), air.commission, net)
        return [one, total] if dice.chance(0.75) else [total]
    rows, left, done = [], whole, 0
    for k in range(parts):
        count = spots // parts if k < parts - 1 else spots - done
        share = cents(whole * count / spots) if k < parts - 1 else left
        less = cents(air.commission * share / whole) if whole else share
        when = day + timedelta(days=31 * k)
        rows.append(
            row(paper.day(when, shape), count, paper.money(share, None), less, share - less)
        )
        left, done = left - share, done + count
    return [*rows, total]

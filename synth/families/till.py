"""Receipts: till rolls, restaurant bills, fuel, and card slips on narrow pages."""

from __future__ import annotations

from datetime import date

from synth.deal import Deal
from synth.dice import Dice
from synth.families.basket import items, settle, sums
from synth.families.roll import Roll, clock, till_style
from synth.ink import Align, Ink, Mark, Run, plain
from synth.paper import Paper
from synth.wording import variants


def draw(dice: Dice, deal: Deal) -> Paper:
    """Return a finished receipt."""
    other = settle(dice, deal)
    style = till_style(dice, deal)
    letter = style.body.size * style.body.stretch / 100 * (0.6 if style.body.case.mono else 0.5)
    width = max(dice.pick((140, 164, 180, 200, 205, 226, 226, 240, 280)), letter * 32)
    paper = Paper(dice, deal, style, Ink(width, 3000))
    roll = Roll(paper)
    roll.y += dice.randint(0, 30)
    heading(roll)
    details(roll)
    if dice.chance(0.07):
        card(roll)
    else:
        items(roll)
        sums(roll, other)
    tail(roll)
    paper.ink.cut(roll.y + dice.randint(8, 60))
    return paper


def heading(roll: Roll) -> None:
    """Print the shop's name, address and registrations."""
    paper, dice, deal, style = roll.paper, roll.paper.dice, roll.paper.deal, roll.paper.style
    align: Align = "c" if dice.chance(0.8) else "l"
    shop = deal.supplier
    loud = str.upper if style.uppercase else str
    if dice.chance(0.12):
        roll.line(
            dice.pick((loud(shop.name.split()[0]), dice.digits(3))),
            align,
            style.title.but(size=style.title.size + 6),
        )
    name = Run(loud(shop.name), Mark("supplier_name", loud(shop.name)))
    face = style.body.but(bold=dice.chance(0.5), size=style.body.size + dice.pick((0, 0, 1, 2, 4)))
    registered = dice.chance(0.45)
    number_ = paper.field("supplier_registration_id")
    if registered and dice.chance(0.35):
        roll.line([name, Run(" ("), *number_, Run(")")], align, face)
        registered = False
    else:
        roll.line([name], align, face)
    if registered:
        caption = dice.pick(("", "", paper.ended(paper.caption("supplier_registration_id")) + " "))
        runs = (
            [Run("("), *number_, Run(")")]
            if not caption and dice.chance(0.7)
            else [Run(caption), *number_]
        )
        roll.line(runs, align)
    if dice.chance(0.08):
        roll.line(loud(f"({deal.customer.name})"), align)
    place = Mark("supplier_address", loud(shop.address))
    if dice.chance(0.93):
        joined = dice.chance(0.4)
        comma = "," if dice.chance(0.6) else ""
        if joined:
            roll.line([Run(loud(shop.address), place)], align)
        else:
            for k, line in enumerate(shop.lines):
                last = k == len(shop.lines) - 1
                roll.line([Run(loud(line), place), Run("" if last else comma)], align)
    options = [
        [
            Run(paper.ended(paper.case(paper.any("supplier_phone"))) + " "),
            *paper.field("supplier_phone"),
        ],
        [Run(paper.ended(paper.caption("supplier_tax_id")) + " "), *paper.field("supplier_tax_id")],
        [Run(paper.ended(paper.caption("fax")) + " "), Run(shop.fax)],
        [Run(shop.web)],
        [*paper.field("supplier_email")],
    ]
    chances = (0.7, 0.55, 0.15, 0.1, 0.07)
    for runs, chance in zip(options, chances, strict=True):
        if dice.chance(chance):
            roll.line(runs, align)
    if dice.chance(0.6):
        roll.y += roll.face.leading * dice.pick((0, 0.5, 1))
        roll.line(paper.case(paper.any("title.receipt")), dice.pick(("c", "c", align)), style.title)


def details(roll: Roll) -> None:
    """Print number, date and other facts of the sale."""
    paper, dice, deal = roll.paper, roll.paper.dice, roll.paper.deal
    if dice.chance(0.6):
        roll.cut()
    when = paper.field("issue_date")
    stamp = [*when, Run(dice.pick((" ", "  ", " ")) + clock(dice))] if dice.chance(0.7) else when
    rows: list[tuple[str, list[Run]]] = []
    if dice.chance(0.85):
        rows.append((paper.caption("document_number"), paper.field("document_number")))
    if dice.chance(0.95):
        rows.append((paper.caption("issue_date") if dice.chance(0.75) else "", stamp))
    for _ in range(dice.randint(0, 4)):
        caption = paper.case(
            dice.pick(
                (
                    *variants(deal.language, "x.person"),
                    "POS",
                    "Counter",
                    "Terminal",
                    "Table",
                    "Pax",
                    "Shift",
                    "Member",
                )
            )
        )
        value = (
            deal.supplier.contact.split()[0]
            if caption in variants(deal.language, "x.person")
            else dice.digits(dice.randint(1, 6))
        )
        rows.append((caption, plain(value)))
    if dice.chance(0.5):
        dice.shuffle(rows)
    if dice.chance(0.15):
        rows, late = rows[:-1], rows[-1:]
        roll.late = late
    how = dice.choices(("inline", "ends", "tab", "two"), (5, 1, 3, 2))[0]
    wide = max((roll.ink.measure(plain(c + " :"), roll.face) for c, _ in rows), default=0)
    k = 0
    while k < len(rows):
        caption, runs = rows[k]
        shown = [Run(paper.ended(caption) + " ") if caption else Run(""), *runs]
        if how == "two" and k + 1 < len(rows):
            other = rows[k + 1]
            right = [Run(paper.ended(other[0]) + " ") if other[0] else Run(""), *other[1]]
            if roll.ink.measure([*shown, *right], roll.face) < roll.right - roll.left - 8:
                roll.ends(shown, right)
                k += 2
                continue
        if how == "ends":
            roll.ends(paper.ended(caption), runs)
        elif how == "tab" and caption and wide < (roll.right - roll.left) * 0.6:
            roll.ink.text(roll.left, roll.y + roll.face.size, caption, roll.face)
            roll.y = roll.ink.paragraph(
                roll.left + wide,
                roll.y,
                [Run(": "), *runs],
                roll.face,
                max(roll.right - roll.left - wide, 40),
            )
        else:
            roll.line(shown, "c" if not caption and dice.chance(0.4) else "l")
        k += 1


def card(roll: Roll) -> None:
    """Print a card payment slip: a total and card data, no lines."""
    paper, dice = roll.paper, roll.paper.dice
    roll.cut()
    for caption in dice.some(
        ("TID", "MID", "Batch", "Trace", "Approval code", "AID", "Ref. no", "Host", "Auth"), 3, 7
    ):
        roll.ends(caption + ":", plain(dice.digits(dice.randint(6, 12))))
    roll.line(dice.pick(("VISA", "MASTERCARD", "girocard", "AMEX")) + "  ****" + dice.digits(4))
    roll.line(dice.pick(("SALE", "PURCHASE", "CONTACTLESS", "DEBIT")))
    roll.ends(
        paper.caption("total_gross"),
        paper.field("total_gross"),
        roll.face.but(bold=True, size=roll.face.size + 2),
    )
    roll.line(
        dice.pick(("APPROVED", "NO SIGNATURE REQUIRED", "PIN VERIFIED", "SIGN: ____________")), "c"
    )


def tail(roll: Roll) -> None:
    """Print thanks, notes and a bar code."""
    paper, dice, deal = roll.paper, roll.paper.dice, roll.paper.deal
    for caption, runs in roll.late:
        roll.line([Run(paper.ended(caption) + " ") if caption else Run(""), *runs])
    roll.y += roll.face.leading * dice.pick((0, 0.5, 1))
    for text in dice.some(variants(deal.language, "s.thanks"), 0, 4):
        stars = dice.pick(("", "", "", "*** ", "** "))
        roll.line(stars + text + stars[::-1], "c")
    if dice.chance(0.2):
        roll.line(
            paper.day(dice.pick(deal.other_dates) if isinstance(deal.day, date) else deal.day)
            + " "
            + clock(dice),
            "c",
        )
    if dice.chance(0.2):
        x, y = roll.left + 10, roll.y + 4
        while x < roll.right - 12:
            wide = dice.pick((0.6, 1.1, 1.7, 2.3))
            roll.ink.box(x, y, wide, 22, fill=(0, 0, 0), stroke=None)
            x += wide + dice.pick((0.7, 1.2, 1.9))
        roll.y += 34

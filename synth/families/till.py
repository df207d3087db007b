"""Receipts: till rolls, restaurant bills, fuel, and card slips on narrow pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from synth import fonts
from synth.deal import ZERO, Deal, number, price
from synth.dice import Dice
from synth.formats import cents
from synth.ink import Align, Face, Ink, Mark, Run, plain
from synth.paper import Paper, Style
from synth.style import font_case, make_style
from synth.totals import rate_text
from synth.wording import variants


def settle(dice: Dice, deal: Deal) -> dict[str, Decimal]:
    """Make the deal a sale at a till; returns the sums that are no fields (rounding, change)."""
    facts = deal.facts
    inclusive = deal.region.code not in {"US", "CA"}
    rate = deal.lines[0].tax_rate
    deal.lines = deal.lines[:14] if dice.chance(0.9) else deal.lines
    for line in deal.lines:
        line.description = dice.pick(variants(deal.language, "goods.till"))
        if dice.chance(0.2):
            line.description += " " + dice.shape(
                dice.pick(("899G", "8X9", "99ML", "(8)", "S/8", "XX9"))
            )
        line.unit_price = price(dice, "till")
        line.quantity = Decimal(dice.pick((1, 1, 1, 1, 1, 2, 2, 3, 4, 6, 10)))
        if dice.chance(0.08):
            line.quantity = Decimal(dice.randint(100, 60000)) / 1000
        line.amount_gross = line.amount_net = cents(line.quantity * line.unit_price)
        line.tax_rate = rate
    goods = sum((line.amount_gross for line in deal.lines), ZERO)
    facts.pop("discount", None)
    other: dict[str, Decimal] = {"goods": goods}
    total = goods
    if dice.chance(0.12):
        facts["discount"] = cents(goods * dice.pick((5, 10, 20)) / 100)
        deal.discount_rate = Decimal(5)
        total -= facts["discount"]
    if dice.chance(0.12):
        other["service"] = cents(total * 10 / 100)
        total += other["service"]
    if inclusive:
        tax = cents(total - total / (1 + rate / 100))
        facts["total_net"], facts["total_tax"] = total - tax, tax
    else:
        tax = cents(total * rate / 100)
        facts["total_net"], facts["total_tax"] = total, tax
        total += tax
    rounded = total
    if deal.region.code in {"MY", "CH", "AU", "SG"} and dice.chance(0.7):
        rounded = cents((total * 20).quantize(Decimal(1)) / 20)
    other["rounding"], other["before"] = rounded - total, total
    facts["total_gross"] = rounded
    paid = rounded
    if dice.chance(0.6):
        step = dice.pick((1, 5, 10, 50))
        paid = cents(Decimal((int(rounded) // step + 1) * step))
    facts["amount_paid"] = paid
    other["change"] = paid - rounded
    deal.taxes = [(rate, facts["total_net"], tax)]
    return other


def till_style(dice: Dice, deal: Deal) -> Style:
    """Return a style of a receipt printer."""
    style = make_style(dice, deal, size=dice.pick((6.5, 7, 7.5, 8, 8.5, 9, 10)))
    found = (
        ()
        if dice.base_fonts
        else [
            case
            for case in fonts.truetype()
            if case.mono or "Narrow" in case.regular or "Condensed" in case.regular
        ]
    )
    case = fonts.BASE[2]
    if found and (dice.chance(0.35) or deal.language == "pl"):
        case = dice.pick(found)
    elif dice.chance(0.4):
        case = font_case(dice, deal.language, mono=0.4)
    stretch = dice.pick((100, 100, 90, 82, 75, 110)) if case.mono else dice.pick((100, 100, 90))
    body = Face(case, style.body.size, stretch=stretch)
    return replace(
        style,
        body=body,
        small=body.but(size=body.size - 1),
        head=body.but(bold=True),
        title=body.but(bold=dice.chance(0.6), size=body.size + dice.pick((0, 1, 3))),
        uppercase=dice.chance(0.45),
        margin=dice.pick((6, 8, 10, 14, 20)),
        value_bold=False,
        caption_bold=False,
        caption_case="upper" if dice.chance(0.3) else "plain",
        sign_place=style.sign_place if dice.chance(0.4) else "none",
    )


class Roll:
    """A till roll: lines one below the other."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.ink = paper.ink
        self.left = paper.style.margin
        self.right = paper.ink.width - paper.style.margin
        self.y = 10.0
        self.face = paper.style.body
        self.late: list[tuple[str, list[Run]]] = []
        self.dash = paper.dice.pick(("-", "-", "=", "rule", "dashed", "", "*", "_"))

    def line(self, runs: list[Run] | str, align: Align = "l", face: Face | None = None) -> None:
        """Print wrapped text."""
        face = face or self.face
        shown = plain(runs) if isinstance(runs, str) else runs
        self.y = self.ink.paragraph(self.left, self.y, shown, face, self.right - self.left, align)

    def ends(self, left: list[Run] | str, right: list[Run], face: Face | None = None) -> None:
        """Print text at the left and at the right of a line."""
        face = face or self.face
        shown = plain(left) if isinstance(left, str) else left
        room = self.right - self.left - self.ink.measure(right, face) - 4
        lines = self.ink.wrap(shown, face, max(room, 30))
        for k, row in enumerate(lines):
            self.ink.text(self.left, self.y + face.size, row, face)
            if k == len(lines) - 1:
                if self.ink.measure(row, face) > room:
                    self.y += face.leading
                self.ink.text(self.right, self.y + face.size, right, face, "r")
            self.y += face.leading

    def cut(self) -> None:
        """Print a separator."""
        if self.dash in {"rule", "dashed"}:
            self.ink.rule(self.left, self.y + 3, self.right, self.y + 3, dash=self.dash == "dashed")
            self.y += 6
        elif self.dash:
            one = self.ink.measure(plain(self.dash), self.face)
            self.line(self.dash * int((self.right - self.left) / one))
        else:
            self.y += self.face.leading * 0.6


def draw(dice: Dice, deal: Deal) -> Paper:
    """Return a finished receipt."""
    other = settle(dice, deal)
    style = till_style(dice, deal)
    width = dice.pick((140, 164, 180, 200, 205, 226, 226, 240, 280))
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


def clock(dice: Dice) -> str:
    """Return a time of day as tills print it."""
    hour, minute, second = dice.randint(7, 22), dice.randint(0, 59), dice.randint(0, 59)
    shape = dice.randint(0, 3)
    if shape == 0:
        return f"{hour:02d}:{minute:02d}:{second:02d}"
    if shape == 1:
        return f"{(hour - 1) % 12 + 1}:{minute:02d}:{second:02d} {'AM' if hour < 12 else 'PM'}"
    if shape == 2:
        return f"{(hour - 1) % 12 + 1}:{minute:02d} {'AM' if hour < 12 else 'PM'}"
    return f"{hour:02d}:{minute:02d}"


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
        elif how == "tab" and caption:
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


def items(roll: Roll) -> None:
    """Print the lines of the sale in one of four layouts."""
    paper, dice, deal = roll.paper, roll.paper.dice, roll.paper.deal
    column = "amount_gross" if deal.region.code not in {"US", "CA"} else "amount_net"
    how = dice.choices(("below", "lead", "name", "columns", "code"), (30, 26, 14, 20, 10))[0]
    roll.cut()
    code = dice.pick(("", "", " SR", " S", " T", " A", " *", " Z"))
    sign = dice.chance(0.2)
    q, u, a = (paper.caption(f"col.{n}") for n in ("quantity", "unit_price", column))
    wide = roll.right - roll.left
    if how == "columns":
        at = (roll.left, roll.left + wide * 0.62, roll.left + wide * 0.8, roll.right)
        heads = (
            (paper.caption("col.description"), at[0], "l"),
            (q, at[1], "r"),
            (u, at[2], "r"),
            (a, at[3], "r"),
        )
        for text, x, align in heads:
            roll.ink.text(
                x,
                roll.y + roll.face.size,
                text[:9],
                roll.face.but(stretch=min(roll.face.stretch, 85)),
                align,
            )  # type: ignore[arg-type]
        roll.y += roll.face.leading
        roll.cut()
    elif dice.chance(0.4):
        roll.ends(
            f"{q} {paper.caption('col.description')}"
            if how == "lead"
            else paper.caption("col.description"),
            plain(a),
        )
        if dice.chance(0.6):
            roll.cut()
    for row, line in enumerate(deal.lines):
        name = paper.cell(row, line, "description")
        if paper.style.uppercase:
            name = [
                r._replace(text=r.text.upper(), mark=Mark("description", r.text.upper(), row))
                for r in name
            ]
        qty, unit = (
            paper.cell(row, line, "quantity"),
            paper.cell(row, line, "unit_price", sign=sign),
        )
        amount = [*paper.cell(row, line, column, sign=sign), Run(code)]
        joint = dice.pick((" x ", " X ", " @ ", "  x "))
        match how:
            case "lead":
                roll.ends([*qty, Run("  "), *name], amount)
                if line.quantity != 1 and dice.chance(0.3):
                    roll.line([Run("   @ "), *unit])
            case "name":
                if line.quantity != 1:
                    roll.ends(
                        [*qty, Run(joint.strip().lower() + " "), *name]
                        if joint.strip() == "x"
                        else [*qty, Run(" "), *name],
                        amount,
                    )
                else:
                    roll.ends(name, amount)
            case "columns":
                at = (roll.left + wide * 0.62, roll.left + wide * 0.8, roll.right)
                face = roll.face.but(stretch=min(roll.face.stretch, 85))
                lines = roll.ink.wrap(name, face, wide * 0.5)
                own = len(lines) > 1 or dice.chance(0.1)
                for k, text in enumerate(lines):
                    roll.ink.text(roll.left, roll.y + face.size, text, face)
                    if k < len(lines) - 1 or own:
                        roll.y += face.leading
                for x, runs in zip(at, (qty, unit, amount), strict=True):
                    roll.ink.text(x, roll.y + face.size, runs, face, "r")
                roll.y += face.leading
            case _:
                roll.line(name)
                front: list[Run] = []
                if how == "code":
                    front = [*paper.cell(row, line, "code"), Run("  ")]
                roll.ends([Run("  "), *front, *qty, Run(joint), *unit], amount)
    roll.cut()


def sums(roll: Roll, other: dict[str, Decimal]) -> None:
    """Print sums, tax, payment and change."""
    paper, dice, deal, facts = roll.paper, roll.paper.dice, roll.paper.deal, roll.paper.deal.facts
    taxed = facts["total_tax"] != 0
    inclusive = deal.region.code not in {"US", "CA"}
    rows: list[tuple[str, list[Run], bool]] = []
    sign = paper.style.sign_place != "none"

    def amount(name: str) -> list[Run]:
        return paper.field(name)

    if dice.chance(0.2):
        rows.append((paper.any("items"), plain(str(len(deal.lines))), False))
    if "discount" in facts or "service" in other or not inclusive or dice.chance(0.45):
        if not inclusive and "discount" not in facts:
            rows.append((paper.caption("total_net"), amount("total_net"), False))
        else:
            rows.append(
                (
                    paper.any("total_net" if not inclusive else "subtotal"),
                    paper.money(other["goods"], None, sign=sign),
                    False,
                )
            )
    if "discount" in facts:
        runs = [
            r._replace(text="-" + r.text)
            if r.mark and r.mark.name == "discount" and dice.chance(0.7)
            else r
            for r in amount("discount")
        ]
        rows.append(
            (paper.caption("discount").replace("{rate}", "5%").replace("{RATE}", "5%"), runs, False)
        )
    if "service" in other:
        rows.append(
            (
                paper.word("service_charge").replace("{rate}", "10%"),
                paper.money(other["service"], None, sign=sign),
                False,
            )
        )
    if taxed and inclusive and dice.chance(0.35):
        rows.append((paper.caption("total_net"), amount("total_net"), False))
    tax_after = dice.chance(0.5) and inclusive
    tax = (
        paper.caption("total_tax")
        .replace("{RATE}", "{rate}")
        .replace("{rate}", rate_text(paper, deal.taxes[0][0]))
    )
    if taxed and not tax_after and (not inclusive or dice.chance(0.7)):
        rows.append((tax, amount("total_tax"), False))
    if other["rounding"]:
        if dice.chance(0.5):
            rows.append(
                (paper.any("total_gross"), paper.money(other["before"], None, sign=sign), False)
            )
        rows.append(
            (paper.word("rounding"), paper.money(other["rounding"], None, sign=sign), False)
        )
    rows.append((paper.caption("total_gross"), amount("total_gross"), True))
    if dice.chance(0.8):
        rows.append((paper.case(paper.any("cash")), amount("amount_paid"), False))
        if other["change"] or dice.chance(0.4):
            rows.append(
                (
                    paper.case(paper.word("change")),
                    paper.money(other["change"], None, sign=sign),
                    False,
                )
            )
    if taxed and tax_after and dice.chance(0.6):
        rows.append((tax, amount("total_tax"), False))
    indent = dice.pick((0, 0, 0.25, 0.4)) * (roll.right - roll.left)
    left = roll.left
    roll.left += indent
    gap = dice.chance(0.15)
    for caption, runs, strong in rows:
        face = roll.face
        if strong:
            face = face.but(bold=dice.chance(0.5), size=face.size + dice.pick((0, 0, 1, 3, 5)))
            if roll.ink.measure([*plain(caption), *runs], face) > roll.right - roll.left - 8:
                face = roll.face
            if dice.chance(0.2):
                roll.cut()
        roll.ends(paper.ended(caption) if dice.chance(0.8) else caption, runs, face)
        if strong and dice.chance(0.2):
            roll.cut()
        if gap:
            roll.y += 2
    roll.left = left
    if taxed and dice.chance(0.4):
        roll.cut()
        base = [
            paper.any("tax_table"),
            paper.word("tax_base"),
            paper.word("total_tax").replace("{rate}", "").strip(" @()"),
        ]
        rate, net, vat = deal.taxes[0]
        thirds = [roll.left, roll.left + (roll.right - roll.left) * 0.68, roll.right]
        shown = (rate_text(paper, rate), paper.show(net), paper.show(vat))
        for texts in (base, (dice.pick(("SR ", "S ", "T ", "A ")) + shown[0], shown[1], shown[2])):
            for k, text in enumerate(texts):
                roll.ink.text(
                    thirds[k],
                    roll.y + roll.face.size,
                    text,
                    roll.face.but(stretch=min(80, roll.face.stretch)),
                    "l" if k == 0 else "r",
                )
            roll.y += roll.face.leading


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

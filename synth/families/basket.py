"""Baskets: what was sold at a till, its sums, payment and change."""

from __future__ import annotations

from decimal import Decimal

from synth.deal import Deal
from synth.dice import Dice
from synth.families.roll import Roll
from synth.formats import cents
from synth.goods import ZERO, price
from synth.ink import Align, Mark, Run, plain
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
        deal.discount_rate = Decimal(dice.pick((5, 10, 20)))
        less = cents(goods * deal.discount_rate / 100)
        facts["discount"] = less
        total -= less
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
    deal.taxes = [(rate, deal.amount("total_net"), tax)]
    return other


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
        heads: tuple[tuple[str, float, Align], ...] = (
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
            )
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
                ends = (roll.left + wide * 0.62, roll.left + wide * 0.8, roll.right)
                face = roll.face.but(stretch=min(roll.face.stretch, 85))
                lines = roll.ink.wrap(name, face, wide * 0.5)
                own = len(lines) > 1 or dice.chance(0.1)
                for k, words in enumerate(lines):
                    roll.ink.text(roll.left, roll.y + face.size, words, face)
                    if k < len(lines) - 1 or own:
                        roll.y += face.leading
                for x, runs in zip(ends, (qty, unit, amount), strict=True):
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
            (
                paper.caption("discount")
                .replace("{RATE}", "{rate}")
                .replace("{rate}", f"{deal.discount_rate}%"),
                runs,
                False,
            )
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
    final = paper.caption("total_gross")
    if other["rounding"] and dice.chance(0.5):
        final = paper.case(paper.word("rounded"))
    rows.append((final, amount("total_gross"), True))
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

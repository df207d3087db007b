"""Air time as a deal: station, advertiser, flight, spots, gross and commission."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from synth.content import People
from synth.deal import Deal, number
from synth.dice import Dice
from synth.formats import cents
from synth.goods import ZERO, Line
from synth.wording import variants


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
    office, cause = dice.pick(variants("air", "offices")), dice.pick(variants("air", "causes"))
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
            f"{cause} & {dice.pick(variants('air', 'causes'))} Alliance",
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
    show = dice.pick(variants("air", "shows"))
    while "{" in show:
        show = show.replace("{t}", dice.pick(variants("air", "times")), 1).replace(
            "{d}", dice.pick(variants("air", "days")[:5]), 1
        )
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
        extra=dice.pick(variants("air", "days")),
    )

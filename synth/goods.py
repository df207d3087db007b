"""Goods and services: lines with quantity x price - discount = net, exact to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from synth import ids
from synth.dice import Dice
from synth.formats import cents
from synth.regions import Region
from synth.wording import variants

ZERO = Decimal(0)


GOODS = (
    "office",
    "building",
    "food",
    "it",
    "industry",
    "service",
    "media",
    "utility",
    "transport",
    "medical",
    "clothing",
)


_PRICES = {
    "office": (0.8, 120),
    "building": (0.1, 400),
    "food": (0.4, 40),
    "it": (5, 2500),
    "industry": (0.05, 1500),
    "service": (25, 2500),
    "media": (40, 9000),
    "utility": (0.05, 90),
    "transport": (8, 1800),
    "medical": (0.2, 300),
    "clothing": (4, 180),
    "till": (0.5, 60),
}


@dataclass(slots=True)
class Line:
    """One row of goods or services; amounts are exact cents."""

    code: str
    description: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    discount_rate: Decimal
    discount: Decimal
    tax_rate: Decimal
    amount_net: Decimal
    amount_gross: Decimal
    shipped: Decimal
    order_number: str = ""
    delivery_date: date | None = None
    extra: str = ""


def price(dice: Dice, goods: str) -> Decimal:
    """Return a price of this kind of goods, log-uniform."""
    low, high = _PRICES[goods]
    value = low * (high / low) ** dice.random()
    if dice.chance(0.35) and value > 3:
        value = round(value / 5) * 5 or 5
    elif dice.chance(0.3) and value > 1:
        value = int(value) + dice.pick((0.99, 0.95, 0.9, 0.5))
    return max(Decimal("0.01"), cents(Decimal(str(round(value, 2)))))


def make_line(dice: Dice, region: Region, goods: str, rate: Decimal, *, codes: int) -> Line:
    """Return a line with quantity x price - discount = net exactly."""
    language = region.language
    name = dice.pick(variants(language, f"goods.{goods}"))
    if dice.chance(0.45):
        name += dice.pick((" ", ", ", " - ", " ")) + dice.pick(variants(language, "spec"))
    if dice.chance(0.15):
        name += " " + dice.shape(
            dice.pick(("AA-999", "A99", "9999", "89 mm", "89x89 cm", "XXX-99", "AA 8000", "(89)"))
        )
    unit_price = price(dice, goods)
    units = variants(language, "units")
    if dice.chance(0.7):
        quantity = Decimal(
            dice.pick((1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 10, 12, 15, 20, 24, 25, 30, 40, 50, 100))
        )
    elif dice.chance(0.5):
        quantity = Decimal(dice.randint(1, 500 if unit_price < 20 else 30))
    else:
        quantity = Decimal(dice.randint(1, 4000)) / dice.pick((2, 4, 10, 100))
    discount_rate = Decimal(dice.pick((2, 3, 5, 10, 15, 20, 25, 50))) if dice.chance(0.12) else ZERO
    full = cents(quantity * unit_price)
    discount = cents(full * discount_rate / 100)
    net = full - discount
    shipped = quantity if dice.chance(0.85) else Decimal(dice.randint(0, int(quantity)))
    match codes:
        case 0:
            code = ids.gtin(dice)
        case 1:
            code = dice.digits(dice.randint(4, 8))
        case 2:
            code = dice.shape(
                dice.pick(("AA-9999", "A9999", "99-999-99", "AAA99", "9999-A", "AA999999"))
            )
        case 3:
            code = dice.shape("999.999.99")
        case _:
            code = dice.shape(dice.pick(("XXX-XXX", "AA99-99A", "899999-01", "XXXXXX")))
    return Line(
        code=code,
        description=name,
        unit=dice.pick(units),
        quantity=quantity,
        unit_price=unit_price,
        discount_rate=discount_rate,
        discount=discount,
        tax_rate=rate,
        amount_net=net,
        amount_gross=net + cents(net * rate / 100),
        shipped=shipped,
    )


def line_count(dice: Dice) -> int:
    """Return a number of lines: mostly few, sometimes pages of them."""
    return dice.choices(
        (
            1,
            2,
            3,
            dice.randint(4, 6),
            dice.randint(7, 12),
            dice.randint(13, 30),
            dice.randint(31, 70),
        ),
        (16, 16, 15, 25, 17, 9, 2),
    )[0]

"""Orders, deliveries and bills that agree to the cent, or differ in ways that are written down.

A *world* is some suppliers with their goods and the paper of their deals. Truth stands beside it:
which paper belongs to which order, which line to which, and every planted difference with its
reason code and amount, kept in the generator's own books.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from doctally.results import Extraction, FieldValue
from synth.dice import Dice
from synth.trade import CENT, Item, Measured, catalogue, coded, habit, measured, packed, worded

ZERO = Decimal(0)
_NAMES = (
    "Bergmann Technik GmbH",
    "Alder & Sons Ltd",
    "Costa Forniture S.r.l.",
    "Delacroix Equipement SARL",
    "Hansen Industri A/S",
    "Kowalski Handel Sp. z o.o.",
    "Müller Großhandel GmbH & Co. KG",
    "Northgate Supplies Inc.",
    "Van Dijk Groothandel B.V.",
    "Ribeiro Materiais Lda",
    "Fischer Elektro AG",
    "Lindqvist Partner AB",
    "Oakfield Medical LLC",
    "Schröder Bürobedarf OHG",
    "Tanaka Trading Co., Ltd.",
    "Weber Verpackungen GmbH",
    "Sterling Plumbing plc",
    "Moreau Fournitures SAS",
    "Petrov Commerce EOOD",
    "Gonzalez Suministros S.L.",
)
_STYLES = ("PO-{y}-{n4}", "45{n8}", "B{n6}", "{y}/{n5}", "PO{n6}", "ORD-{n5}-{y2}", "BE {n7}")


@dataclass(slots=True)
class Row:
    """A line of a paper; ``quantity`` and ``price`` in base units, ``of`` the orders' lines.

    ``other_code`` is what the supplier's papers call it.
    """

    item: Item
    quantity: Decimal
    price: Decimal
    measure: Measured
    text: str
    code: str
    of: tuple[tuple[str, int], ...] = ()
    rate: Decimal | None = None
    order_number: str = ""
    other_code: str = ""

    @property
    def amount(self) -> Decimal:
        """Return the net amount of the line."""
        return (self.quantity * self.price).quantize(CENT)


@dataclass(slots=True)
class Sheet:
    """A paper before it is printed as an extraction."""

    id: str
    kind: str
    number: str
    day: date
    supplier: Supplier
    rows: list[Row]
    orders: list[str] = field(default_factory=list)
    note: str = ""
    shipping: Decimal = ZERO
    discount: Decimal = ZERO
    currency: str = "EUR"
    name: str = ""
    charge: tuple[str, Decimal] | None = None
    closed: bool = False
    rates: bool = True

    @property
    def net(self) -> Decimal:
        """Return the net total."""
        goods = sum((row.amount for row in self.rows), ZERO)
        return goods + self.shipping + (self.charge[1] if self.charge else ZERO) - self.discount

    @property
    def tax(self) -> Decimal:
        """Return the tax total, line by line."""
        total = ZERO
        for row in self.rows:
            rate = row.item.rate if row.rate is None else row.rate
            total += row.amount * rate / 100
        extra = self.shipping + (self.charge[1] if self.charge else ZERO) - self.discount
        return (total + extra * 19 / 100).quantize(CENT)

    @property
    def gross(self) -> Decimal:
        """Return the gross total."""
        return self.net + self.tax


@dataclass(slots=True)
class Supplier:
    """A firm, its goods, how it numbers and what it sends."""

    name: str
    tax_id: str
    goods: tuple[Item, ...]
    delivers: bool
    style: str


@dataclass(frozen=True, slots=True)
class Planted:
    """A difference that was put in: where, which code, how much is at stake."""

    paper: str
    code: str
    amount: Decimal
    line: int | None = None


@dataclass(slots=True)
class World:
    """All papers and the truth about them."""

    papers: list[tuple[str, Extraction, bool]] = field(default_factory=list)
    links: set[tuple[str, str]] = field(default_factory=set)
    lines: set[tuple[str, int, str, int]] = field(default_factory=set)
    planted: list[Planted] = field(default_factory=list)


def suppliers(dice: Dice, count: int) -> list[Supplier]:
    """Return suppliers, no two with a similar name."""
    names = dice.sample(_NAMES, min(count, len(_NAMES)))
    return [
        Supplier(
            name,
            dice.shape("DE999999999") if dice.chance(0.7) else "",
            catalogue(dice, count=dice.randint(18, 40)),
            dice.chance(0.75),
            dice.pick(_STYLES),
        )
        for name in names
    ]


def number_of(dice: Dice, style: str, day: date) -> str:
    """Return a paper's number in a house style."""
    text = style.replace("{y}", str(day.year)).replace("{y2}", str(day.year % 100))
    for size in range(4, 9):
        text = text.replace(f"{{n{size}}}", dice.digits(size))
    return text


def named(dice: Dice, number: str) -> str:
    """Return an order number as the supplier repeats it: as it is, restyled, or misread."""
    if dice.chance(0.72):
        return number
    if dice.chance(0.75):
        bare = number.replace("-", dice.pick(("", " ", "/"))).replace("/", dice.pick(("/", "-")))
        return dice.pick((bare, bare.lower(), f"Your order {number}", number.lstrip("POBERD- ")))
    wrong = {"0": "O", "1": "l", "5": "S", "8": "B"}
    places = [i for i, c in enumerate(number) if c in wrong]
    if not places:
        return number
    place = dice.pick(places)
    return number[:place] + wrong[number[place]] + number[place + 1 :]


def signed(dice: Dice, name: str) -> str:
    """Return a supplier's name as one of its papers prints it."""
    match dice.randint(0, 5):
        case 0:
            return name.upper()
        case 1:
            return name.rsplit(" ", 1)[0] if name.count(" ") > 1 else name
        case 2:
            return name.replace("&", "and").replace("ü", "ue").replace("ö", "oe")
    return name


def order_rows(dice: Dice, supplier: Supplier) -> list[Row]:
    """Return the lines of an order: different goods in whole quantities."""
    rows = []
    way = habit(dice)
    for item in dice.some(supplier.goods, 1, dice.pick((3, 6, 10, 14))):
        low = dice.pick((1, 2, 4, 5, 8, 10, 15, 24, 30, 48, 50, 100, 120, 200))
        quantity = Decimal(item.pack * dice.randint(1, 6)) if dice.chance(0.4) else Decimal(low)
        buyer_code, supplier_code = coded(dice, item, way)
        text = worded(dice, item, buyer=True)
        row = Row(item, quantity, item.price, measured(dice, item), text, buyer_code)
        row.other_code = supplier_code
        if dice.chance(0.12) and (other := packed(dice, item, quantity, priced=False)):
            row.measure = other
        rows.append(row)
    return rows


def supplied(
    dice: Dice, row: Row, quantity: Decimal, of: tuple[tuple[str, int], ...], *, priced: bool = True
) -> Row:
    """Return an order's line as the supplier prints it, in some unit."""
    measure = measured(dice, row.item)
    if dice.chance(0.15) and (other := packed(dice, row.item, quantity, priced=priced)):
        measure = other
    text = row.text if dice.chance(0.15) else worded(dice, row.item, buyer=False)
    return Row(row.item, quantity, row.price, measure, text, row.other_code, of)


def printed(dice: Dice, sheet: Sheet) -> Extraction:
    """Return a paper as an extraction, as if every value had been read right."""
    fields: dict[str, str] = {
        "document_number": sheet.number,
        "issue_date": sheet.day.isoformat(),
        "supplier_name": sheet.name or signed(dice, sheet.supplier.name),
    }
    if sheet.supplier.tax_id and dice.chance(0.6) and not sheet.name:
        fields["supplier_tax_id"] = sheet.supplier.tax_id
    if sheet.orders:
        fields["order_number"] = dice.pick((", ", " / ", "; ")).join(sheet.orders)
    if sheet.note:
        fields["delivery_note_number"] = sheet.note
    priced = sheet.kind != "shipment_notice"
    if priced:
        fields |= {
            "currency": sheet.currency,
            "total_net": f"{sheet.net:.2f}",
            "total_tax": f"{sheet.tax:.2f}",
            "total_gross": f"{sheet.gross:.2f}",
        }
        if sheet.shipping:
            fields["shipping_amount"] = f"{sheet.shipping:.2f}"
        if sheet.discount:
            fields["discount"] = f"{sheet.discount:.2f}"
    lines = [_cells(row, priced=priced, rates=sheet.rates) for row in sheet.rows]
    if sheet.charge:
        text, amount = sheet.charge
        lines.append({"description": text, "quantity": "1", "amount_net": f"{amount:.2f}"})
    for position, cells in enumerate(lines, 1):
        cells["position"] = str(position)
    return Extraction(
        sheet.kind,
        1.0,
        {name: FieldValue(value, 1.0) for name, value in fields.items()},
        tuple({n: FieldValue(v, 1.0) for n, v in cells.items()} for cells in lines),
    )


def _cells(row: Row, *, priced: bool, rates: bool) -> dict[str, str]:
    quantity = row.quantity / row.measure.factor
    cells = {
        "description": row.text,
        "quantity": f"{quantity.normalize():f}",
        "unit": row.measure.unit,
    }
    if row.code:
        cells["code"] = row.code
    if row.order_number:
        cells["order_number"] = row.order_number
    if priced:
        cells["unit_price"] = f"{(row.price * row.measure.factor).normalize():f}"
        cells["amount_net"] = f"{row.amount:.2f}"
        if rates:
            rate = row.item.rate if row.rate is None else row.rate
            cells["tax_rate"] = f"{rate:f}"
    return cells


def days_later(dice: Dice, day: date, low: int, high: int) -> date:
    """Return a day so many days later."""
    return day + timedelta(days=dice.randint(low, high))

"""Whole deals: orders, deliveries over time and bills, then differences planted in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from synth.dice import Dice
from synth.trade import BRANDS, CENT, SPECS, Item, catalogue, measured, worded
from synth.triples import (
    ZERO,
    Planted,
    Row,
    Sheet,
    Supplier,
    World,
    days_later,
    named,
    number_of,
    order_rows,
    printed,
    supplied,
    suppliers,
)

Place = tuple[str, int]
_FREIGHT = ("Freight", "Shipping costs", "Versandkosten", "Frais de port", "Fuel surcharge",
            "Packaging and handling", "Mindermengenzuschlag", "Energiezuschlag")  # fmt: skip
_KINDS = {
    "plain": 40, "partial": 16, "collective": 12, "split": 7, "merge": 7,
    "back_order": 8, "credit": 10,
}  # fmt: skip


@dataclass(slots=True)
class Case:
    """One deal of one supplier; ``waves`` are its deliveries with their bills."""

    dice: Dice
    supplier: Supplier
    number: int
    day: date
    kind: str
    orders: list[Sheet] = field(default_factory=list)
    waves: list[tuple[Sheet | None, Sheet]] = field(default_factory=list)
    others: list[Sheet] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)

    def sheet(self, kind: str, day: date, rows: list[Row], prefix: str) -> Sheet:
        """Return a new paper of this deal."""
        count = len(self.waves) + len(self.others) + len(self.orders)
        number = number_of(self.dice, self.dice.pick((f"{prefix}{{n6}}", f"{prefix}-{{n5}}",
                                                      "{n7}")), day)  # fmt: skip
        paper = f"{self.number}-{prefix.lower()}{count}"
        return Sheet(paper, kind, number, day, self.supplier, rows)

    @property
    def bills(self) -> list[Sheet]:
        """Return the invoices of the deliveries."""
        return [bill for _, bill in self.waves]

    def ordered(self, place: Place) -> Row:
        """Return the order's line at a place."""
        order = next(order for order in self.orders if order.id == place[0])
        return order.rows[place[1] - 1]


def world(seed: int, cases: int, *, planted: float = 0.55) -> World:
    """Return papers of so many deals, about ``planted`` of them with a difference."""
    dice = Dice(f"triples-{seed}")
    firms = suppliers(dice, max(3, min(20, cases // 6)))
    found = World()
    made: list[Case] = []
    for number in range(cases):
        case = deal(dice, firms, number, made)
        if dice.chance(planted):
            plant(case, firms)
        made.append(case)
    for case in made:
        _tell(case, found)
    dice.shuffle(found.papers)
    return found


def deal(dice: Dice, firms: Sequence[Supplier], number: int, made: Sequence[Case]) -> Case:
    """Return a deal whose papers agree."""
    supplier = dice.pick(firms)
    day = date(2024, 1, 8) + timedelta(days=dice.randint(0, 420))
    kind = dice.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]
    case = Case(dice, supplier, number, day, kind)
    for _ in range(dice.randint(2, 3) if kind == "collective" else 1):
        earlier = [c for c in made if c.supplier is supplier]
        rows = order_rows(dice, supplier)
        if earlier and dice.chance(0.2):  # the same again, as people order
            rows = [replace(row) for row in dice.pick(earlier).orders[0].rows]
            for row in rows:
                row.text = worded(dice, row.item, buyer=True)
        if kind == "merge":
            twin = replace(rows[0])
            rows.append(twin)
        order = case.sheet("purchase_order", days_later(dice, day, 0, 4), rows, "PO")
        order.number = number_of(dice, supplier.style, order.day)
        case.orders.append(order)
    _fulfil(case)
    _extras(case)
    return case


def _fulfil(case: Case) -> None:
    dice = case.dice
    left = {
        (order.id, n): row.quantity for order in case.orders for n, row in enumerate(order.rows, 1)
    }
    waves = dice.randint(2, 3) if case.kind == "partial" else 1
    day = max(order.day for order in case.orders)
    for wave in range(waves):
        last = wave == waves - 1 and case.kind != "back_order"
        taken: dict[Place, Decimal] = {}
        for place, quantity in left.items():
            part = quantity
            if not last and quantity:
                part = Decimal(dice.randint(0, int(quantity)))
            if part:
                taken[place] = part
        if not taken and waves == 1:
            taken[next(iter(left))] = Decimal(1)
        for place, quantity in taken.items():
            left[place] -= quantity
        if taken:
            day = days_later(dice, day, 2, 20)
            _wave(case, taken, day)


def _wave(case: Case, taken: Mapping[Place, Decimal], day: date) -> None:
    dice = case.dice
    shipment = None
    rows = [supplied(dice, case.ordered(p), q, (p,)) for p, q in taken.items()]
    if case.supplier.delivers:
        sent = [supplied(dice, case.ordered(p), q, (p,), priced=False) for p, q in taken.items()]
        if dice.chance(0.4):
            dice.shuffle(sent)
        shipment = case.sheet("shipment_notice", day, sent, "DN")
        if dice.chance(0.87):
            shipment.orders = [named(dice, order.number) for order in _used(case, taken)]
        case.others.append(shipment)
    if case.kind == "merge":
        rows = _merged(dice, case, rows)
    if case.kind == "split" and (big := [row for row in rows if row.quantity >= 4]):
        row = dice.pick(big)
        part = Decimal(dice.randint(1, int(row.quantity) - 1))
        rows.append(supplied(dice, case.ordered(row.of[0]), part, row.of))
        rows[rows.index(row)] = supplied(dice, case.ordered(row.of[0]), row.quantity - part, row.of)
    if dice.chance(0.4):
        dice.shuffle(rows)
    bill = case.sheet("invoice", days_later(dice, day, 0, 12), rows, "RE")
    used = _used(case, taken)
    if dice.chance(0.88):
        if len(used) > 1 and dice.chance(0.5):
            names = {order.id: named(dice, order.number) for order in used}
            for row in rows:
                row.order_number = names[row.of[0][0]]
        else:
            bill.orders = [named(dice, order.number) for order in used]
    if shipment is not None and dice.chance(0.45):
        bill.note = shipment.number
    case.waves.append((shipment, bill))


def _used(case: Case, taken: Mapping[Place, Decimal]) -> list[Sheet]:
    ids = {place[0] for place in taken}
    return [order for order in case.orders if order.id in ids]


def _merged(dice: Dice, case: Case, rows: list[Row]) -> list[Row]:
    """Return the rows with the first and its twin in one."""
    order = case.orders[0]
    twins = {(order.id, 1), (order.id, len(order.rows))}
    mine = [row for row in rows if row.of[0] in twins]
    if len(mine) < 2:
        return rows
    whole = sum((row.quantity for row in mine), ZERO)
    places = tuple(place for row in mine for place in row.of)
    one = supplied(dice, case.ordered(places[0]), whole, places)
    return [one, *(row for row in rows if row.of[0] not in twins)]


def _extras(case: Case) -> None:
    """Add what agrees on both sides: freight, discount; a credit note for goods sent back."""
    dice = case.dice
    simple = len(case.orders) == 1 and len(case.waves) == 1 and case.kind != "back_order"
    if simple and dice.chance(0.15):
        freight = Decimal(dice.randint(5, 90))
        case.orders[0].shipping = freight
        if dice.chance(0.5):
            case.bills[0].shipping = freight
        else:
            case.bills[0].charge = (dice.pick(_FREIGHT[:4]), freight)
    if simple and dice.chance(0.08):
        goods = sum((row.amount for row in case.orders[0].rows), ZERO)
        case.orders[0].discount = case.bills[0].discount = (goods / 20).quantize(CENT)
    rates = dice.chance(0.7)
    for sheet in (*case.orders, *case.bills):
        sheet.rates = rates
    if case.kind == "credit":
        bill = case.bills[0]
        row = dice.pick(bill.rows)
        back = Decimal(dice.randint(1, max(1, int(row.quantity))))
        note = case.sheet("credit_note", days_later(dice, bill.day, 3, 40),
                          [supplied(dice, case.ordered(row.of[0]), back, row.of)],
                          "GS")  # fmt: skip
        note.orders = [named(dice, case.orders[0].number)]
        note.rates = rates
        case.others.append(note)


def plant(case: Case, firms: Sequence[Supplier]) -> None:
    """Put one difference into a deal, of a kind that it can carry."""
    kinds = list(_PLANTS)
    case.dice.shuffle(kinds)
    for kind in kinds:
        if _PLANTS[kind](case, firms):
            return


def _price_above(case: Case, firms: Sequence[Supplier]) -> bool:
    bill = case.bills[-1]
    row = case.dice.pick(bill.rows)
    if len(row.of) > 1:
        return False
    before = row.amount
    step = Decimal(case.dice.randint(3, 25)) / 100
    higher = (row.price * (1 + step)).quantize(CENT)
    row.price = higher
    apart = row.amount - before
    if apart <= max(before / 50, Decimal("0.20")):
        row.price = case.ordered(row.of[0]).price
        return False
    return _note(case, bill, "price_above_order", apart, row)


def _quantity_over(case: Case, firms: Sequence[Supplier]) -> bool:
    bill = max(case.bills, key=lambda sheet: (sheet.day, sheet.id))
    row = case.dice.pick(bill.rows)
    if len(row.of) > 1 or case.kind in ("back_order", "split", "credit"):
        return False
    if _billed(case, row.of[0]) != case.ordered(row.of[0]).quantity:
        return False
    extra = Decimal(case.dice.randint(1, max(1, int(row.quantity) // 2)))
    row.quantity += extra
    row.measure = measured(case.dice, row.item)
    return _note(case, bill, "quantity_over", (extra * row.price).quantize(CENT), row)


def _not_received(case: Case, firms: Sequence[Supplier]) -> bool:
    shipment = case.waves[-1][0]
    if shipment is None or case.kind == "credit":
        return False
    gone = case.dice.pick(shipment.rows)
    bills = [bill for bill in case.bills if any(gone.of[0] in row.of for row in bill.rows)]
    if not bills:
        return False
    bill = max(bills, key=lambda sheet: (sheet.day, sheet.id))  # the last one bills too much
    billed = [row for row in bill.rows if gone.of[0] in row.of]
    if len(billed) != 1 or len(billed[0].of) > 1:
        return False
    missing = Decimal(case.dice.randint(1, int(min(gone.quantity, billed[0].quantity))))
    if missing == gone.quantity and len(shipment.rows) == 1:
        return False
    gone.quantity -= missing
    gone.measure = measured(case.dice, gone.item)
    if not gone.quantity:
        shipment.rows.remove(gone)
    stake = (missing * gone.price).quantize(CENT)
    return _note(case, bill, "billed_not_received", stake, billed[0])


def _not_billed(case: Case, firms: Sequence[Supplier]) -> bool:
    shipment, bill = case.waves[-1]
    if shipment is None or len(bill.rows) < 2 or case.kind in ("split", "merge", "credit"):
        return False
    bill.rows.remove(case.dice.pick(bill.rows))
    bill.discount = case.orders[0].discount = ZERO
    return True  # told by the books


def _unknown(case: Case, firms: Sequence[Supplier]) -> bool:
    bill = case.bills[-1]
    row = _foreign(case)
    if row is None:
        return False
    bill.rows.insert(case.dice.randint(0, len(bill.rows)), row)
    return _note(case, bill, "unknown_item", row.amount, row)


def _foreign(case: Case) -> Row | None:
    """Return a line with goods that the orders do not have, None if they have them all."""
    known = [row.item for order in case.orders for row in order.rows]
    free = [item for item in case.supplier.goods if item not in known]
    if not free:
        return None
    item = case.dice.pick(free)
    quantity = Decimal(case.dice.randint(1, 60))
    text = worded(case.dice, item, buyer=False)
    return Row(item, quantity, item.price, measured(case.dice, item), text, item.supplier_code)


def _charge(case: Case, firms: Sequence[Supplier]) -> bool:
    bill, dice = case.bills[-1], case.dice
    if bill.charge or bill.shipping:
        return False
    amount = Decimal(dice.randint(500, 15000)) / 100
    if dice.chance(0.3):
        bill.shipping = amount
    else:
        bill.charge = (dice.pick(_FREIGHT), amount)
    case.planted.append(Planted(bill.id, "charge_not_ordered", amount))
    return True


def _substitute(case: Case, firms: Sequence[Supplier]) -> bool:
    shipment, bill = case.waves[-1]
    row = case.dice.pick(bill.rows)
    other = _successor(case.dice, row.item)
    ordered = case.ordered(row.of[0])
    coded = ordered.code == row.item.supplier_code == row.code != ""
    if not coded and _digits(row.item.spec) not in _digits(ordered.text):
        return False  # neither code nor size would show it, nobody could tell
    if case.kind in ("split", "merge", "credit", "partial", "back_order"):
        return False
    for sheet in (shipment, bill):
        for old in [r for r in sheet.rows if r.of == row.of] if sheet else ():
            old.item, old.code = other, other.supplier_code
            old.text = worded(case.dice, other, buyer=False)
            while not coded and _digits(other.spec) not in _digits(old.text):
                old.text = worded(case.dice, other, buyer=False)
            old.measure = measured(case.dice, other)
            stake = case.ordered(row.of[0]).amount
            old.price = (old.price * Decimal(case.dice.randint(88, 112)) / 100).quantize(CENT)
            old.price = max(old.price, CENT)
            if sheet is bill:
                stake = old.amount
            if sheet is not None:
                _note(case, sheet, "substituted_item", stake, old)
    return True


def _digits(text: str) -> str:
    """Return a size as all its spellings have it."""
    plain = text.casefold().replace(",", ".").replace("×", "x").replace("mm", "")
    return "".join(c for c in plain if c.isalnum() or c == ".")


def _successor(dice: Dice, item: Item) -> Item:
    """Return what a firm sends when an item is out: the same thing of another make and size."""
    brands, specs = dice.sample(BRANDS, 2), dice.sample(SPECS, 2)
    return replace(
        item,
        brand=brands[0] if brands[0] != item.brand else brands[1],
        spec=specs[0] if specs[0] != item.spec else specs[1],
        supplier_code=dice.shape("AA-99999"),
    )


def _duplicate(case: Case, firms: Sequence[Supplier]) -> bool:
    bill, dice = case.bills[-1], case.dice
    if case.kind in ("back_order", "credit", "partial"):
        return False
    again = replace(bill, rows=[replace(row) for row in bill.rows])
    again.id, again.number = f"{bill.id}-again", number_of(dice, "RE{n6}", bill.day)
    again.day = days_later(dice, bill.day, 3, 40)
    for row in again.rows:
        row.text = worded(dice, row.item, buyer=False)
    if dice.chance(0.4):
        dice.shuffle(again.rows)
    case.others.append(again)
    case.planted.append(Planted(again.id, "duplicate_billing", again.gross))
    return True


def _tax(case: Case, firms: Sequence[Supplier]) -> bool:
    bill = case.bills[-1]
    row = case.dice.pick(bill.rows)
    rate = Decimal(7) if row.item.rate == 19 else Decimal(19)
    stake = (row.amount * 12 / 100).quantize(CENT)
    if len(row.of) > 1 or stake < Decimal("0.30"):
        return False
    for sheet in (*case.orders, *case.bills):
        sheet.rates = True
    row.rate = rate
    return _note(case, bill, "tax_mismatch", stake, row)


def _closed(case: Case, firms: Sequence[Supplier]) -> bool:
    dice = case.dice
    if len(case.orders) > 1 or case.kind in ("credit", "back_order"):
        return False
    if dice.chance(0.5) and len(case.waves) == 1:
        case.orders[0].closed = True
        bill = case.bills[0]
    else:
        last = max(case.bills, key=lambda sheet: sheet.day)
        place = (case.orders[0].id, dice.randint(1, len(case.orders[0].rows)))
        more = case.ordered(place).quantity + dice.randint(1, 9)
        row = supplied(dice, case.ordered(place), Decimal(more), (place,))
        row.measure = measured(dice, row.item)
        bill = case.sheet("invoice", days_later(dice, last.day, 2, 30), [row], "RE")
        bill.orders = [named(dice, case.orders[0].number)]
        case.others.append(bill)
    case.planted.append(Planted(bill.id, "order_closed", bill.gross))
    return True


def _currency(case: Case, firms: Sequence[Supplier]) -> bool:
    bill = case.bills[-1]
    bill.currency = case.dice.pick(("USD", "CHF", "GBP"))
    case.planted.append(Planted(bill.id, "currency_mismatch", bill.gross))
    return True


def _discount(case: Case, firms: Sequence[Supplier]) -> bool:
    bill = case.bills[0]
    if len(case.orders) > 1 or len(case.waves) > 1 or case.kind == "back_order" or bill.discount:
        return False
    goods = sum((row.amount for row in case.orders[0].rows), ZERO)
    case.orders[0].discount = (goods * 3 / 100).quantize(CENT)
    if case.orders[0].discount < Decimal("0.20"):
        case.orders[0].discount = ZERO
        return False
    case.planted.append(Planted(bill.id, "discount_missing", case.orders[0].discount))
    return True


def _other_firm(case: Case, firms: Sequence[Supplier]) -> bool:
    bill = case.bills[-1]
    if len(case.waves) > 1 or len(case.orders) > 1:
        return False
    bill.name = case.dice.pick([f.name for f in firms if f is not case.supplier])
    bill.orders = [case.orders[0].number]
    case.planted.append(Planted(bill.id, "supplier_mismatch", bill.gross))
    return True


def _delivered_over(case: Case, firms: Sequence[Supplier]) -> bool:
    shipment = case.waves[-1][0]
    if shipment is None or case.kind in ("back_order", "merge"):
        return False
    row = case.dice.pick(shipment.rows)
    extra = Decimal(case.dice.randint(1, 10))
    row.quantity += extra
    row.measure = measured(case.dice, row.item)
    return _note(case, shipment, "delivered_over", (extra * row.price).quantize(CENT), row)


def _no_order(case: Case, firms: Sequence[Supplier]) -> bool:
    dice = case.dice
    rows = [
        Row(item, Decimal(dice.randint(1, 60)), item.price, measured(dice, item),
            worded(dice, item, buyer=False), item.supplier_code)
        for item in catalogue(dice, count=3)
    ]  # fmt: skip
    day = days_later(case.dice, case.day, 0, 60)
    bill = case.sheet("invoice", day, rows[: case.dice.randint(1, 3)], "RE")
    case.others.append(bill)
    case.planted.append(Planted(bill.id, "order_missing", bill.gross))
    return True


def _credit_over(case: Case, firms: Sequence[Supplier]) -> bool:
    notes = [sheet for sheet in case.others if sheet.kind == "credit_note"]
    if not notes:
        return False
    row = notes[0].rows[0]
    billed = _billed(case, row.of[0])
    extra = Decimal(case.dice.randint(1, 12))
    row.quantity = billed + extra
    row.measure = measured(case.dice, row.item)
    return _note(case, notes[0], "credit_over", (extra * row.price).quantize(CENT), row)


def _too_early(case: Case, firms: Sequence[Supplier]) -> bool:
    bill = case.bills[0]
    if len(case.orders) > 1 or len(case.bills) > 1:
        return False
    bill.day = min(order.day for order in case.orders) - timedelta(days=case.dice.randint(6, 40))
    if not bill.orders:
        bill.orders = [order.number for order in case.orders]
    case.planted.append(Planted(bill.id, "bill_before_order", bill.gross))
    return True


_PLANTS: Mapping[str, Callable[[Case, Sequence[Supplier]], bool]] = {
    "price_above_order": _price_above,
    "quantity_over": _quantity_over,
    "billed_not_received": _not_received,
    "received_not_billed": _not_billed,
    "unknown_item": _unknown,
    "charge_not_ordered": _charge,
    "substituted_item": _substitute,
    "duplicate_billing": _duplicate,
    "tax_mismatch": _tax,
    "order_closed": _closed,
    "currency_mismatch": _currency,
    "discount_missing": _discount,
    "supplier_mismatch": _other_firm,
    "delivered_over": _delivered_over,
    "order_missing": _no_order,
    "credit_over": _credit_over,
    "bill_before_order": _too_early,
}


def _note(case: Case, sheet: Sheet, code: str, stake: Decimal, row: Row) -> bool:
    line = next(n for n, other in enumerate(sheet.rows, 1) if other is row)
    case.planted.append(Planted(sheet.id, code, stake, line))
    return True


def _billed(case: Case, place: Place) -> Decimal:
    return sum((r.quantity for bill in case.bills for r in bill.rows if r.of == (place,)), ZERO)


def _tell(case: Case, found: World) -> None:
    """Print the deal's papers and write down the truth about them."""
    gone = {p.paper for p in case.planted if p.code in ("duplicate_billing", "order_closed")}
    received: dict[Place, Decimal] = {}
    billed: dict[Place, Decimal] = {}
    last: dict[Place, tuple[str, int]] = {}
    for sheet in sorted((*case.others, *case.bills), key=lambda s: (s.day, s.id)):
        orders = {place[0] for row in sheet.rows for place in row.of}
        found.links |= {(sheet.id, order) for order in orders}
        for n, row in enumerate(sheet.rows, 1):
            for place, part in _parts(case, row):
                found.lines.add((sheet.id, n, *place))
                if sheet.kind == "shipment_notice":
                    received[place] = received.get(place, ZERO) + part
                    last[place] = (sheet.id, n)
                elif sheet.id not in gone:
                    sign = -1 if sheet.kind == "credit_note" else 1
                    billed[place] = billed.get(place, ZERO) + sign * part
    for place, quantity in received.items():
        if (rest := quantity - billed.get(place, ZERO)) > 0:
            stake = (rest * case.ordered(place).price).quantize(CENT)
            paper, line = last[place]
            case.planted.append(Planted(paper, "received_not_billed", stake, line))
    found.planted += case.planted
    for sheet in (*case.orders, *case.others, *case.bills):
        found.papers.append((sheet.id, printed(case.dice, sheet), sheet.closed))


def _parts(case: Case, row: Row) -> list[tuple[Place, Decimal]]:
    if len(row.of) < 2:
        return [(place, row.quantity) for place in row.of]
    return [(place, case.ordered(place).quantity) for place in row.of]

"""Deals: the facts of one business transaction, consistent to the cent, before any layout."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from synth import ids, numbers
from synth.content import Party, People
from synth.dice import Dice
from synth.formats import cents
from synth.goods import GOODS, ZERO, Line, line_count, make_line, price
from synth.regions import Region, region, regions
from synth.wording import variants

Fact = str | date | Decimal
_PREFIX = {
    "invoice": ("INV", "RE", "F", "FA", "R", "SI", "IN", "RG", "FV", "VF", "AR", "B"),
    "credit_note": ("CN", "CR", "GS", "AV", "CM", "G", "NC", "SCR"),
    "purchase_order": ("PO", "P", "BE", "ORD", "BC", "PED", "OC", "ZAM", "B", "45"),
    "receipt": ("CS", "R", "T", "TRX", "S", "POS", "BILL"),
    "shipment_notice": ("DN", "LS", "BL", "PS", "WZ", "D", "SH", "ASN", "DDT"),
    "sales_order": ("SO", "AB", "A", "AU", "S", "ORD"),
    "customer": ("C", "K", "D", "CUST", "KD", "CLI", "1"),
    "contract": ("V", "CT", "A", "KV", "MC"),
}
_SHIPPED = ("office", "building", "food", "it", "industry", "medical", "clothing")


@dataclass(slots=True)
class Deal:
    """Everything a paper may print; ``facts`` are the header fields by contract name."""

    document_type: str
    region: Region
    supplier: Party
    customer: Party
    ship_to: Party | None
    ship_from: Party | None
    facts: dict[str, Fact]
    lines: list[Line]
    taxes: list[tuple[Decimal, Decimal, Decimal]]
    goods: str
    day: date
    language: str = ""
    discount_rate: Decimal = ZERO
    other_dates: list[date] = field(default_factory=list)

    def amount(self, name: str) -> Decimal:
        """Return a fact that is a number; raises TypeError if it is none."""
        fact = self.facts[name]
        if not isinstance(fact, Decimal):
            raise TypeError(f"{name} is {fact!r}, not a number")
        return fact


def region_for(dice: Dice, document_type: str = "") -> Region:
    """Return a region, drawn by weight; a fifth of the receipts are Malaysian."""
    if document_type == "receipt" and dice.chance(0.18):
        return region("MY")
    return dice.choices(regions(), [found.weight for found in regions()])[0]


def number(dice: Dice, kind: str, when: date) -> str:
    """Return a paper's number in a random house style."""
    return numbers.paper_number(dice, _PREFIX.get(kind, ("N",)), when)


def a_day(dice: Dice) -> date:
    """Return a day between 2009 and 2027, mostly recent."""
    return date(
        dice.choice((dice.randint(2009, 2027), dice.randint(2017, 2026))), 1, 1
    ) + timedelta(days=dice.randint(0, 364))


def make_deal(dice: Dice, document_type: str, region: Region, *, goods: str = "") -> Deal:
    """Return the facts of one document of a type in a region."""
    people = People(dice, region)
    supplier = people.party(private=dice.chance(0.04))
    away = dice.chance(0.1)
    buyers = People(dice, region_for(dice)) if away else people
    customer = buyers.party(private=document_type != "purchase_order" and dice.chance(0.22))
    elsewhere = buyers.party(private=dice.chance(0.3))
    if dice.chance(0.5):
        elsewhere = replace(elsewhere, name=customer.name)
    goods = goods or dice.pick(_SHIPPED if document_type.startswith("shipment") else GOODS)
    day = a_day(dice)
    rates = [Decimal(rate) for rate in region.taxes]
    main = dice.pick(rates) if not away or dice.chance(0.5) else ZERO
    mixed = dice.chance(0.18) and len(set(rates)) > 1
    codes = dice.randint(0, 4)
    lines = [
        make_line(dice, region, goods, dice.pick(rates) if mixed else main, codes=codes)
        for _ in range(line_count(dice))
    ]
    if document_type == "credit_note":
        lines = lines[:6]
    if dice.chance(0.25):
        for line in lines:
            line.quantity = Decimal(int(line.quantity) or 1)
            line.discount_rate = line.discount = ZERO
            line.shipped = line.quantity
            line.amount_net = cents(line.quantity * line.unit_price)
            line.amount_gross = line.amount_net + cents(line.amount_net * line.tax_rate / 100)
    for line in lines:
        line.order_number = (
            number(dice, "purchase_order", day) if line is lines[0] else lines[0].order_number
        )
        line.delivery_date = day + timedelta(days=dice.randint(2, 60))
    deal = Deal(
        document_type,
        region,
        supplier,
        customer,
        elsewhere if dice.chance(0.45) else None,
        people.party() if dice.chance(0.3) else None,
        {},
        lines,
        [],
        goods,
        day,
        region.language,
    )
    _totals(dice, deal)
    _dates_and_numbers(dice, deal)
    if document_type == "credit_note" and dice.chance(0.35):
        _negate(deal)
    return deal


def _negate(deal: Deal) -> None:
    """Make all amounts of a credit note negative, as some houses print them."""
    for line in deal.lines:
        line.quantity, line.shipped, line.discount = -line.quantity, -line.shipped, -line.discount
        line.amount_net, line.amount_gross = -line.amount_net, -line.amount_gross
    deal.taxes = [(rate, -base, -tax) for rate, base, tax in deal.taxes]
    for name, fact in deal.facts.items():
        if isinstance(fact, Decimal) and name not in {"package_count", "gross_weight"}:
            deal.facts[name] = -fact


def _totals(dice: Dice, deal: Deal) -> None:
    facts = deal.facts
    goods_total = sum((line.amount_net for line in deal.lines), ZERO)
    discount = shipping = ZERO
    if dice.chance(0.18):
        deal.discount_rate = Decimal(dice.pick((2, 3, 5, 10, 15)))
        discount = cents(goods_total * deal.discount_rate / 100)
    if dice.chance(0.25):
        shipping = dice.pick(
            (Decimal("4.90"), Decimal("7.50"), Decimal("15.00"), price(dice, "office"))
        )
    bases: dict[Decimal, Decimal] = {}
    for line in deal.lines:
        bases[line.tax_rate] = bases.get(line.tax_rate, ZERO) + line.amount_net
    first = deal.lines[0].tax_rate
    bases[first] += shipping - discount
    deal.taxes = [(rate, base, cents(base * rate / 100)) for rate, base in sorted(bases.items())]
    net = goods_total - discount + shipping
    tax = sum((tax for _, _, tax in deal.taxes), ZERO)
    facts["goods_total"] = goods_total
    facts["total_net"], facts["total_tax"], facts["total_gross"] = net, tax, net + tax
    if discount:
        facts["discount"] = discount
    if shipping:
        facts["shipping_amount"] = shipping
    paid = ZERO
    if dice.chance(0.18):
        paid = net + tax if dice.chance(0.3) else cents((net + tax) * dice.randint(5, 90) / 100)
        facts["amount_paid"] = paid
    if paid or dice.chance(0.3):
        facts["amount_due"] = net + tax - paid
    facts["currency"] = deal.region.currency


def _dates_and_numbers(dice: Dice, deal: Deal) -> None:
    facts, day = deal.facts, deal.day
    kind = deal.document_type
    days = dice.pick((0, 7, 8, 10, 14, 14, 15, 20, 21, 30, 30, 30, 45, 60, 90))
    terms = dice.pick(variants(deal.language, "pt"))
    facts["document_number"] = number(dice, kind, day)
    facts["issue_date"] = day
    counts = "{n}" in terms
    filled = {"{n}": str(days or 10), "{k}": dice.pick(("5", "7", "8", "10", "14"))}
    point = "." if deal.language == "en" else ","
    rate = dice.pick(("1", "1.5", "2", "2", "2.0", "2.5", "3", "3", "4")).replace(".", point)
    filled["{r}"] = f"{rate}{dice.pick(('', ' '))}%"
    for name, text in filled.items():
        terms = terms.replace(name, text)
    facts["payment_terms"] = terms
    counted = counts or "{due}" in terms
    facts["due_date"] = day + timedelta(days=(days or 10) if counted else days)
    before = timedelta(days=dice.randint(0, 20))
    deliver = day - before if kind in {"invoice", "credit_note", "receipt"} else day + before
    facts["delivery_date"] = deliver
    start = (day.replace(day=1) - timedelta(days=dice.pick((1, 1, 32, 90)))).replace(day=1)
    begin = start if dice.chance(0.7) else start + timedelta(days=dice.randint(1, 20))
    end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if dice.chance(0.5):
        end = start + timedelta(days=dice.pick((6, 27, 30, 89, 364)))
    facts["service_start"], facts["service_end"] = min(begin, end), end
    facts["order_number"] = deal.lines[0].order_number
    facts["sales_order_number"] = number(dice, "sales_order", day)
    facts["delivery_note_number"] = number(dice, "shipment_notice", day)
    facts["contract_number"] = number(dice, "contract", day)
    facts["customer_number"] = dice.pick(
        (dice.digits(dice.randint(4, 8)), number(dice, "customer", day))
    )
    ship = day + timedelta(days=dice.randint(0, 3))
    facts["ship_date"] = ship
    facts["expected_delivery_date"] = ship + timedelta(days=dice.randint(1, 30))
    carrier = numbers.carrier(dice, deal.region.code)
    facts["carrier"] = carrier
    facts["tracking_number"] = (
        ids.sscc(dice) if dice.chance(0.1) else numbers.tracking(dice, carrier)
    )
    facts["bill_of_lading_number"] = dice.shape(
        dice.pick(("BOL8999999", "89999999", "AAAA899999999", "8999-9999", "BL-899999", "899999"))
    )
    facts["package_count"] = Decimal(dice.randint(1, 60))
    facts["gross_weight"] = Decimal(dice.randint(5, 90000)) / dice.pick((1, 10, 100, 10))
    for prefix, party in (
        ("supplier", deal.supplier),
        ("customer", deal.customer),
        ("ship_to", deal.ship_to),
        ("ship_from", deal.ship_from),
    ):
        if party is not None:
            facts[f"{prefix}_name"] = party.name
            facts[f"{prefix}_address"] = party.address
    for name in ("tax_id", "email", "phone", "iban", "bic", "registration"):
        value = getattr(deal.supplier, name)
        if value:
            facts[f"supplier_{name}{'_id' if name == 'registration' else ''}"] = value
    facts["customer_tax_id"] = deal.customer.tax_id
    deal.other_dates = [day + timedelta(days=dice.randint(-60, 60)) for _ in range(3)]

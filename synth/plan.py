"""Plans: which captions and values a commercial paper's head shows, and how."""

from __future__ import annotations

from dataclasses import dataclass

from synth.blocks import Entry, PartyBox
from synth.deal import number
from synth.ink import Run, plain
from synth.paper import Paper
from synth.wording import variants

_META = {
    "invoice": (
        "document_number",
        "issue_date",
        "due_date",
        "customer_number",
        "order_number",
        "delivery_date",
        "delivery_note_number",
        "sales_order_number",
        "contract_number",
        "payment_terms",
        "currency",
        "service",
        "customer_tax_id",
        "supplier_tax_id",
    ),
    "credit_note": (
        "document_number",
        "issue_date",
        "customer_number",
        "order_number",
        "delivery_date",
        "sales_order_number",
        "contract_number",
        "currency",
        "customer_tax_id",
        "due_date",
        "payment_terms",
    ),
    "purchase_order": (
        "document_number",
        "issue_date",
        "expected_delivery_date",
        "customer_number",
        "contract_number",
        "payment_terms",
        "currency",
        "sales_order_number",
    ),
    "shipment_notice": (
        "document_number",
        "issue_date",
        "ship_date",
        "order_number",
        "sales_order_number",
        "customer_number",
        "carrier",
        "tracking_number",
        "expected_delivery_date",
        "delivery_date",
        "package_count",
        "gross_weight",
        "bill_of_lading_number",
        "delivery_note_number",
        "contract_number",
    ),
}


_CHANCE = {
    "document_number": 0.99,
    "issue_date": 0.97,
    "due_date": 0.55,
    "customer_number": 0.5,
    "order_number": 0.5,
    "delivery_date": 0.3,
    "delivery_note_number": 0.14,
    "sales_order_number": 0.2,
    "contract_number": 0.1,
    "payment_terms": 0.4,
    "currency": 0.15,
    "service": 0.2,
    "customer_tax_id": 0.15,
    "supplier_tax_id": 0.1,
    "expected_delivery_date": 0.6,
    "ship_date": 0.5,
    "carrier": 0.5,
    "tracking_number": 0.4,
    "package_count": 0.45,
    "gross_weight": 0.45,
    "bill_of_lading_number": 0.15,
}


_DATED = {"order_number", "delivery_note_number", "sales_order_number", "contract_number"}


@dataclass(slots=True)
class Plan:
    """What the header shows and how."""

    meta: list[Entry]
    meta_how: str
    party: PartyBox
    bill: str
    ship: str
    mine: str
    title: list[Run]
    supplier_in_head: bool


def make_plan(paper: Paper, other: str) -> Plan:
    """Return what the header of this paper shows."""
    dice, deal = paper.dice, paper.deal
    kind = deal.document_type
    if other:
        paper.rename("document_number", f"document_number@{other}")
    names = [n for n in _META.get(kind, _META["invoice"]) if dice.chance(_CHANCE[n])]
    if dice.chance(0.35):
        dice.shuffle(names)
    meta: list[Entry] = []
    for name in names:
        meta += meta_entry(paper, name)
    for _ in range(dice.choices((0, 1, 2, 3, 4), (30, 30, 20, 12, 8))[0]):
        meta.insert(dice.randint(0, len(meta)), distractor(paper))
    buyer_is_issuer = kind == "purchase_order"
    words = ("vendor", "buyer") if buyer_is_issuer else ("from", "bill_to")
    title_key = (
        f"title.{other}"
        if other
        else "title.bill_of_lading"
        if kind == "shipment_notice" and dice.chance(0.12)
        else f"title.{kind}"
    )
    title = [Run(paper.case(paper.any(title_key)))]
    if dice.chance(0.14) and "document_number" in names:
        joint = (
            dice.pick((" ", " No. ", " # ", ": ", " Nr. "))
            if deal.language in {"en", "de"}
            else " "
        )
        title += [Run(joint), *paper.field("document_number")]
        if dice.chance(0.6):
            caption = paper.caption("document_number")
            meta = [entry for entry in meta if entry[0] != caption]
        if dice.chance(0.25):
            title += [
                Run({"de": " vom ", "fr": " du ", "en": " dated "}.get(deal.language, " - ")),
                *paper.field("issue_date"),
            ]
    return Plan(
        meta=meta,
        meta_how=dice.choices(
            ("tab", "right", "inline", "stack", "ends", "ruled", "grid", "table"),
            (24, 8, 18, 8, 6, 10, 18, 8),
        )[0],
        party=PartyBox.draw_style(paper),
        bill=paper.any(words[1]),
        ship=paper.any("ship_to"),
        mine=paper.any(words[0]),
        title=title,
        supplier_in_head=dice.chance(0.92),
    )


def meta_entry(paper: Paper, name: str) -> list[Entry]:
    """Return a meta field as entries; a service period may be one entry or two."""
    dice = paper.dice
    if name == "service":
        if dice.chance(0.6):
            joint = (
                dice.pick((" - ", " – ", " to ", " / "))
                if paper.deal.language == "en"
                else dice.pick((" - ", " – ", " bis "))
                if paper.deal.language == "de"
                else dice.pick((" - ", " – "))
            )
            return [(paper.caption("service_period"), paper.span(joint))]
        return [(paper.caption(n), paper.field(n)) for n in ("service_start", "service_end")]
    if not paper.has(name):
        return []
    runs = paper.field(name)
    if name == "gross_weight":
        runs = [*runs, Run(dice.pick((" kg", " KG", " kg", " lbs", "")))]
    if name in _DATED and dice.chance(0.14):
        text = paper.any("dated").replace("{date}", paper.day(dice.pick(paper.deal.other_dates)))
        runs = [*runs, Run(f" {text}")]
    if name == "package_count":
        runs = [*runs, Run(dice.pick(("", "", " ctn", " plt", " Colli")))]
    return [(paper.caption(name), runs)]


def distractor(paper: Paper) -> Entry:
    """Return a caption and value that belong to no field."""
    for _ in range(6):
        entry = _distractor(paper)
        if not paper.spoken(entry[0]):
            break
    return entry


def _distractor(paper: Paper) -> Entry:
    dice, deal = paper.dice, paper.deal
    match dice.randint(0, 3):
        case 0:
            return paper.case(paper.any("x.number")), plain(number(dice, "x", deal.day))
        case 1:
            return paper.case(paper.any("x.person")), plain(
                dice.pick((deal.supplier.contact, deal.customer.contact))
            )
        case 2:
            return paper.case(paper.any("x.date")), plain(paper.day(dice.pick(deal.other_dates)))
        case _:
            return paper.case(paper.any("x.text")), plain(
                dice.pick(variants(deal.language, "x.words"))
            )

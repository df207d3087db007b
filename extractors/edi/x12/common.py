"""What X12 transaction sets have in common: parties, dates, items, charges.

Segments and qualifiers are those of ASC X12 004010; elements are counted from 1 (N1-02).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from extractors.charges import Charge
from extractors.edi import values
from extractors.edi.body import each, first, groups
from extractors.edi.syntax import Segment

SELLER = ("SE", "SU", "VN", "SF", "SH")
BUYER = ("BT", "BY", "SO", "OB")
SHIP_FROM = ("SF", "SH")
SHIP_TO = ("ST", "CN", "UC")

_NUMBERED = {"UL": "GLN", "1": "DUNS", "9": "DUNS", "2": "SCAC"}
_CODES = ("VN", "VP", "VA", "SK", "MG", "BP", "IN", "CB", "UP", "EN", "UK", "UI", "UA", "PI", "ST")
"""Qualifiers of item codes: the seller's, the buyer's, GTINs, others (element 235)."""


@dataclass(frozen=True, slots=True)
class Party:
    """A loop of N1: its role, name, address and how to reach it."""

    role: str
    name: str
    address: str
    reach: Mapping[str, str] = field(default_factory=dict)


def parties(segments: Sequence[Segment]) -> list[Party]:
    """Return the parties in their order; one that is only numbered is named by its number."""
    ends = ("PO1", "IT1", "HL", "LX", "CTT", "ITD", "DTM", "TDS", "AT7", "PID", "LIN")
    return [_party(loop) for loop in groups(segments, "N1", *ends)]


def _party(loop: Sequence[Segment]) -> Party:
    head = loop[0]
    kind, number = _NUMBERED.get(head.get(3), ""), head.get(4)
    place = next(each(loop, "N4"), None)
    town = ""
    if place:
        region = " ".join(part for part in (place.get(2), place.get(3)) if part)
        town = values.joined(place.get(1), region)
    streets = [text for line in each(loop, "N3") for at in (1, 2) if (text := line.get(at))]
    reach = {
        line.get(at): line.get(at + 1)
        for line in each(loop, "PER")
        for at in (7, 5, 3)
        if line.get(at + 1)
    }
    name = head.get(2) or (f"{kind} {number}" if kind and number else "")
    return Party(head.get(1), name, values.joined(*streets, town), reach)


def roles(segments: Sequence[Segment]) -> dict[str, str]:
    """Return the values of supplier, customer and where the goods go."""
    found = parties(segments)
    seller, buyer = _of(found, SELLER), _of(found, BUYER)
    to, origin = _of(found, SHIP_TO), _of(found, SHIP_FROM)
    return {
        "supplier_name": seller.name,
        "supplier_address": seller.address,
        "supplier_email": seller.reach.get("EM", ""),
        "supplier_phone": seller.reach.get("TE", ""),
        "customer_name": buyer.name,
        "customer_address": buyer.address,
        "ship_to_name": to.name,
        "ship_to_address": to.address,
        "ship_from_name": origin.name,
        "ship_from_address": origin.address,
    }


def _of(found: Iterable[Party], wanted: Sequence[str]) -> Party:
    """Return the first party with a name in the first of the roles that has one."""
    named = [party for party in found if party.role in wanted and party.name]
    return min(named, key=lambda party: wanted.index(party.role), default=Party("", "", ""))


def date_of(segments: Iterable[Segment], *qualifiers: str) -> str:
    """Return the date of the first DTM with one of the qualifiers."""
    return values.day(first(segments, "DTM", *qualifiers, element=2))


def reference(segments: Iterable[Segment], *qualifiers: str) -> str:
    """Return the first reference (REF) with one of the qualifiers."""
    return first(segments, "REF", *qualifiers, element=2)


def item_code(segment: Segment, start: int) -> str:
    """Return the best item code of the pairs of qualifier and code from this element on."""
    pairs = dict(_pairs(segment, start))
    known = [pairs[qualifier] for qualifier in _CODES if pairs.get(qualifier)]
    return next(iter(known or [code for code in pairs.values() if code]), "")


def _pairs(segment: Segment, start: int) -> Iterator[tuple[str, str]]:
    for at in range(start, len(segment.elements), 2):
        yield segment.get(at), segment.get(at + 1)


def priced_item(line: Sequence[Segment]) -> dict[str, str]:
    """Return the cells of a loop that starts with PO1 or IT1, which are alike."""
    head = line[0]
    basis = {"HP": "100", "TP": "1000", "PN": "10"}.get(head.get(5), "1")
    tax = next(each(line, "TXI"), None)
    return {
        "position": head.get(1),
        "code": item_code(head, 6),
        "description": first(line, "PID", element=5),
        "quantity": values.quantity(head.get(2)),
        "unit": head.get(3),
        "unit_price": values.per_unit(head.get(4), basis),
        "tax_rate": values.quantity(tax.get(3)) if tax else "",
    }


def terms(segments: Iterable[Segment]) -> str:
    """Return the terms of sale (ITD) in words."""
    told = []
    for term in each(segments, "ITD"):
        words = term.get(12)
        if not words:
            percent, days, net = term.get(3), term.get(5), term.get(7)
            parts = [f"{percent}% {days} days" if percent.strip("-0.") and days else ""]
            parts.append(f"net {net} days" if net else "")
            words = values.joined(*parts)
        if words and words not in told:
            told.append(words)
    return "; ".join(told)


def charges_of(segments: Iterable[Segment]) -> list[Charge]:
    """Return the allowances and charges (SAC) that change the total."""
    return [
        Charge(
            adds=found.get(1) == "C",
            amount=values.cents(found.get(5)),
            reason=found.get(15),
            code=found.get(2),
        )
        for found in each(segments, "SAC", "A", "C")
    ]

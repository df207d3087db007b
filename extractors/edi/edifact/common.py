"""What EDIFACT messages have in common: parties, dates, references, items, charges.

Segments and qualifiers are those of UN/EDIFACT D.96A and later, and of EANCOM.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from extractors.charges import Charge
from extractors.edi import values
from extractors.edi.body import each, first, groups
from extractors.edi.syntax import Segment

SELLER = ("SU", "SE", "II", "MS")
BUYER = ("BY", "IV", "OB", "MR")
SHIP_TO = ("DP", "ST", "UC", "CN", "UD")
SHIP_FROM = ("SF", "CZ", "PW", "SU")

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_AFTER_PARTIES = (
    *("CUX", "PAT", "TDT", "TOD", "PAC", "LIN", "CPS", "CNI", "ALC", "UNS", "TAX", "STS", "EQD"),
    *("GID", "AJT", "PCD", "MEA"),
)


@dataclass(frozen=True, slots=True)
class Party:
    """A group of NAD: its role, name, address, references (RFF), and how to reach it."""

    role: str = ""
    name: str = ""
    address: str = ""
    reach: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    iban: str = ""
    bic: str = ""


def parties(segments: Sequence[Segment]) -> list[Party]:
    """Return the parties in their order; one that is only numbered is named by its number."""
    return [_party(group) for group in groups(segments, "NAD", *_AFTER_PARTIES)]


def _party(group: Sequence[Segment]) -> Party:
    head = group[0]
    names, lines = head.parts(4), head.parts(3)
    if not names and lines:  # the older form: name and address as lines of text
        names, lines = lines[:1], lines[1:]
    name = " ".join(names)
    if not name and head.get(2):
        name = f"GLN {head.get(2)}" if head.get(2, 3) in ("9", "") and _is_gln(head.get(2)) else ""
    town = " ".join(part for part in (head.get(8), head.get(6)) if part)
    reach = {com.get(1, 2): com.get(1) for com in each(group, "COM")}
    numbers = {rff.get(1): rff.get(1, 2) for rff in each(group, "RFF")}
    account = next(each(group, "FII"), None)
    iban = account.get(2).replace(" ", "").upper() if account else ""
    bic = account.get(3).upper() if account else ""
    return Party(
        role=head.get(1),
        name=name,
        address=values.joined(*lines, *head.parts(5), town),
        reach=reach,
        numbers=numbers,
        iban=iban if _IBAN.fullmatch(iban) else "",
        bic=bic if _BIC.fullmatch(bic) else "",
    )


def _is_gln(text: str) -> bool:
    return len(text) == 13 and text.isascii() and text.isdigit()


def roles(segments: Sequence[Segment]) -> dict[str, str]:
    """Return the values of supplier, customer and where the goods go."""
    found = parties(segments)
    seller, buyer = _of(found, SELLER), _of(found, BUYER)
    to, origin, carrier = _of(found, SHIP_TO), _of(found, SHIP_FROM), _of(found, ("CA", "FW"))
    return {
        "supplier_name": seller.name,
        "supplier_address": seller.address,
        "supplier_tax_id": seller.numbers.get("VA", "") or seller.numbers.get("FC", ""),
        "supplier_registration_id": seller.numbers.get("XA", ""),
        "supplier_email": seller.reach.get("EM", ""),
        "supplier_phone": seller.reach.get("TE", ""),
        "supplier_iban": seller.iban,
        "supplier_bic": seller.bic,
        "customer_name": buyer.name,
        "customer_address": buyer.address,
        "customer_tax_id": buyer.numbers.get("VA", ""),
        "customer_number": buyer.numbers.get("IT", ""),
        "ship_to_name": to.name,
        "ship_to_address": to.address,
        "ship_from_name": origin.name,
        "ship_from_address": origin.address,
        "carrier": carrier.name,
    }


def _of(found: Iterable[Party], wanted: Sequence[str]) -> Party:
    """Return the party with the first of the roles, one with a name before one without."""
    there = [party for party in found if party.role in wanted]
    return min(there, key=lambda p: (not p.name, wanted.index(p.role)), default=Party())


def number_of(body: Iterable[Segment]) -> str:
    """Return the message's own number (BGM), in the place of old and new directories."""
    return first(body, "BGM", element=2)


def date_of(segments: Iterable[Segment], *qualifiers: str) -> str:
    """Return the date of the first DTM with one of the qualifiers; of a period, its end."""
    return time_of(segments, *qualifiers)[:10]


def time_of(segments: Iterable[Segment], *qualifiers: str) -> str:
    """Return date and time of the first DTM with one of the qualifiers (formats of 2379)."""
    segments = list(segments)
    for qualifier in qualifiers:
        for found in each(segments, "DTM", qualifier):
            if when := _moment(found.get(1, 2), found.get(1, 3)):
                return when
    return ""


def _moment(text: str, form: str) -> str:
    digits = re.sub(r"\D", "", text)
    if form in ("718", "719", "713") and len(digits) % 2 == 0:  # from and to
        digits = digits[len(digits) // 2 :]
        form = {"718": "102", "719": "203", "713": "201"}[form]
    if form in ("101", "201", "202"):
        digits = f"20{digits}"
    if len(digits) in (12, 14):
        return values.moment(digits[:8], digits[8:])
    return values.day(digits) if len(digits) == 8 else ""


def reference(segments: Iterable[Segment], *qualifiers: str) -> str:
    """Return the first reference (RFF) with one of the qualifiers."""
    return first(segments, "RFF", *qualifiers, component=2)


def money(segments: Iterable[Segment], *qualifiers: str) -> str:
    """Return the first amount (MOA) with one of the qualifiers."""
    return values.amount(first(segments, "MOA", *qualifiers, component=2))


def item(group: Sequence[Segment]) -> dict[str, str]:
    """Return position, code and description of a group that starts with LIN."""
    head = group[0]
    codes = {
        found.get(at, 2): found.get(at)
        for found in each(group, "PIA")
        for at in range(len(found.elements), 1, -1)
    }
    described = sorted(each(group, "IMD"), key=lambda found: found.get(1) != "F")  # F: free text
    texts = (" ".join(p for p in (f.get(3, 4), f.get(3, 5)) if p) for f in described)
    return {
        "position": head.get(1),
        "code": codes.get("SA", "") or head.get(3) or codes.get("IN", "") or codes.get("BP", ""),
        "description": next((text for text in texts if text), ""),
    }


def counted(group: Sequence[Segment], *qualifiers: str) -> tuple[str, str]:
    """Return quantity and unit of the first QTY with one of the qualifiers."""
    for qualifier in qualifiers:
        for found in each(group, "QTY", qualifier):
            return values.quantity(found.get(1, 2)), found.get(1, 3)
    return "", ""


def price_of(group: Sequence[Segment]) -> str:
    """Return the net price of one unit (PRI+AAA), or else the price that is there."""
    for qualifier in ("AAA", "CAL", "INV", "CON", "AAB"):
        for found in each(group, "PRI", qualifier):
            return values.per_unit(found.get(1, 2), found.get(1, 5))
    return ""


def tax_rate(group: Iterable[Segment]) -> str:
    """Return the rate of the first tax (TAX+7) in percent."""
    return values.quantity(first(group, "TAX", "7", element=5, component=4))


def charges_of(segments: Sequence[Segment], *ends: str) -> list[Charge]:
    """Return the allowances and charges (ALC, MOA+8/23/204) before one of the end tags."""
    return [
        Charge(
            adds=group[0].get(1) == "C",
            amount=money(group, "8", "23", "204"),
            reason=group[0].get(5, 4) or group[0].get(2, 2),
            code=group[0].get(5),
            tax_rate=tax_rate(group),
        )
        for group in groups(segments, "ALC", "LIN", "UNS", "TDT", "TOD", "CPS", *ends)
        if group[0].get(1) in ("A", "C")
    ]


def currency_of(body: Iterable[Segment]) -> str:
    """Return the currency of reference (CUX+2)."""
    return first(body, "CUX", "2", component=2).upper()

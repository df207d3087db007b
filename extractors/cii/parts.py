"""What headers and lines of cross industry documents have in common."""

from __future__ import annotations

from extractors.charges import Charge
from extractors.forms import day
from extractors.tree import Node


def charges_of(settlement: Node) -> list[Charge]:
    """Return the allowances and charges of a document or a line (BG-20, BG-21, BG-27, BG-28)."""
    return [
        Charge(
            adds=found.get("ChargeIndicator/Indicator", "ChargeIndicator").lower() in ("true", "1"),
            amount=found.get("ActualAmount"),  # BT-92, BT-99
            reason=found.get("Reason"),  # BT-97, BT-104
            code=found.get("ReasonCode"),  # BT-98, BT-105
            tax_rate=found.get("CategoryTradeTax/RateApplicablePercent"),  # BT-96, BT-103
        )
        for found in settlement.each("SpecifiedTradeAllowanceCharge")
    ]


def date_at(node: Node, *paths: str) -> str:
    """Return the date at the first of the paths, whose format is 102 or ISO 8601."""
    return day(
        node.get(*(p + tail for p in paths for tail in ("/DateTimeString", "/DateTime", "")))
    )


def tax_id_of(party: Node) -> str:
    """Return the VAT number (scheme VA) or else the tax number (scheme FC) of a party."""
    numbers = [n for n in party.each("SpecifiedTaxRegistration/ID") if n.text]
    numbers.sort(key=lambda number: number.attributes.get("schemeID", "") != "VA")
    return numbers[0].text if numbers else ""


def address_of(party: Node) -> str:
    """Return street and town of a party, without the country (BT-35 to BT-38)."""
    place = next(party.each("PostalTradeAddress"), None)
    if place is None:
        return ""
    town = " ".join(part for part in (place.get("PostcodeCode"), place.get("CityName")) if part)
    lines = [place.get("LineOne"), place.get("LineTwo"), place.get("LineThree"), town]
    return ", ".join(line for line in lines if line)

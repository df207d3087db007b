"""The lines of cross industry documents."""

from __future__ import annotations

from extractors.charges import discount_of
from extractors.cii.parts import charges_of, date_at
from extractors.forms import amount, kept_cells, price_per_unit, quantity
from extractors.tree import Node


def trade_lines(trade: Node) -> tuple[dict[str, str], ...]:
    """Return the cells of each line that has more than a number and a unit."""
    return tuple(
        cells
        for line in trade.each("IncludedSupplyChainTradeLineItem")
        if (cells := kept_cells(_line(line))).keys() - {"position", "unit"}
    )


def _line(line: Node) -> dict[str, str]:
    """Return the cells of one line."""
    product = "SpecifiedTradeProduct/"
    agreement, delivery = "SpecifiedLineTradeAgreement/", "SpecifiedLineTradeDelivery/"
    settlement = "SpecifiedLineTradeSettlement/"
    billed = line.first(delivery + "BilledQuantity", delivery + "RequestedQuantity")
    return {
        "position": line.get("AssociatedDocumentLineDocument/LineID"),
        "code": line.get(
            product + "SellerAssignedID", product + "BuyerAssignedID", product + "GlobalID"
        ),
        "description": line.get(product + "Name", product + "Description"),
        "quantity": quantity(billed.text) if billed else "",
        "unit": billed.attributes.get("unitCode", "") if billed else "",
        "unit_price": price_per_unit(
            line.get(agreement + "NetPriceProductTradePrice/ChargeAmount"),  # BT-146
            line.get(agreement + "NetPriceProductTradePrice/BasisQuantity"),  # BT-149
        ),
        "discount": discount_of(
            charge
            for found in line.each("SpecifiedLineTradeSettlement")
            for charge in charges_of(found)
        ),
        "tax_rate": quantity(line.get(settlement + "ApplicableTradeTax/RateApplicablePercent")),
        "amount_net": amount(line.get(settlement + "Summation/LineTotalAmount")),
        "order_number": line.get(agreement + "BuyerOrderReferencedDocument/ID"),
        "delivery_date": date_at(
            line, delivery + "ActualDeliverySupplyChainEvent/OccurrenceDateTime"
        ),
    }

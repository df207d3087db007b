"""The lines of UBL documents: billed, ordered, confirmed, despatched, received."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.charges import Charge, discount_of
from extractors.forms import amount, day, kept_cells, price_per_unit, quantity
from extractors.tree import Node


def priced_lines(root: Node) -> tuple[dict[str, str], ...]:
    """Return the cells of each line of an invoice, a note or an order."""
    paths = ("InvoiceLine", "CreditNoteLine", "DebitNoteLine", "OrderLine/LineItem")
    return tuple(kept_cells(_priced(line)) for path in paths for line in root.each(path))


def shipped_lines(root: Node) -> tuple[dict[str, str], ...]:
    """Return the cells of each line of a despatch or receipt advice."""
    lines = (line for path in ("DespatchLine", "ReceiptLine") for line in root.each(path))
    return tuple(kept_cells(_shipped(line)) for line in lines)


def charges_of(node: Node) -> list[Charge]:
    """Return the allowances and charges of a document or a line (BG-20, BG-21, BG-27, BG-28)."""
    return [
        Charge(
            adds=found.get("ChargeIndicator").lower() in ("true", "1"),
            amount=found.get("Amount"),  # BT-92, BT-99
            reason=found.get("AllowanceChargeReason"),  # BT-97, BT-104
            code=found.get("AllowanceChargeReasonCode"),  # BT-98, BT-105
            tax_rate=found.get("TaxCategory/Percent"),  # BT-96, BT-103
        )
        for found in node.each("AllowanceCharge")
    ]


def _priced(line: Node) -> dict[str, str]:
    count = line.first("InvoicedQuantity", "CreditedQuantity", "DebitedQuantity", "Quantity")
    period = "Delivery/RequestedDeliveryPeriod/", "Delivery/PromisedDeliveryPeriod/"
    return {
        **_item(line),
        "quantity": quantity(count.text) if count else "",  # BT-129
        "unit": count.attributes.get("unitCode", "") if count else "",  # BT-130
        "unit_price": price_per_unit(
            line.get("Price/PriceAmount"),  # BT-146
            line.get("Price/BaseQuantity"),  # BT-149
        ),
        "discount": discount_of(charges_of(line)),
        "tax_rate": quantity(
            line.get(
                "Item/ClassifiedTaxCategory/Percent",  # BT-152
                "TaxTotal/TaxSubtotal/TaxCategory/Percent",
            )
        ),
        "amount_net": amount(line.get("LineExtensionAmount")),  # BT-131
        "order_number": line.get("OrderLineReference/OrderReference/ID"),
        "delivery_date": day(
            line.get("Delivery/ActualDeliveryDate", *_ends(period), "Delivery/LatestDeliveryDate")
        ),
    }


def _ends(periods: Iterable[str]) -> list[str]:
    return [period + end for period in periods for end in ("EndDate", "StartDate")]


def _shipped(line: Node) -> dict[str, str]:
    count = line.first("DeliveredQuantity", "ReceivedQuantity")
    return {
        **_item(line),
        "shipped_quantity": quantity(count.text) if count else "",
        "unit": count.attributes.get("unitCode", "") if count else "",
        "order_number": line.get("OrderLineReference/OrderReference/ID"),
    }


def _item(line: Node) -> dict[str, str]:
    return {
        "position": line.get("ID"),  # BT-126
        "code": line.get(
            "Item/SellersItemIdentification/ID",  # BT-155
            "Item/BuyersItemIdentification/ID",  # BT-156
            "Item/StandardItemIdentification/ID",  # BT-157
        ),
        "description": line.get("Item/Name", "Item/Description"),  # BT-153, BT-154
    }

"""The lines of a UBL document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from doctally.errors import RefusedRecord
from doctally.ubl.element import Part


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of document calls itself, its lines and their quantity."""

    root: str
    line: str
    quantity: str

    @property
    def is_order(self) -> bool:
        """Tell whether it is an order, whose elements have other names and places."""
        return self.root == "Order"


def add_lines(root: Part, kind: Kind, rows: Sequence[Mapping[str, str]], currency: str) -> None:
    """Add the rows; raises RefusedRecord (``not_exportable``) for one without any amount."""
    for place, row in enumerate(rows, 1):
        line = root.part(kind.line)
        line.add("ID", row.get("position") or str(place))
        line.add(kind.quantity, row.get("quantity"), unitCode=row.get("unit", ""))
        line.add("LineExtensionAmount", _amount(row, kind, place), currencyID=currency)
        if row.get("order_number") and not kind.is_order:
            reference = line.part("OrderLineReference")
            reference.add("LineID", "NA")
            reference.part("OrderReference").add("ID", row["order_number"])
        delivery = line.part("Delivery")
        delivery.add("ActualDeliveryDate", row.get("delivery_date"))
        delivery.end()
        if row.get("discount"):
            allowance = line.part("AllowanceCharge")
            allowance.add("ChargeIndicator", "true" if row["discount"].startswith("-") else "false")
            allowance.add("Amount", row["discount"].removeprefix("-"), currencyID=currency)
        if kind.is_order:  # here the price stands before the item, elsewhere after it
            _add_price(line, row, currency)
        _add_item(line, row)
        if not kind.is_order:
            _add_price(line, row, currency)


def _add_item(line: Part, row: Mapping[str, str]) -> None:
    item = line.part("Item")
    item.add("Name", row.get("description") or row.get("code") or "-")
    code = item.part("SellersItemIdentification")
    code.add("ID", row.get("code"))
    code.end()
    if row.get("tax_rate"):
        category = item.part("ClassifiedTaxCategory")
        category.add("Percent", row["tax_rate"])
        category.part("TaxScheme").add("ID", "VAT")


def _add_price(line: Part, row: Mapping[str, str], currency: str) -> None:
    price = line.part("Price")
    price.add("PriceAmount", row.get("unit_price"), currencyID=currency)
    price.end()


def _amount(row: Mapping[str, str], kind: Kind, place: int) -> str | None:
    """Return the line's net amount: as told, or of quantity, price and discount."""
    if row.get("amount_net"):
        return row["amount_net"]
    if row.get("amount_gross") and row.get("tax_rate"):
        return _money(Decimal(row["amount_gross"]) / (1 + Decimal(row["tax_rate"]) / 100))
    if row.get("quantity") and row.get("unit_price"):
        whole = Decimal(row["quantity"]) * Decimal(row["unit_price"])
        return _money(whole - Decimal(row.get("discount") or 0))
    if kind.is_order:
        return None
    raise RefusedRecord(f"Line {place} has no amount, which UBL requires.", code="not_exportable")


def _money(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01')):f}"

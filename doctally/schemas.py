"""The document types and their fields: the single source of names, kinds and descriptions.

Labels of the model, SQL columns, JSON export and findings derive from these Pydantic models.
A field's *kind* says how its text becomes a value in normal form (``doctally.values``); its
description is also the text from which the model starts the field's label vector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field


class DocumentType(StrEnum):
    """The types a document can be routed to."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    PURCHASE_ORDER = "purchase_order"
    SHIPMENT_NOTICE = "shipment_notice"
    SHIPMENT_STATUS = "shipment_status"
    OTHER = "other"


class ShipmentState(StrEnum):
    """The nine canonical states of a shipment."""

    PENDING = "pending"
    INFO_RECEIVED = "info_received"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    EXPIRED = "expired"


class Kind(StrEnum):
    """How a field's printed text is read."""

    TEXT = "text"
    NAME = "name"
    ADDRESS = "address"
    IDENTIFIER = "identifier"
    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    PERCENT = "percent"
    CURRENCY = "currency"
    TAX_ID = "tax_id"
    IBAN = "iban"
    BIC = "bic"
    EMAIL = "email"
    PHONE = "phone"
    STATUS = "status"


Text = Annotated[str, Kind.TEXT]
Name = Annotated[str, Kind.NAME]
Address = Annotated[str, Kind.ADDRESS]
Identifier = Annotated[str, Kind.IDENTIFIER]
Day = Annotated[date, Kind.DATE]
Moment = Annotated[datetime, Kind.TIME]
Amount = Annotated[Decimal, Kind.AMOUNT]
Quantity = Annotated[Decimal, Kind.QUANTITY]
Percent = Annotated[Decimal, Kind.PERCENT]
Currency = Annotated[str, Kind.CURRENCY]
TaxId = Annotated[str, Kind.TAX_ID]
Iban = Annotated[str, Kind.IBAN]
Bic = Annotated[str, Kind.BIC]
Email = Annotated[str, Kind.EMAIL]
Phone = Annotated[str, Kind.PHONE]
Status = Annotated[ShipmentState, Kind.STATUS]


class _Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class LineItem(_Schema):
    """One row of a document's table."""

    position: Identifier | None = Field(None, description="line number, position")
    code: Identifier | None = Field(None, description="item code, article number, SKU, GTIN")
    description: Text | None = Field(None, description="description of the goods or service")
    quantity: Quantity | None = Field(None, description="quantity ordered or billed")
    unit: Text | None = Field(None, description="unit of measure")
    unit_price: Amount | None = Field(None, description="price per unit")
    discount: Amount | None = Field(None, description="discount on the line")
    tax_rate: Percent | None = Field(None, description="tax rate of the line in percent")
    amount_net: Amount | None = Field(None, description="line amount without tax")
    amount_gross: Amount | None = Field(None, description="line amount with tax")
    order_number: Identifier | None = Field(None, description="order number of the line")
    delivery_date: Day | None = Field(None, description="delivery date of the line")
    shipped_quantity: Quantity | None = Field(None, description="quantity shipped")


class _Document(_Schema):
    document_number: Identifier | None = Field(None, description="number of the document")
    issue_date: Day | None = Field(None, description="date of the document")
    order_number: Identifier | None = Field(None, description="buyer's purchase order number")
    supplier_name: Name | None = Field(None, description="supplier, seller, vendor, from")
    supplier_address: Address | None = Field(None, description="address of the supplier")
    supplier_tax_id: TaxId | None = Field(None, description="supplier's VAT or tax number")
    supplier_email: Email | None = Field(None, description="supplier's e-mail address")
    supplier_phone: Phone | None = Field(None, description="supplier's telephone number")
    customer_name: Name | None = Field(None, description="customer, buyer, bill to, client")
    customer_address: Address | None = Field(None, description="address of the customer")
    customer_number: Identifier | None = Field(None, description="customer account number")
    contract_number: Identifier | None = Field(None, description="contract number")


class _Priced(_Document):
    currency: Currency | None = Field(None, description="currency of the amounts")
    total_net: Amount | None = Field(None, description="subtotal, total without tax")
    total_tax: Amount | None = Field(None, description="total tax, VAT, GST, sales tax")
    total_gross: Amount | None = Field(None, description="grand total, gross total, with tax")
    discount: Amount | None = Field(None, description="discount on the whole document")
    shipping_amount: Amount | None = Field(None, description="shipping, freight, delivery cost")
    payment_terms: Text | None = Field(None, description="terms of payment")
    delivery_date: Day | None = Field(None, description="date of delivery or supply")
    service_start: Day | None = Field(None, description="first day of the service period")
    service_end: Day | None = Field(None, description="last day of the service period")
    customer_tax_id: TaxId | None = Field(None, description="customer's VAT or tax number")
    ship_to_name: Name | None = Field(None, description="ship to, deliver to, recipient")
    ship_to_address: Address | None = Field(None, description="delivery address, ship to")
    sales_order_number: Identifier | None = Field(None, description="supplier's sales order number")
    supplier_registration_id: Identifier | None = Field(
        None, description="supplier's company registration number"
    )
    line_items: tuple[LineItem, ...] = ()


class Invoice(_Priced):
    """A request for payment."""

    due_date: Day | None = Field(None, description="date by which payment is due")
    delivery_note_number: Identifier | None = Field(None, description="delivery note number")
    supplier_iban: Iban | None = Field(None, description="supplier's bank account, IBAN")
    supplier_bic: Bic | None = Field(None, description="supplier's bank code, BIC, SWIFT")
    amount_due: Amount | None = Field(None, description="amount still to pay, balance due")
    amount_paid: Amount | None = Field(None, description="amount already paid, deposit, prepaid")


class CreditNote(Invoice):
    """A correction in the customer's favour; amounts are as printed."""


class Receipt(_Priced):
    """Proof of a payment made at a till."""

    amount_paid: Amount | None = Field(None, description="cash or card amount handed over")


class PurchaseOrder(_Priced):
    """A buyer's order; ``document_number`` holds the order's own number."""

    expected_delivery_date: Day | None = Field(None, description="requested delivery date")


class _Shipment(_Document):
    carrier: Name | None = Field(None, description="carrier, freight forwarder, shipped via")
    tracking_number: Identifier | None = Field(None, description="tracking number, SSCC, waybill")
    expected_delivery_date: Day | None = Field(None, description="expected date of arrival")
    ship_to_name: Name | None = Field(None, description="ship to, deliver to, consignee")
    ship_to_address: Address | None = Field(None, description="delivery address, consignee")


class ShipmentNotice(_Shipment):
    """Goods on their way: despatch advice, packing slip, delivery note, bill of lading."""

    sales_order_number: Identifier | None = Field(None, description="supplier's sales order number")
    delivery_note_number: Identifier | None = Field(None, description="delivery note number")
    bill_of_lading_number: Identifier | None = Field(None, description="bill of lading number")
    ship_from_name: Name | None = Field(None, description="ship from, consignor, shipper")
    ship_from_address: Address | None = Field(None, description="address of the shipper")
    ship_date: Day | None = Field(None, description="date of shipment, despatch date")
    delivery_date: Day | None = Field(None, description="date of delivery")
    package_count: Quantity | None = Field(None, description="number of packages, cartons, pallets")
    gross_weight: Quantity | None = Field(None, description="gross weight of the shipment")
    line_items: tuple[LineItem, ...] = ()


class ShipmentStatus(_Shipment):
    """A carrier's word on where a shipment is."""

    status: Status | None = Field(None, description="state of the shipment")
    status_reason: Text | None = Field(None, description="reason of an exception or delay")
    event_time: Moment | None = Field(None, description="time of the latest event")
    event_location: Text | None = Field(None, description="place of the latest event")


class OtherDocument(_Document):
    """Anything else: letters, contracts, statements, reminders."""


SCHEMAS: Mapping[DocumentType, type[_Document]] = {
    DocumentType.INVOICE: Invoice,
    DocumentType.CREDIT_NOTE: CreditNote,
    DocumentType.RECEIPT: Receipt,
    DocumentType.PURCHASE_ORDER: PurchaseOrder,
    DocumentType.SHIPMENT_NOTICE: ShipmentNotice,
    DocumentType.SHIPMENT_STATUS: ShipmentStatus,
    DocumentType.OTHER: OtherDocument,
}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field's name, kind and description, derived from its schema."""

    name: str
    kind: Kind
    description: str


def _kind_of(annotation: Any) -> Kind | None:
    if isinstance(annotation, Kind):
        return annotation
    for part in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        kind = _kind_of(part)
        if kind is not None:
            return kind
    return None


def _specs(schema: type[BaseModel]) -> tuple[FieldSpec, ...]:
    found = []
    for name, info in schema.model_fields.items():
        kind = next((m for m in info.metadata if isinstance(m, Kind)), _kind_of(info.annotation))
        if kind is not None and name != "line_items":
            found.append(FieldSpec(name, kind, info.description or name.replace("_", " ")))
    return tuple(found)


@cache
def header_fields(document_type: str) -> tuple[FieldSpec, ...]:
    """Return the header fields of a document type, in the schema's order."""
    return _specs(SCHEMAS[DocumentType(document_type)])


@cache
def item_fields() -> tuple[FieldSpec, ...]:
    """Return the columns of a line item, in the schema's order."""
    return _specs(LineItem)


def has_line_items(document_type: str) -> bool:
    """Tell whether documents of this type carry a table of lines."""
    return "line_items" in SCHEMAS[DocumentType(document_type)].model_fields


@cache
def all_header_fields() -> tuple[FieldSpec, ...]:
    """Return every header field of every type once (the columns of the read model)."""
    seen: dict[str, FieldSpec] = {}
    for document_type in DocumentType:
        for spec in header_fields(document_type):
            seen.setdefault(spec.name, spec)
    return tuple(seen.values())

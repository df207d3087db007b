"""UBL 2.0 to 2.4 (Peppol BIS, XRechnung): invoices, orders, confirmations, shipments, statuses.

Field comments name the business terms of EN 16931. NOT handled: catalogues, quotations, changes
and cancellations of orders, tenders, and other documents that no schema of ours has a place for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from doctally.pages import Record
from extractors.tree import Node
from extractors.ubl.confirmation import read_confirmation
from extractors.ubl.priced import read_priced
from extractors.ubl.shipment import read_shipment
from extractors.ubl.status import read_status

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
"""All releases of UBL 2 share it; the document's name and ``-2`` follow."""

READERS: Mapping[str, Callable[[Node], Record]] = {
    "Invoice": read_priced,
    "FreightInvoice": read_priced,
    "SelfBilledInvoice": read_priced,
    "DebitNote": read_priced,
    "CreditNote": read_priced,
    "SelfBilledCreditNote": read_priced,
    "Order": read_priced,
    "OrderResponse": read_confirmation,
    "OrderResponseSimple": read_confirmation,
    "DespatchAdvice": read_shipment,
    "ReceiptAdvice": read_shipment,
    "Waybill": read_shipment,
    "BillOfLading": read_shipment,
    "TransportationStatus": read_status,
    "TransportProgressStatus": read_status,
}
"""The reader of each document's root element."""

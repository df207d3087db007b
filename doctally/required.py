"""What each type of document needs to be booked: the one table of required values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from doctally.codes import finding
from doctally.results import Finding
from doctally.schemas import DocumentType

_SUPPLIER = ("supplier_name", "supplier_tax_id", "supplier_iban")
_TOTAL = ("total_gross", "amount_due", "total_net")

REQUIRED: Mapping[DocumentType, tuple[tuple[str, ...], ...]] = {
    DocumentType.INVOICE: (("document_number",), ("issue_date",), _SUPPLIER, _TOTAL),
    DocumentType.CREDIT_NOTE: (("document_number",), ("issue_date",), _SUPPLIER, _TOTAL),
    DocumentType.RECEIPT: (("issue_date",), ("supplier_name", "supplier_tax_id"), _TOTAL),
    DocumentType.PURCHASE_ORDER: (("document_number",), ("customer_name", "supplier_name")),
    DocumentType.SHIPMENT_NOTICE: (
        (
            "delivery_note_number",
            "document_number",
            "tracking_number",
            "bill_of_lading_number",
            "order_number",
        ),
        ("supplier_name", "ship_from_name", "carrier", "ship_to_name", "customer_name"),
    ),
    DocumentType.SHIPMENT_STATUS: (
        ("tracking_number", "document_number", "order_number"),
        ("status",),
    ),
    DocumentType.OTHER: (),
}
"""Per type the groups of fields of which at least one must have a value, best first."""


def check_required(document_type: DocumentType, present: Collection[str]) -> Iterator[Finding]:
    """Yield one finding for all that the type needs and lacks, and one for a missing total."""
    missing = [group for group in REQUIRED[document_type] if not any(n in present for n in group)]
    if _TOTAL in missing:
        missing.remove(_TOTAL)
        yield finding("total_missing", "no total, net total or amount due", *_TOTAL)
    if missing:
        names = ", ".join(" or ".join(group) for group in missing)
        yield finding("required_missing", f"not found: {names}", *(g[0] for g in missing))

"""UBL documents with amounts: invoices, credit and debit notes, orders."""

from __future__ import annotations

import re

from doctally.pages import Record
from extractors.charges import allowances_of, lines_of, shipping_of
from extractors.forms import amount, day, kept, kept_cells, nonzero
from extractors.tree import Node
from extractors.ubl.lines import charges_of, priced_lines
from extractors.ubl.parties import address_of, customer, supplier

TYPES = {
    "Invoice": "invoice",
    "FreightInvoice": "invoice",
    "SelfBilledInvoice": "invoice",
    "DebitNote": "invoice",
    "CreditNote": "credit_note",
    "SelfBilledCreditNote": "credit_note",
    "Order": "purchase_order",
}
"""The document type of each root element."""

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_CREDIT_NOTES = {"381", "384", "396"}


def read_priced(root: Node) -> Record:
    """Return the record of an invoice, a note or an order."""
    document_type = TYPES[root.name]
    if root.get("InvoiceTypeCode") in _CREDIT_NOTES:  # BT-3
        document_type = "credit_note"
    values = priced_values(root)
    charged = tuple(kept_cells(cells) for cells in lines_of(charges_of(root)))
    return Record(
        document_type=document_type,
        fields=kept(values, document_type),
        line_items=priced_lines(root) + charged,
        profile=root.get("CustomizationID", "UBLVersionID"),
    )


def priced_values(root: Node) -> dict[str, str]:
    """Return every header value of a document with amounts, empty ones too."""
    return {
        **_numbers(root),
        **_delivery(root),
        **supplier(root, "AccountingSupplierParty", "SellerSupplierParty"),
        **customer(root, "AccountingCustomerParty", "BuyerCustomerParty"),
        **_totals(root),
        **_payment(root),
    }


def _numbers(root: Node) -> dict[str, str]:
    order = root.get("OrderReference/ID")
    return {
        "document_number": root.get("ID"),  # BT-1
        "issue_date": day(root.get("IssueDate")),  # BT-2
        "due_date": day(root.get("DueDate", "PaymentMeans/PaymentDueDate")),  # BT-9
        "order_number": order if order != "NA" else "",  # BT-13; Peppol's word for unknown
        "sales_order_number": root.get("OrderReference/SalesOrderID", "SalesOrderID"),  # BT-14
        "contract_number": root.get("ContractDocumentReference/ID", "Contract/ID"),  # BT-12
        "delivery_note_number": root.get("DespatchDocumentReference/ID"),  # BT-16
        "service_start": day(root.get("InvoicePeriod/StartDate")),  # BT-73
        "service_end": day(root.get("InvoicePeriod/EndDate")),  # BT-74
    }


def _delivery(root: Node) -> dict[str, str]:
    delivery = next(root.each("Delivery"), None)
    if delivery is None:
        return {}
    requested, promised = "RequestedDeliveryPeriod/", "PromisedDeliveryPeriod/"
    return {
        "delivery_date": day(delivery.get("ActualDeliveryDate")),  # BT-72
        "expected_delivery_date": day(
            delivery.get(
                promised + "EndDate",
                promised + "StartDate",
                requested + "EndDate",
                requested + "StartDate",
                "LatestDeliveryDate",
            )
        ),
        "ship_to_name": delivery.get("DeliveryParty/PartyName/Name"),  # BT-70
        "ship_to_address": address_of(delivery, "DeliveryLocation/Address", "DeliveryAddress"),
    }


def _totals(root: Node) -> dict[str, str]:
    currency = root.get("DocumentCurrencyCode")  # BT-5
    paths = ("LegalMonetaryTotal", "AnticipatedMonetaryTotal", "RequestedMonetaryTotal")
    total = next((found for path in paths for found in root.each(path)), root)
    taxes = [tax for tax in root.each("TaxTotal/TaxAmount") if tax.text]
    taxes.sort(key=lambda tax: tax.attributes.get("currencyID", currency) != currency)
    tax = taxes[0].text if taxes else ""
    charges = charges_of(root)
    return {
        "currency": currency.upper()
        or (taxes[0].attributes.get("currencyID", "") if taxes else ""),
        "total_net": amount(total.get("TaxExclusiveAmount")),  # BT-109
        "total_tax": amount(tax),  # BT-110
        "total_gross": amount(total.get("TaxInclusiveAmount", "PayableAmount")),  # BT-112
        "amount_due": amount(total.get("PayableAmount")),  # BT-115
        "amount_paid": nonzero(total.get("PrepaidAmount")),  # BT-113
        "discount": nonzero(total.get("AllowanceTotalAmount")) or allowances_of(charges),  # BT-107
        "shipping_amount": shipping_of(charges),  # BT-99
    }


def _payment(root: Node) -> dict[str, str]:
    account = "PaymentMeans/PayeeFinancialAccount/"
    number = "".join(root.get(account + "ID").split()).upper()  # BT-84, an IBAN or not
    branch = account + "FinancialInstitutionBranch/"
    bic = root.get(
        branch + "ID", branch + "FinancialInstitution/ID"
    ).upper()  # BT-86, or a sort code
    return {
        "payment_terms": " ".join(
            n.text for n in root.each("PaymentTerms/Note") if n.text
        ),  # BT-20
        "supplier_iban": number if _IBAN.fullmatch(number) else "",
        "supplier_bic": bic if _BIC.fullmatch(bic) else "",
    }

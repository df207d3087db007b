"""UBL 2 invoices, credit notes and orders (Peppol BIS, XRechnung).

Field comments name the business terms of EN 16931. NOT handled: other UBL documents.
"""

from __future__ import annotations

from itertools import chain

from doctally.pages import Record
from extractors.forms import amount, day, kept, kept_cells, nonzero, price_per_unit, quantity
from extractors.tree import Node

ROOTS = {"Invoice": "invoice", "CreditNote": "credit_note", "Order": "purchase_order"}
NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"

_CREDIT_NOTES = {"381", "384", "396"}


def read_ubl(root: Node) -> Record:
    """Return the record of a UBL Invoice, CreditNote or Order."""
    document_type = ROOTS[root.name]
    if root.get("InvoiceTypeCode") in _CREDIT_NOTES:  # BT-3
        document_type = "credit_note"
    values = {**_header(root), **_parties(root), **_totals(root), **_payment(root)}
    lines = (*root.each("InvoiceLine"), *root.each("CreditNoteLine"))
    lines += tuple(root.each("OrderLine/LineItem"))
    return Record(
        document_type=document_type,
        fields=kept(values, document_type),
        line_items=tuple(kept_cells(_line(line)) for line in lines),
        profile=root.get("CustomizationID", "UBLVersionID"),
    )


def _header(root: Node) -> dict[str, str]:
    """Return numbers, dates and places."""
    delivery = next(root.each("Delivery"), None)
    values = {
        "document_number": root.get("ID"),  # BT-1
        "issue_date": day(root.get("IssueDate")),  # BT-2
        "due_date": day(root.get("DueDate", "PaymentMeans/PaymentDueDate")),  # BT-9
        "order_number": root.get("OrderReference/ID"),  # BT-13
        "sales_order_number": root.get("OrderReference/SalesOrderID", "SalesOrderID"),  # BT-14
        "contract_number": root.get("ContractDocumentReference/ID", "Contract/ID"),  # BT-12
        "delivery_note_number": root.get("DespatchDocumentReference/ID"),  # BT-16
        "service_start": day(root.get("InvoicePeriod/StartDate")),  # BT-73
        "service_end": day(root.get("InvoicePeriod/EndDate")),  # BT-74
    }
    if delivery:
        period = "RequestedDeliveryPeriod/"
        values |= {
            "delivery_date": day(delivery.get("ActualDeliveryDate")),  # BT-72
            "expected_delivery_date": day(
                delivery.get(period + "EndDate", period + "StartDate", "LatestDeliveryDate")
            ),
            "ship_to_name": delivery.get("DeliveryParty/PartyName/Name"),  # BT-70
            "ship_to_address": _address(delivery, "DeliveryLocation/Address", "DeliveryAddress"),
        }
    return values


def _parties(root: Node) -> dict[str, str]:
    """Return who sells and who buys."""
    values: dict[str, str] = {}
    for path in ("AccountingSupplierParty/Party", "SellerSupplierParty/Party"):
        for seller in root.each(path):
            values |= {
                "supplier_name": _name(seller),  # BT-27
                "supplier_address": _address(seller, "PostalAddress"),
                "supplier_tax_id": seller.get("PartyTaxScheme/CompanyID"),  # BT-31
                "supplier_registration_id": seller.get("PartyLegalEntity/CompanyID"),  # BT-30
                "supplier_email": seller.get("Contact/ElectronicMail"),  # BT-43
                "supplier_phone": seller.get("Contact/Telephone"),  # BT-42
            }
    for path in ("AccountingCustomerParty/Party", "BuyerCustomerParty/Party"):
        for buyer in root.each(path):
            values |= {
                "customer_name": _name(buyer),  # BT-44
                "customer_address": _address(buyer, "PostalAddress"),
                "customer_tax_id": buyer.get("PartyTaxScheme/CompanyID"),  # BT-48
                "customer_number": buyer.get("PartyIdentification/ID"),  # BT-46
            }
    return values


def _totals(root: Node) -> dict[str, str]:
    """Return currency and totals."""
    currency = root.get("DocumentCurrencyCode")  # BT-5
    total = next(
        chain(root.each("LegalMonetaryTotal"), root.each("AnticipatedMonetaryTotal")), root
    )
    taxes = [tax for tax in root.each("TaxTotal/TaxAmount") if tax.text]
    taxes.sort(key=lambda tax: tax.attributes.get("currencyID", currency) != currency)
    tax = taxes[0].text if taxes else ""
    return {
        "currency": currency.upper()
        or (taxes[0].attributes.get("currencyID", "") if taxes else ""),
        "total_net": amount(total.get("TaxExclusiveAmount")),  # BT-109
        "total_tax": amount(tax),  # BT-110
        "total_gross": amount(total.get("TaxInclusiveAmount", "PayableAmount")),  # BT-112
        "amount_due": amount(total.get("PayableAmount")),  # BT-115
        "amount_paid": nonzero(total.get("PrepaidAmount")),  # BT-113
        "discount": nonzero(total.get("AllowanceTotalAmount")),  # BT-107
    }


def _payment(root: Node) -> dict[str, str]:
    """Return bank account and terms of payment."""
    account = "PaymentMeans/PayeeFinancialAccount/"
    iban = root.get(account + "ID")  # BT-84
    branch = account + "FinancialInstitutionBranch/"
    return {
        "payment_terms": " ".join(
            n.text for n in root.each("PaymentTerms/Note") if n.text
        ),  # BT-20
        "supplier_iban": iban if iban[:2].isalpha() else "",
        "supplier_bic": root.get(branch + "ID", branch + "FinancialInstitution/ID"),  # BT-86
    }


def _line(line: Node) -> dict[str, str]:
    """Return the cells of one line."""
    count = line.first("InvoicedQuantity", "CreditedQuantity", "Quantity")
    item = "Item/"
    return {
        "position": line.get("ID"),  # BT-126
        "code": line.get(
            item + "SellersItemIdentification/ID",  # BT-155
            item + "BuyersItemIdentification/ID",  # BT-156
            item + "StandardItemIdentification/ID",  # BT-157
        ),
        "description": line.get(item + "Name", item + "Description"),  # BT-153, BT-154
        "quantity": quantity(count.text) if count else "",  # BT-129
        "unit": count.attributes.get("unitCode", "") if count else "",  # BT-130
        "unit_price": price_per_unit(
            line.get("Price/PriceAmount"),  # BT-146
            line.get("Price/BaseQuantity"),  # BT-149
        ),
        "tax_rate": quantity(
            line.get(
                item + "ClassifiedTaxCategory/Percent",  # BT-152
                "TaxTotal/TaxSubtotal/TaxCategory/Percent",
            )
        ),
        "amount_net": amount(line.get("LineExtensionAmount")),  # BT-131
        "order_number": line.get("OrderLineReference/OrderReference/ID"),
        "delivery_date": day(line.get("Delivery/ActualDeliveryDate")),
    }


def _name(party: Node) -> str:
    """Return the registered name, or else the trading name or the person's."""
    person = "Person/"
    names = (person + "FirstName", person + "FamilyName")
    return party.get("PartyLegalEntity/RegistrationName", "PartyName/Name") or " ".join(
        part for part in (party.get(name) for name in names) if part
    )


def _address(owner: Node, *paths: str) -> str:
    """Return street and town of the first address at one of the paths, without the country."""
    for path in paths:
        for place in owner.each(path):
            street = " ".join(
                part for part in (place.get("StreetName"), place.get("BuildingNumber")) if part
            )
            town = " ".join(
                part for part in (place.get("PostalZone"), place.get("CityName")) if part
            )
            lines = [street, place.get("AdditionalStreetName"), place.get("AddressLine/Line"), town]
            return ", ".join(line for line in lines if line)
    return ""

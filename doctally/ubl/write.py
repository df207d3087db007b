"""A record as a UBL 2.1 Invoice, CreditNote or Order, in the order that its XSD asks for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from doctally.errors import RefusedRecord
from doctally.results import Extraction
from doctally.ubl.element import Part
from doctally.ubl.lines import Kind, add_lines

_KINDS: Mapping[str, Kind] = {
    "invoice": Kind("Invoice", "InvoiceLine", "InvoicedQuantity"),
    "credit_note": Kind("CreditNote", "CreditNoteLine", "CreditedQuantity"),
    "purchase_order": Kind("Order", "OrderLine/LineItem", "Quantity"),
}

_TRANSFER = "30"
"""UNTDID 4461: credit transfer."""


def as_ubl(extraction: Extraction) -> bytes:
    """Return the document as UBL 2.1; one without lines gets a line of its net total.

    Raises RefusedRecord (``not_exportable``) for other types, and when number, date or, with
    amounts, the currency is missing, without which there is no valid UBL.
    """
    kind = _KINDS.get(extraction.document_type)
    if kind is None:
        raise _refused(
            f"A {extraction.document_type} has no form in UBL; {', '.join(_KINDS)} have."
        )
    values = {name: cell.value for name, cell in extraction.fields.items()}
    rows = [{name: cell.value for name, cell in row.items()} for row in extraction.line_items]
    for name in ("document_number", "issue_date"):
        if not values.get(name):
            raise _refused(f"It has no {name.replace('_', ' ')}, which UBL requires.")
    if not values.get("currency"):
        raise _refused("It has no currency, which UBL requires with amounts.")
    rows = rows or ([] if kind.is_order else _whole(values))
    root = Part.root(kind.root)
    _head(root, kind, values)
    _references(root, kind, values)
    _parties(root, kind, values)
    _delivery(root, values)
    _payment(root, kind, values)
    _totals(root, kind, values, rows)
    add_lines(root, kind, rows, values["currency"])
    return root.bytes()


def _refused(message: str) -> RefusedRecord:
    return RefusedRecord(message, code="not_exportable")


def _head(root: Part, kind: Kind, values: Mapping[str, str]) -> None:
    root.add("UBLVersionID", "2.1")
    root.add("ID", values["document_number"])
    if kind.is_order:
        root.add("SalesOrderID", values.get("sales_order_number"))
    root.add("IssueDate", values["issue_date"])
    if kind.root == "Invoice":
        root.add("DueDate", values.get("due_date"))
        root.add("InvoiceTypeCode", "380")
    elif kind.root == "CreditNote":
        root.add("CreditNoteTypeCode", "381")
    root.add("DocumentCurrencyCode", values["currency"])
    if not kind.is_order:
        period = root.part("InvoicePeriod")
        period.add("StartDate", values.get("service_start"))
        period.add("EndDate", values.get("service_end"))
        period.end()


def _references(root: Part, kind: Kind, values: Mapping[str, str]) -> None:
    if kind.is_order:
        contract = root.part("Contract")
        contract.add("ID", values.get("contract_number"))
        contract.end()
        return
    order, sales = values.get("order_number"), values.get("sales_order_number")
    reference = root.part("OrderReference")
    reference.add("ID", order or ("NA" if sales else None))  # Peppol's word for an order unknown
    reference.add("SalesOrderID", sales)
    reference.end()
    for name, number in (
        ("DespatchDocumentReference", values.get("delivery_note_number")),
        ("ContractDocumentReference", values.get("contract_number")),
    ):
        reference = root.part(name)
        reference.add("ID", number)
        reference.end()


def _parties(root: Part, kind: Kind, values: Mapping[str, str]) -> None:
    seller = ("SellerSupplierParty" if kind.is_order else "AccountingSupplierParty", "supplier")
    buyer = ("BuyerCustomerParty" if kind.is_order else "AccountingCustomerParty", "customer")
    for element, role in (buyer, seller) if kind.is_order else (seller, buyer):
        party = root.part(f"{element}/Party")
        _party(party, {n.removeprefix(f"{role}_"): v for n, v in values.items() if role in n})
        party.end()


def _party(party: Part, values: Mapping[str, str]) -> None:
    for path, name, text in (
        ("PartyIdentification", "ID", values.get("number")),
        ("PartyName", "Name", values.get("name")),
        ("PostalAddress/AddressLine", "Line", values.get("address")),
    ):
        part = party.part(path)
        part.add(name, text)
        part.end()
    if values.get("tax_id"):
        scheme = party.part("PartyTaxScheme")
        scheme.add("CompanyID", values["tax_id"])
        scheme.part("TaxScheme").add("ID", "VAT")
    legal = party.part("PartyLegalEntity")
    legal.add("RegistrationName", values.get("name"))
    legal.add("CompanyID", values.get("registration_id"))
    legal.end()
    contact = party.part("Contact")
    contact.add("Telephone", values.get("phone"))
    contact.add("ElectronicMail", values.get("email"))
    contact.end()


def _delivery(root: Part, values: Mapping[str, str]) -> None:
    delivery = root.part("Delivery")
    delivery.add("ActualDeliveryDate", values.get("delivery_date"))
    for path, name, text in (
        ("DeliveryLocation/Address/AddressLine", "Line", values.get("ship_to_address")),
        ("RequestedDeliveryPeriod", "EndDate", values.get("expected_delivery_date")),
        ("DeliveryParty/PartyName", "Name", values.get("ship_to_name")),
    ):
        part = delivery.part(path)
        part.add(name, text)
        part.end()
    delivery.end()


def _payment(root: Part, kind: Kind, values: Mapping[str, str]) -> None:
    due = values.get("due_date") if kind.root == "CreditNote" else None
    iban, bic = values.get("supplier_iban"), values.get("supplier_bic")
    if due or iban or bic:
        means = root.part("PaymentMeans")
        means.add("PaymentMeansCode", _TRANSFER)
        means.add("PaymentDueDate", due)
        account = means.part("PayeeFinancialAccount")
        account.add("ID", "".join((iban or "").split()))
        branch = account.part("FinancialInstitutionBranch")
        branch.add("ID", bic)
        branch.end()
        account.end()
    terms = root.part("PaymentTerms")
    terms.add("Note", values.get("payment_terms"))
    terms.end()


def _totals(root: Part, kind: Kind, values: Mapping[str, str], rows: list[dict[str, str]]) -> None:
    money = {"currencyID": values["currency"]}
    for adds, name, code in (("true", "shipping_amount", "FC"), ("false", "discount", "95")):
        if values.get(name):
            charge = root.part("AllowanceCharge")
            charge.add("ChargeIndicator", adds)
            charge.add("AllowanceChargeReasonCode", code)
            charge.add("Amount", _signed(values[name], values), **money)
    tax = root.part("TaxTotal")
    tax.add("TaxAmount", values.get("total_tax"), **money)
    tax.end()
    payable = next(
        (values[n] for n in ("amount_due", "total_gross", "total_net") if values.get(n)), None
    )
    if payable is None:
        if kind.is_order:
            return
        raise _refused("It has no total, which UBL requires.")
    total = root.part("AnticipatedMonetaryTotal" if kind.is_order else "LegalMonetaryTotal")
    amounts = [row["amount_net"] for row in rows if row.get("amount_net")]
    if rows and len(amounts) == len(rows):
        added = sum((Decimal(amount) for amount in amounts), Decimal(0))
        total.add("LineExtensionAmount", f"{added:f}", **money)
    total.add("TaxExclusiveAmount", values.get("total_net"), **money)
    total.add("TaxInclusiveAmount", values.get("total_gross"), **money)
    total.add("PrepaidAmount", values.get("amount_paid"), **money)
    total.add("PayableAmount", payable, **money)


def _signed(amount: str, values: Mapping[str, str]) -> str:
    """Return the amount without a printed minus, which means only that it is taken off.

    On a negative total, of a correction, the minus is meant.
    """
    total = values.get("total_gross") or values.get("total_net") or ""
    return amount if total.startswith("-") else amount.removeprefix("-")


def _whole(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return one line of the net total, for a document whose lines nobody told."""
    net, gross, tax = (values.get(f"total_{name}") for name in ("net", "gross", "tax"))
    if not net and gross:
        net = f"{Decimal(gross) - Decimal(tax or 0):f}"
    return [{"description": f"Document {values['document_number']}", "amount_net": net or "0.00"}]

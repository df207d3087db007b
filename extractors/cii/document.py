"""The header of cross industry documents, and the record made of it and of its lines."""

from __future__ import annotations

from doctally.pages import Record
from extractors.charges import Charge, lines_of, shipping_of
from extractors.cii.lines import trade_lines
from extractors.cii.parts import address_of, charges_of, date_at, tax_id_of
from extractors.forms import amount, kept, kept_cells, nonzero
from extractors.tree import Node

_CREDIT_NOTES = {"381", "384", "396", "532", "261", "262", "308", "420", "458"}
_ORDERS = {"220", "221", "224", "225", "226", "227", "105"}
_NOT_ORDERS = {"230", "231"}


def read_cii(root: Node) -> Record:
    """Return the record of a cross industry invoice, credit note or order."""
    document = next(root.each("ExchangedDocument"), root)
    trade = next(root.each("SupplyChainTradeTransaction"), root)
    document_type = _type(root.name, document.get("TypeCode"))
    values = {
        "document_number": document.get("ID"),
        "issue_date": date_at(document, "IssueDateTime"),
        **_agreement(trade),
        **_delivery(trade),
        **_settlement(trade),
    }
    charged = [
        kept_cells(cells)
        for settlement in trade.each("ApplicableHeaderTradeSettlement")
        for cells in lines_of(_charges(settlement))
    ]
    # a confirmation keeps its order's values; see extractors.ubl.confirmation
    schema = "purchase_order" if document_type == "other" else document_type
    return Record(
        document_type=document_type,
        fields=kept(values, schema),
        line_items=(*trade_lines(trade), *charged),
        profile=root.get("ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID"),
    )


def _charges(settlement: Node) -> list[Charge]:
    """Return the document's allowances, charges and logistics services (BG-20, BG-21)."""
    services = [
        Charge(
            adds=True,
            amount=service.get("AppliedAmount"),
            reason=service.get("Description"),
            code="FC",
        )
        for service in settlement.each("SpecifiedLogisticsServiceCharge")
    ]
    return charges_of(settlement) + services


def _type(root: str, code: str) -> str:
    """Return the document type of a UNTDID 1001 code."""
    if code in _CREDIT_NOTES:
        return "credit_note"
    if code in _NOT_ORDERS:
        return "other"
    if code in _ORDERS or root == "SCRDMCCBDACIOMessageStructure":
        return "purchase_order"
    return "invoice"


def _agreement(trade: Node) -> dict[str, str]:
    """Return who sells and buys, and the numbers of what was agreed."""
    found = next(trade.each("ApplicableHeaderTradeAgreement"), trade)
    seller = next(found.each("SellerTradeParty"), None)
    buyer = next(found.each("BuyerTradeParty"), None)
    values = {
        "order_number": found.get("BuyerOrderReferencedDocument/ID"),  # BT-13
        "sales_order_number": found.get("SellerOrderReferencedDocument/ID"),  # BT-14
        "contract_number": found.get("ContractReferencedDocument/ID"),  # BT-12
    }
    if seller:
        contact = "DefinedTradeContact/"
        values |= {
            "supplier_name": seller.get("Name"),  # BT-27
            "supplier_address": address_of(seller),
            "supplier_tax_id": tax_id_of(seller),  # BT-31, BT-32
            "supplier_registration_id": seller.get("SpecifiedLegalOrganization/ID"),  # BT-30
            "supplier_email": seller.get(contact + "EmailURIUniversalCommunication/URIID"),
            "supplier_phone": seller.get(
                contact + "TelephoneUniversalCommunication/CompleteNumber"
            ),
        }
    if buyer:
        values |= {
            "customer_name": buyer.get("Name"),  # BT-44
            "customer_address": address_of(buyer),
            "customer_tax_id": tax_id_of(buyer),  # BT-48
            "customer_number": buyer.get("ID"),  # BT-46
        }
    return values


def _delivery(trade: Node) -> dict[str, str]:
    """Return when and where to the goods went."""
    found = next(trade.each("ApplicableHeaderTradeDelivery"), trade)
    values = {
        "delivery_date": date_at(
            found, "ActualDeliverySupplyChainEvent/OccurrenceDateTime"
        ),  # BT-72
        "expected_delivery_date": date_at(
            found, "RequestedDeliverySupplyChainEvent/OccurrenceDateTime"
        ),
        "delivery_note_number": found.get(
            "DeliveryNoteReferencedDocument/ID", "DespatchAdviceReferencedDocument/ID"
        ),
    }
    for party in found.each("ShipToTradeParty"):
        values["ship_to_name"] = party.get("Name")  # BT-70
        values["ship_to_address"] = address_of(party)
    return values


def _settlement(trade: Node) -> dict[str, str]:
    """Return amounts, bank account and terms of payment."""
    found = next(trade.each("ApplicableHeaderTradeSettlement"), trade)
    means = "SpecifiedTradeSettlementPaymentMeans/"
    terms = [term.get("Description") for term in found.each("SpecifiedTradePaymentTerms")]
    currency = found.get("InvoiceCurrencyCode", "OrderCurrencyCode")  # BT-5
    return {
        "currency": currency.upper(),
        "total_net": amount(found.get("Summation/TaxBasisTotalAmount")),  # BT-109
        "total_tax": _tax(found, currency),  # BT-110
        "total_gross": amount(found.get("Summation/GrandTotalAmount")),  # BT-112
        "amount_due": amount(found.get("Summation/DuePayableAmount")),  # BT-115
        "amount_paid": nonzero(found.get("Summation/TotalPrepaidAmount")),  # BT-113
        "discount": nonzero(found.get("Summation/AllowanceTotalAmount")),  # BT-107
        "shipping_amount": shipping_of(_charges(found)),  # BT-99
        "due_date": date_at(found, "SpecifiedTradePaymentTerms/DueDateDateTime"),  # BT-9
        "payment_terms": " ".join(term for term in terms if term),  # BT-20
        "service_start": date_at(found, "BillingSpecifiedPeriod/StartDateTime"),  # BT-73
        "service_end": date_at(found, "BillingSpecifiedPeriod/EndDateTime"),  # BT-74
        "supplier_iban": found.get(means + "PayeePartyCreditorFinancialAccount/IBANID"),  # BT-84
        "supplier_bic": found.get(means + "PayeeSpecifiedCreditorFinancialInstitution/BICID"),
    }


def _tax(found: Node, currency: str) -> str:
    """Return the tax total in the document's currency; another may stand beside it (BT-111)."""
    totals = [t for t in found.each("Summation/TaxTotalAmount") if t.text]
    totals.sort(key=lambda total: total.attributes.get("currencyID", currency) != currency)
    return amount(totals[0].text) if totals else ""

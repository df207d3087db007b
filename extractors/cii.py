"""UN/CEFACT cross industry documents: ZUGFeRD 1 and 2, Factur-X, XRechnung (CII), Order-X.

ZUGFeRD 1 calls the same things by other names; ``RENAMED`` brings them to those of CII D16B.
Field comments name the business terms of EN 16931.
"""

from __future__ import annotations

from doctally.pages import Record
from extractors.forms import amount, day, kept, kept_cells, nonzero, price_per_unit, quantity
from extractors.tree import Node

ROOTS = ("CrossIndustryInvoice", "CrossIndustryDocument", "SCRDMCCBDACIOMessageStructure")

DRAFT = ("Invoice", "urn:un:unece:uncefact:data:standard:CBFBUY:5")
"""The root of ZUGFeRD before its first release, still found in the wild."""

RENAMED = {
    "HeaderExchangedDocument": "ExchangedDocument",
    "SpecifiedExchangedDocumentContext": "ExchangedDocumentContext",
    "SpecifiedSupplyChainTradeTransaction": "SupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement": "ApplicableHeaderTradeAgreement",
    "ApplicableSupplyChainTradeDelivery": "ApplicableHeaderTradeDelivery",
    "ApplicableSupplyChainTradeSettlement": "ApplicableHeaderTradeSettlement",
    "SpecifiedSupplyChainTradeAgreement": "SpecifiedLineTradeAgreement",
    "SpecifiedSupplyChainTradeDelivery": "SpecifiedLineTradeDelivery",
    "SpecifiedSupplyChainTradeSettlement": "SpecifiedLineTradeSettlement",
    "SpecifiedTradeSettlementMonetarySummation": "Summation",
    "SpecifiedTradeSettlementHeaderMonetarySummation": "Summation",
    "SpecifiedTradeSettlementLineMonetarySummation": "Summation",
    "ApplicablePercent": "RateApplicablePercent",
    "IssuerAssignedID": "ID",
}

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
        "issue_date": _date(document, "IssueDateTime"),
        **_agreement(trade),
        **_delivery(trade),
        **_settlement(trade),
    }
    return Record(
        document_type=document_type,
        fields=kept(values, document_type),
        line_items=tuple(
            cells
            for line in trade.each("IncludedSupplyChainTradeLineItem")
            if (cells := kept_cells(_line(line))).keys() - {"position", "unit"}
        ),
        profile=root.get("ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID"),
    )


def _type(root: str, code: str) -> str:
    """Return the document type of a UNTDID 1001 code."""
    if code in _CREDIT_NOTES:
        return "credit_note"
    if code in _NOT_ORDERS:
        return "other"
    if code in _ORDERS or root == "SCRDMCCBDACIOMessageStructure":
        return "purchase_order"
    return "invoice"


def _date(node: Node, *paths: str) -> str:
    """Return the date at the first of the paths, whose format is 102 or ISO 8601."""
    return day(
        node.get(*(p + tail for p in paths for tail in ("/DateTimeString", "/DateTime", "")))
    )


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
            "supplier_address": _address(seller),
            "supplier_tax_id": _tax_id(seller),  # BT-31, BT-32
            "supplier_registration_id": seller.get("SpecifiedLegalOrganization/ID"),  # BT-30
            "supplier_email": seller.get(contact + "EmailURIUniversalCommunication/URIID"),
            "supplier_phone": seller.get(
                contact + "TelephoneUniversalCommunication/CompleteNumber"
            ),
        }
    if buyer:
        values |= {
            "customer_name": buyer.get("Name"),  # BT-44
            "customer_address": _address(buyer),
            "customer_tax_id": _tax_id(buyer),  # BT-48
            "customer_number": buyer.get("ID"),  # BT-46
        }
    return values


def _delivery(trade: Node) -> dict[str, str]:
    """Return when and where to the goods went."""
    found = next(trade.each("ApplicableHeaderTradeDelivery"), trade)
    values = {
        "delivery_date": _date(found, "ActualDeliverySupplyChainEvent/OccurrenceDateTime"),  # BT-72
        "expected_delivery_date": _date(
            found, "RequestedDeliverySupplyChainEvent/OccurrenceDateTime"
        ),
        "delivery_note_number": found.get(
            "DeliveryNoteReferencedDocument/ID", "DespatchAdviceReferencedDocument/ID"
        ),
    }
    for party in found.each("ShipToTradeParty"):
        values["ship_to_name"] = party.get("Name")  # BT-70
        values["ship_to_address"] = _address(party)
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
        "shipping_amount": nonzero(found.get("SpecifiedLogisticsServiceCharge/AppliedAmount")),
        "due_date": _date(found, "SpecifiedTradePaymentTerms/DueDateDateTime"),  # BT-9
        "payment_terms": " ".join(term for term in terms if term),  # BT-20
        "service_start": _date(found, "BillingSpecifiedPeriod/StartDateTime"),  # BT-73
        "service_end": _date(found, "BillingSpecifiedPeriod/EndDateTime"),  # BT-74
        "supplier_iban": found.get(means + "PayeePartyCreditorFinancialAccount/IBANID"),  # BT-84
        "supplier_bic": found.get(means + "PayeeSpecifiedCreditorFinancialInstitution/BICID"),
    }


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
        "tax_rate": quantity(line.get(settlement + "ApplicableTradeTax/RateApplicablePercent")),
        "amount_net": amount(line.get(settlement + "Summation/LineTotalAmount")),
        "order_number": line.get(agreement + "BuyerOrderReferencedDocument/ID"),
        "delivery_date": _date(
            line, delivery + "ActualDeliverySupplyChainEvent/OccurrenceDateTime"
        ),
    }


def _tax(found: Node, currency: str) -> str:
    """Return the tax total in the document's currency; another may stand beside it (BT-111)."""
    totals = [t for t in found.each("Summation/TaxTotalAmount") if t.text]
    totals.sort(key=lambda total: total.attributes.get("currencyID", currency) != currency)
    return amount(totals[0].text) if totals else ""


def _tax_id(party: Node) -> str:
    """Return the VAT number (scheme VA) or else the tax number (scheme FC) of a party."""
    numbers = [n for n in party.each("SpecifiedTaxRegistration/ID") if n.text]
    numbers.sort(key=lambda number: number.attributes.get("schemeID", "") != "VA")
    return numbers[0].text if numbers else ""


def _address(party: Node) -> str:
    """Return street and town of a party, without the country (BT-35 to BT-38)."""
    place = next(party.each("PostalTradeAddress"), None)
    if place is None:
        return ""
    town = " ".join(part for part in (place.get("PostcodeCode"), place.get("CityName")) if part)
    lines = [place.get("LineOne"), place.get("LineTwo"), place.get("LineThree"), town]
    return ", ".join(line for line in lines if line)

"""Hybrid e-invoices: a deal as Factur-X XML (profile EN 16931), embedded in its own page."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from facturx import generate_from_binary

from synth.content import Party
from synth.deal import Deal

_UNITS = {"h": "HUR", "Std.": "HUR", "kg": "KGM", "m": "MTR", "l": "LTR", "t": "TNE", "m²": "MTK"}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rsm:CrossIndustryInvoice'
    ' xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"'
    ' xmlns:ram="urn:un:unece:uncefact:data:standard:'
    'ReusableAggregateBusinessInformationEntity:100"'
    ' xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">'
    "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>"
    "<ram:ID>urn:cen.eu:en16931:2017</ram:ID>"
    "</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>"
)


def facturx_xml(deal: Deal) -> bytes:
    """Return the invoice as Factur-X XML."""
    facts = deal.facts
    coin = deal.region.currency
    lines = "".join(_line(deal, row) for row in range(len(deal.lines)))
    taxes = "".join(
        _tag(
            "ApplicableTradeTax",
            _tag("CalculatedAmount", tax)
            + _tag("TypeCode", "VAT")
            + _tag("BasisAmount", base)
            + _tag("CategoryCode", "S")
            + _tag("RateApplicablePercent", rate),
        )
        for rate, base, tax in deal.taxes
    )
    means = (
        _tag("TypeCode", "58")
        + _tag("PayeePartyCreditorFinancialAccount", _tag("IBANID", facts["supplier_iban"]))
        + _tag("PayeeSpecifiedCreditorFinancialInstitution", _tag("BICID", facts["supplier_bic"]))
    )
    sums = (
        _tag("LineTotalAmount", facts["goods_total"])
        + _tag("TaxBasisTotalAmount", facts["total_net"])
        + f'<ram:TaxTotalAmount currencyID="{coin}">{facts["total_tax"]}</ram:TaxTotalAmount>'
        + _tag("GrandTotalAmount", facts["total_gross"])
        + _tag("DuePayableAmount", facts["total_gross"])
    )
    terms = _tag("Description", facts["payment_terms"]) + _tag(
        "DueDateDateTime", _day(facts["due_date"])
    )
    body = (
        "<rsm:ExchangedDocument>"
        + _tag("ID", facts["document_number"])
        + _tag("TypeCode", "380")
        + _tag("IssueDateTime", _day(facts["issue_date"]))
        + "</rsm:ExchangedDocument>"
        "<rsm:SupplyChainTradeTransaction>"
        + lines
        + _tag(
            "ApplicableHeaderTradeAgreement",
            _tag("SellerTradeParty", _party(deal.supplier, facts["supplier_tax_id"]))
            + _tag(
                "BuyerTradeParty", _tag("ID", facts["customer_number"]) + _party(deal.customer, "")
            )
            + _tag("BuyerOrderReferencedDocument", _tag("IssuerAssignedID", facts["order_number"])),
        )
        + _tag(
            "ApplicableHeaderTradeDelivery",
            _tag(
                "ActualDeliverySupplyChainEvent",
                _tag("OccurrenceDateTime", _day(facts["delivery_date"])),
            ),
        )
        + _tag(
            "ApplicableHeaderTradeSettlement",
            _tag("InvoiceCurrencyCode", coin)
            + _tag("SpecifiedTradeSettlementPaymentMeans", means)
            + taxes
            + _tag("SpecifiedTradePaymentTerms", terms)
            + _tag("SpecifiedTradeSettlementHeaderMonetarySummation", sums),
        )
        + "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    )
    return (_HEAD + body).encode()


def xml_truth(deal: Deal) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the header values and line items that ``facturx_xml`` states, in normal form."""
    facts = deal.facts
    names = (
        "document_number",
        "issue_date",
        "order_number",
        "delivery_date",
        "supplier_name",
        "supplier_address",
        "supplier_tax_id",
        "customer_name",
        "customer_address",
        "customer_number",
        "currency",
        "total_net",
        "total_tax",
        "total_gross",
        "due_date",
        "payment_terms",
        "supplier_iban",
        "supplier_bic",
    )
    fields = {name: _text(facts[name]) for name in names} | {
        "amount_due": _text(facts["total_gross"])
    }
    items = [
        {
            "position": str(row + 1),
            "code": line.code,
            "description": line.description,
            "quantity": _text(line.quantity),
            "unit": _UNITS.get(line.unit, "C62"),
            "unit_price": _text(line.unit_price),
            "tax_rate": _text(line.tax_rate),
            "amount_net": _text(line.amount_net),
        }
        for row, line in enumerate(deal.lines)
    ]
    return fields, items


def embed(pdf: bytes, xml: bytes, day: date) -> bytes:
    """Return the hybrid PDF; its time stamps are ``day``, so that equal input gives equal bytes."""
    made: bytes = generate_from_binary(pdf, xml, lang="de", xmp_compression=False)
    made = re.sub(rb"D(:|\\072)\d{14}", rb"D\g<1>" + f"{day:%Y%m%d}120000".encode(), made)
    return re.sub(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d", f"{day:%Y-%m-%d}T12:00:00".encode(), made)


def _line(deal: Deal, row: int) -> str:
    line = deal.lines[row]
    unit = _UNITS.get(line.unit, "C62")
    tax = (
        _tag("TypeCode", "VAT")
        + _tag("CategoryCode", "S")
        + _tag("RateApplicablePercent", line.tax_rate)
    )
    return _tag(
        "IncludedSupplyChainTradeLineItem",
        _tag("AssociatedDocumentLineDocument", _tag("LineID", str(row + 1)))
        + _tag(
            "SpecifiedTradeProduct",
            _tag("SellerAssignedID", line.code) + _tag("Name", line.description),
        )
        + _tag(
            "SpecifiedLineTradeAgreement",
            _tag("NetPriceProductTradePrice", _tag("ChargeAmount", line.unit_price)),
        )
        + _tag(
            "SpecifiedLineTradeDelivery",
            f'<ram:BilledQuantity unitCode="{unit}">{line.quantity}</ram:BilledQuantity>',
        )
        + _tag(
            "SpecifiedLineTradeSettlement",
            _tag("ApplicableTradeTax", tax)
            + _tag(
                "SpecifiedTradeSettlementLineMonetarySummation",
                _tag("LineTotalAmount", line.amount_net),
            ),
        ),
    )


def _party(party: Party, tax_id: object) -> str:
    street, town = party.lines[0], party.lines[-1]
    code, _, city = town.partition(" ")
    address = _tag("PostcodeCode", code) + _tag("LineOne", street) + _tag("CityName", city)
    text = _tag("Name", party.name) + _tag(
        "PostalTradeAddress", address + _tag("CountryID", party.country)
    )
    if tax_id:
        number = f'<ram:ID schemeID="VA">{tax_id}</ram:ID>'
        text += _tag("SpecifiedTaxRegistration", number)
    return text


def _day(value: object) -> str:
    if not isinstance(value, date):
        raise TypeError(f"a date is wanted, not {value!r}")
    return f'<udt:DateTimeString format="102">{value:%Y%m%d}</udt:DateTimeString>'


def _tag(name: str, content: object) -> str:
    text = content if isinstance(content, str) and content.startswith("<") else escape(str(content))
    return f"<ram:{name}>{text}</ram:{name}>"


def _text(value: object) -> str:
    return (
        value.isoformat()
        if isinstance(value, date)
        else str(value)
        if not isinstance(value, Decimal)
        else f"{value:f}"
    )

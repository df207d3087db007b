"""UN/CEFACT cross industry documents: ZUGFeRD 1 and 2, Factur-X, XRechnung (CII), Order-X.

ZUGFeRD 1 calls the same things by other names; ``RENAMED`` brings them to those of CII D16B.
Field comments name the business terms of EN 16931. The profiles MINIMUM and BASIC WL carry no
lines: theirs are read from the page.
"""

from __future__ import annotations

from extractors.cii.document import read_cii

__all__ = ["DRAFT", "RENAMED", "ROOTS", "read_cii"]

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

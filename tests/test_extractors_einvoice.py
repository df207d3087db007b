"""E-invoices and orders as XML: the record equals the labels, bad XML does no harm."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from reportlab.pdfgen.canvas import Canvas

from doctally.errors import RefusedRecord
from doctally.schemas import all_header_fields, item_fields
from doctally.values import same
from extractors.einvoice import embedded_xml, read_record
from extractors.pdf import open_pdf
from extractors.read import read

HEADER = {spec.name: spec.kind for spec in all_header_fields()}
CELLS = {spec.name: spec.kind for spec in item_fields()}
NO_FIELD_OF_INVOICES = {"ship_from_name", "ship_from_address"}

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{code}</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20240229</udt:DateTimeString>
  </ram:IssueDateTime></rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID>
   </ram:AssociatedDocumentLineDocument>
   <ram:SpecifiedTradeProduct><ram:GlobalID schemeID="0160">4012345001235</ram:GlobalID>
    <ram:Name>Screws  M4</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>
    <ram:ChargeAmount>1.230</ram:ChargeAmount>
    <ram:BasisQuantity unitCode="H87">1000</ram:BasisQuantity>
   </ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
   <ram:SpecifiedLineTradeDelivery>
    <ram:{quantity} unitCode="H87">5000.0000</ram:{quantity}></ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement>
    <ram:SpecifiedTradeSettlementLineMonetarySummation>
     <ram:LineTotalAmount>6.15</ram:LineTotalAmount>
    </ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>Bolt Ltd</ram:Name>
   <ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">201/113/40209</ram:ID>
   </ram:SpecifiedTaxRegistration><ram:SpecifiedTaxRegistration>
   <ram:ID schemeID="VA">DE123456789</ram:ID></ram:SpecifiedTaxRegistration>
  </ram:SellerTradeParty></ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeDelivery/>
  <ram:ApplicableHeaderTradeSettlement>
   <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:TaxBasisTotalAmount>6.15</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="USD">1.30</ram:TaxTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">1.17</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>7.32</ram:GrandTotalAmount>
    <ram:TotalPrepaidAmount>0.00</ram:TotalPrepaidAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""


def cii(number: str = "R-1", code: str = "380", quantity: str = "BilledQuantity") -> str:
    return CII.format(number=number, code=code, quantity=quantity)


def hybrid(path: Path, xml: bytes, name: str = "factur-x.xml") -> Path:
    """Return a PDF of one page with text that carries the XML."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(300, 200))
    canvas.drawString(20, 100, "Invoice R-1 of Bolt Ltd, total 7.32 EUR")
    canvas.save()
    document = pdfium.PdfDocument(buffer.getvalue())
    document.new_attachment(name).set_data(xml)
    document.save(path)
    return path


@pytest.mark.shared
def test_records_of_hybrid_pdfs_equal_their_labels(shared_data: Path) -> None:
    wrong: list[str] = []
    compared = 0
    lines = (shared_data / "einvoice" / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines[::5]:
        label = json.loads(line)
        path = shared_data / "einvoice" / label["file"]
        with open_pdf(path) as document:
            xml = embedded_xml(document)
        if xml is None:
            assert path.name == "mustang_corruptedV2PDF.pdf"
            continue
        record = read_record(xml)
        if label["document_type"]:
            assert record.document_type == label["document_type"]
        for name, value in label["fields"].items():
            if name not in NO_FIELD_OF_INVOICES:
                compared += 1
                if not same(HEADER[name], value, record.fields.get(name, "")):
                    wrong.append(f"{path.name} {name}: {record.fields.get(name)} for {value}")
        assert set(record.fields) - {"shipping_amount"} <= set(label["fields"])
        assert len(record.line_items) == len(label.get("line_items", []))
        for row, cells in zip(label.get("line_items", []), record.line_items, strict=True):
            compared += len(row)
            wrong += [
                f"{path.name} line {name}: {cells.get(name)} for {value}"
                for name, value in row.items()
                if not same(CELLS[name], value, cells.get(name, ""))
            ]
    assert wrong == []
    assert compared > 500


def test_a_price_for_a_thousand_is_given_for_one_and_the_tax_in_the_documents_currency() -> None:
    record = read_record(cii().encode())
    assert record.fields["total_tax"] == "1.17"
    assert record.fields["supplier_tax_id"] == "DE123456789"
    assert "amount_paid" not in record.fields
    assert dict(record.line_items[0]) == {
        "position": "1",
        "code": "4012345001235",
        "description": "Screws M4",
        "quantity": "5000",
        "unit": "H87",
        "unit_price": "0.00123",
        "amount_net": "6.15",
    }


@pytest.mark.parametrize(
    ("reason", "shipping", "lines"), [("Versandkosten", "5.80", 1), ("Verpackung", None, 2)]
)
def test_a_charge_of_the_document_is_its_shipping_or_a_line(
    reason: str, shipping: str | None, lines: int
) -> None:
    charge = f"""<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator>
     <udt:Indicator>true</udt:Indicator></ram:ChargeIndicator>
     <ram:ActualAmount>5.80</ram:ActualAmount><ram:Reason>{reason}</ram:Reason>
    </ram:SpecifiedTradeAllowanceCharge>"""
    currency = "</ram:InvoiceCurrencyCode>"
    record = read_record(cii().replace(currency, currency + charge).encode())
    assert record.fields.get("shipping_amount") == shipping
    assert len(record.line_items) == lines
    if lines == 2:
        assert dict(record.line_items[1]) == {"description": reason, "amount_net": "5.80"}


def test_an_invoice_of_the_profile_minimum_has_no_lines_and_is_a_record() -> None:
    start, end = "<ram:IncludedSupplyChainTradeLineItem>", "</ram:IncludedSupplyChainTradeLineItem>"
    xml = cii()
    record = read_record((xml[: xml.index(start)] + xml[xml.index(end) + len(end) :]).encode())
    assert record.line_items == ()
    assert record.fields["total_gross"] == "7.32"


def test_an_order_confirmation_is_filed_as_other_and_keeps_what_was_promised() -> None:
    xml = cii("AB-7", "231", "RequestedQuantity").replace(
        "CrossIndustryInvoice", "SCRDMCCBDACIOMessageStructure"
    )
    record = read_record(xml.encode())
    assert record.document_type == "other"
    assert record.fields["total_gross"] == "7.32"
    assert record.line_items[0]["quantity"] == "5000"


def test_order_x_becomes_a_purchase_order() -> None:
    xml = cii("PO-7", "220", "RequestedQuantity").replace(
        "CrossIndustryInvoice", "SCRDMCCBDACIOMessageStructure"
    )
    record = read_record(xml.encode())
    assert record.document_type == "purchase_order"
    assert record.fields["document_number"] == "PO-7"
    assert record.line_items[0]["quantity"] == "5000"


def test_a_hybrid_gives_the_record_and_the_words_of_its_page(tmp_path: Path) -> None:
    path = hybrid(tmp_path / "hybrid.pdf", cii(code="381").encode())
    reading = read(path)
    assert reading.record is not None
    assert reading.record.document_type == "credit_note"
    assert reading.record.fields["total_gross"] == "7.32"
    assert "Bolt Ltd, total 7.32" in reading.text
    pages_only = read(path, pages_only=True)
    assert pages_only.record is None
    assert pages_only.pages == reading.pages


@pytest.mark.parametrize(
    "xml",
    [
        cii()[:-30].encode(),
        cii(number="").encode(),
        b"<order>by hand</order>",
        b"",
    ],
    ids=["cut short", "without a number", "another vocabulary", "empty"],
)
def test_the_page_of_a_hybrid_with_bad_xml_is_read_all_the_same(tmp_path: Path, xml: bytes) -> None:
    reading = read(hybrid(tmp_path / "bad.pdf", xml))
    assert reading.record is None
    assert [notice.code for notice in reading.notices] == ["einvoice_invalid"]
    assert "total 7.32" in reading.text


def test_a_bare_xml_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.xml"
    path.write_text('<Catalogue xmlns="urn:x"><ID>1</ID></Catalogue>')
    with pytest.raises(RefusedRecord, match="is a Catalogue") as refused:
        read(path)
    assert refused.value.code == "unsupported_document"


def test_entities_are_neither_resolved_nor_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP SECRET")
    outside = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    laughs = f'<!DOCTYPE r [<!ENTITY l0 "lol">{lol}]>'
    for declared, entity in ((outside, "&x;"), (laughs, "&l9;")):
        head, body = cii(number=entity).split("?>", 1)
        with pytest.raises(RefusedRecord) as refused:
            read_record(f"{head}?>{declared}{body}".encode())
        assert "SECRET" not in refused.value.message


def test_xml_that_is_too_deep_is_refused() -> None:
    with pytest.raises(RefusedRecord):
        read_record(b"<a>" * 100_000 + b"</a>" * 100_000)


def test_a_price_for_three_has_no_more_decimals_than_amounts_may_have() -> None:
    xml = cii().replace('<ram:BasisQuantity unitCode="H87">1000<', "<ram:BasisQuantity>3<")
    assert read_record(xml.encode()).line_items[0]["unit_price"] == "0.41"
    xml = xml.replace("1.230", "1.000")
    assert read_record(xml.encode()).line_items[0]["unit_price"] == "0.333333"

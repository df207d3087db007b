"""UBL documents become records, whatever their release and kind, or are refused by name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from doctally.errors import RefusedRecord
from doctally.pages import Record
from extractors.einvoice import read_record

DESPATCH = """<DespatchAdvice xmlns="urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:UBLVersionID>{release}</cbc:UBLVersionID>
 <cbc:ID>LS-7</cbc:ID><cbc:IssueDate>2024-03-01</cbc:IssueDate>
 <cac:OrderReference><cbc:ID>PO-9</cbc:ID></cac:OrderReference>
 <cac:DespatchSupplierParty><cac:Party><cac:PartyName><cbc:Name>Bolt Ltd</cbc:Name></cac:PartyName>
 </cac:Party></cac:DespatchSupplierParty>
 <cac:Shipment><cbc:ID>1</cbc:ID>
  <cbc:GrossWeightMeasure unitCode="KGM">12.50</cbc:GrossWeightMeasure>
  <cbc:TotalTransportHandlingUnitQuantity>3</cbc:TotalTransportHandlingUnitQuantity>
  <cac:ShipmentStage><cac:CarrierParty><cac:PartyName><cbc:Name>Post</cbc:Name></cac:PartyName>
  </cac:CarrierParty></cac:ShipmentStage>
  <cac:Delivery><cbc:TrackingID>00340434161094042557</cbc:TrackingID>
   <cac:EstimatedDeliveryPeriod><cbc:EndDate>2024-03-04</cbc:EndDate></cac:EstimatedDeliveryPeriod>
   <cac:Despatch><cbc:ActualDespatchDate>2024-03-02</cbc:ActualDespatchDate></cac:Despatch>
  </cac:Delivery></cac:Shipment>
 <cac:DespatchLine><cbc:ID>1</cbc:ID>
  <cbc:DeliveredQuantity unitCode="H87">40</cbc:DeliveredQuantity>
  <cac:Item><cbc:Name>Screws</cbc:Name></cac:Item></cac:DespatchLine>
</DespatchAdvice>"""

STATUS = """<TransportationStatus
 xmlns="urn:oasis:names:specification:ubl:schema:xsd:TransportationStatus-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>TS-1</cbc:ID><cbc:IssueDate>2024-03-05</cbc:IssueDate>
 <cac:Consignment><cbc:ID>C-1</cbc:ID>
  <cac:TransportEvent><cbc:OccurrenceDate>2024-03-03</cbc:OccurrenceDate>
   <cbc:OccurrenceTime>08:00:00</cbc:OccurrenceTime>
   <cbc:TransportEventTypeCode>24</cbc:TransportEventTypeCode></cac:TransportEvent>
  <cac:TransportEvent><cbc:OccurrenceDate>2024-03-04</cbc:OccurrenceDate>
   <cbc:OccurrenceTime>14:30:00</cbc:OccurrenceTime>
   <cbc:TransportEventTypeCode>{code}</cbc:TransportEventTypeCode>
   <cac:Location><cbc:Name>Bremen</cbc:Name></cac:Location></cac:TransportEvent>
 </cac:Consignment></TransportationStatus>"""


def shared(folder: Path, name: str) -> Record:
    return read_record((folder / "ubl" / name).read_bytes())


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "document_type", "expected"),
    [
        (
            "oasis_phubl/invoice/UBL-Invoice-2.1-Example.xml",
            "invoice",
            {
                "document_number": "TOSL108",
                "due_date": "2009-12-31",
                "supplier_name": "The Sellercompany Incorporated",
                "supplier_address": "Main street 1, Suite 123, 54321 Big city",
                "total_net": "1436.50",
                "total_gross": "1729.00",
                "amount_paid": "1000.00",
                "amount_due": "729.00",
            },
        ),
        (
            "peppol_billing/examples/base-creditnote-correction.xml",
            "credit_note",
            {"customer_number": "FR23342", "total_tax": "331.25", "currency": "EUR"},
        ),
        (
            "peppol_postaward/examples/Order_Example.xml",
            "purchase_order",
            {
                "document_number": "34",
                "ship_to_name": "Helseavdeling",
                "expected_delivery_date": "2012-10-20",
                "customer_name": "Helseforetak AS",
            },
        ),
        (
            "peppol_postaward/examples/DespatchAdvice_Example.xml",
            "shipment_notice",
            {
                "document_number": "565899",
                "order_number": "AEG012345",
                "tracking_number": "456789",
                "ship_date": "2018-09-25",
                "expected_delivery_date": "2018-09-27",
                "package_count": "3",
                "ship_to_name": "IYT Corporation",
                "ship_from_name": "Consortial",
            },
        ),
        (
            "oasis_phubl/receiptadvice/UBL-ReceiptAdvice-2.0-Example.xml",
            "shipment_notice",
            {"document_number": "658398", "delivery_note_number": "565899"},
        ),
        (
            "peppol_postaward/examples/OrderResponse_Example.xml",
            "other",
            {
                "document_number": "101",
                "order_number": "11233",
                "sales_order_number": "101-111",
                "expected_delivery_date": "2013-07-16",
            },
        ),
        (
            "peppol_billing/national-examples/NO/Norwegian-example-1.xml",
            "invoice",
            {"shipping_amount": "100.00", "amount_due": "802.00"},
        ),
    ],
)
def test_ubl_documents_become_records(
    shared_data: Path, file: str, document_type: str, expected: dict[str, str]
) -> None:
    record = shared(shared_data, file)
    assert record.document_type == document_type
    assert {name: record.fields.get(name) for name in expected} == expected
    assert record.line_items


@pytest.mark.shared
def test_a_status_tells_state_reason_and_time(shared_data: Path) -> None:
    name = "oasis_phubl/transportationstatus/UBL-TransportationStatus-2.1-Example.xml"
    record = shared(shared_data, name)
    assert record.document_type == "shipment_status"
    assert record.fields == {
        "document_number": "TS_1",
        "issue_date": "2011-10-06",
        "tracking_number": "CON_1",
        "status": "exception",
        "status_reason": "Reefer container lost power - cargo of fish destroyed",
        "event_time": "2011-10-06T09:29:30+01:00",
    }


@pytest.mark.shared
def test_every_ubl_file_is_a_record_or_is_refused_by_name(shared_data: Path) -> None:
    types: Counter[str] = Counter()
    for path in sorted((shared_data / "ubl").rglob("*.xml")):
        try:
            types[read_record(path.read_bytes()).document_type] += 1
        except RefusedRecord as refused:
            types[refused.code] += 1
            if refused.code == "unsupported_document":
                assert "which doctally has no schema for" in refused.message
    assert types == {
        "invoice": 51,
        "credit_note": 6,
        "purchase_order": 19,
        "shipment_notice": 11,
        "shipment_status": 2,
        "other": 30,
        "unsupported_document": 77,
        "einvoice_invalid": 2,
    }


@pytest.mark.parametrize("release", ["2.0", "2.1", "2.2", "2.3", "2.4"])
def test_a_despatch_advice_of_any_release_is_a_shipment_notice(release: str) -> None:
    record = read_record(DESPATCH.format(release=release).encode())
    assert record.document_type == "shipment_notice"
    assert record.profile == release
    assert record.fields == {
        "document_number": "LS-7",
        "issue_date": "2024-03-01",
        "order_number": "PO-9",
        "supplier_name": "Bolt Ltd",
        "ship_from_name": "Bolt Ltd",
        "carrier": "Post",
        "tracking_number": "00340434161094042557",
        "ship_date": "2024-03-02",
        "expected_delivery_date": "2024-03-04",
        "package_count": "3",
        "gross_weight": "12.5",
    }
    line = {"position": "1", "description": "Screws", "shipped_quantity": "40", "unit": "H87"}
    assert [dict(row) for row in record.line_items] == [line]


@pytest.mark.parametrize(
    ("code", "state"),
    [("21", "delivered"), ("23", "attempt_failed"), ("31", "in_transit"), ("49", "exception")],
)
def test_the_latest_event_decides_the_state(code: str, state: str) -> None:
    fields = read_record(STATUS.format(code=code).encode()).fields
    assert (fields["status"], fields["event_time"], fields["event_location"]) == (
        state,
        "2024-03-04T14:30:00",
        "Bremen",
    )


def test_contacts_of_two_companies_are_not_mixed() -> None:
    seller = (
        "<cac:SellerSupplierParty><cac:Party><cac:PartyName><cbc:Name>{}</cbc:Name></cac:PartyName>"
        "</cac:Party></cac:SellerSupplierParty><cac:Shipment>"
    )
    mail = "<cac:Contact><cbc:ElectronicMail>a@bolt.example</cbc:ElectronicMail></cac:Contact>"
    xml = DESPATCH.format(release="2.1").replace("</cac:PartyName>\n", f"</cac:PartyName>{mail}")
    assert mail in xml
    for name, reached in (("Bolt Ltd", "a@bolt.example"), ("Dealer AG", None)):
        record = read_record(xml.replace("<cac:Shipment>", seller.format(name)).encode())
        assert record.fields["supplier_name"] == name
        assert record.fields.get("supplier_email") == reached
        assert record.fields["ship_from_name"] == "Bolt Ltd"


def test_an_unknown_code_gives_no_state() -> None:
    assert "status" not in read_record(STATUS.format(code="999").encode()).fields


@pytest.mark.parametrize("name", ["Catalogue", "OrderChange", "ApplicationResponse"])
def test_documents_without_a_schema_are_refused_by_name(name: str) -> None:
    namespace = f"urn:oasis:names:specification:ubl:schema:xsd:{name}-2"
    with pytest.raises(RefusedRecord, match=f"is a UBL {name}") as refused:
        read_record(f'<{name} xmlns="{namespace}"/>'.encode())
    assert refused.value.code == "unsupported_document"


def test_an_invoice_of_another_vocabulary_is_no_ubl() -> None:
    with pytest.raises(RefusedRecord, match=r"is a Invoice \(urn:x\)"):
        read_record(b'<Invoice xmlns="urn:x"/>')

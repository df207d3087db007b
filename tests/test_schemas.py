"""The schemas say what the label contract says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from doctally.schemas import (
    SCHEMAS,
    DocumentType,
    FieldSpec,
    Kind,
    ShipmentState,
    all_header_fields,
    has_line_items,
    header_fields,
    item_fields,
)

TYPES = "invoice credit_note receipt purchase_order shipment_notice shipment_status other"
STATES = (
    "pending info_received in_transit out_for_delivery attempt_failed available_for_pickup "
    "delivered exception expired"
)
HEADER = """
document_number issue_date due_date delivery_date service_start service_end order_number
sales_order_number delivery_note_number contract_number customer_number
supplier_name supplier_address supplier_tax_id supplier_registration_id supplier_email
supplier_phone supplier_iban supplier_bic
customer_name customer_address customer_tax_id ship_to_name ship_to_address ship_from_name
ship_from_address
currency total_net total_tax total_gross amount_due amount_paid discount shipping_amount
payment_terms
carrier tracking_number bill_of_lading_number ship_date expected_delivery_date package_count
gross_weight
status status_reason event_time event_location
"""
ITEMS = """
position code description quantity unit unit_price discount tax_rate amount_net amount_gross
order_number delivery_date shipped_quantity
"""


def test_document_types_and_states_are_the_contracts() -> None:
    assert [str(t) for t in DocumentType] == TYPES.split()
    assert [str(s) for s in ShipmentState] == STATES.split()
    assert set(SCHEMAS) == set(DocumentType)


def test_header_fields_of_all_types_are_exactly_the_contracts() -> None:
    names = [spec.name for spec in all_header_fields()]
    assert sorted(names) == sorted(HEADER.split())


def test_line_item_fields_are_exactly_the_contracts() -> None:
    assert [spec.name for spec in item_fields()] == ITEMS.split()


def test_the_lists_here_are_those_of_the_contract_file(shared_data: Path) -> None:
    contract = (shared_data / "contract.md").read_text(encoding="utf-8")
    header = contract.split("Header fields (flat names):")[1].split("status, one of")[0]
    header = re.sub(r"\([^)]*\)", "", header)
    assert set(re.findall(r"[a-z_]+", header)) == set(HEADER.split())
    items = contract.split("Line items:")[1].splitlines()[0]
    assert re.findall(r"[a-z_]+", items) == ITEMS.split()


def test_every_label_of_the_shared_documents_is_a_field(shared_data: Path) -> None:
    header = {spec.name for spec in all_header_fields()}
    cells = {spec.name for spec in item_fields()}
    for name in ("adbuy/labels", "einvoice/labels", "receipts/labels_ocr"):
        for line in (shared_data / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            label = json.loads(line)
            assert set(label["fields"]) <= header, label["file"]
            assert all(set(row) <= cells for row in label.get("line_items", [])), label["file"]


@pytest.mark.parametrize("document_type", list(DocumentType))
def test_every_field_has_a_kind_and_a_description(document_type: DocumentType) -> None:
    specs = header_fields(document_type)
    declared = [n for n in SCHEMAS[document_type].model_fields if n != "line_items"]
    assert [spec.name for spec in specs] == declared
    for spec in specs:
        assert isinstance(spec.kind, Kind)
        info = SCHEMAS[document_type].model_fields[spec.name]
        assert info.description == spec.description
        assert len(spec.description) > 5


def test_a_name_has_the_same_kind_in_every_type() -> None:
    first: dict[str, FieldSpec] = {spec.name: spec for spec in all_header_fields()}
    for document_type in DocumentType:
        for spec in header_fields(document_type):
            assert spec.kind is first[spec.name].kind, (document_type, spec.name)


@pytest.mark.parametrize("document_type", list(DocumentType))
def test_every_schema_gives_a_json_schema_that_allows_nothing_else(
    document_type: DocumentType,
) -> None:
    schema = SCHEMAS[document_type].model_json_schema()
    json.dumps(schema)
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(SCHEMAS[document_type].model_fields)
    assert ("line_items" in schema["properties"]) is has_line_items(document_type)
    for name, field in schema["properties"].items():
        assert name == "line_items" or field["description"]

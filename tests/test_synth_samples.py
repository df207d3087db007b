"""The committed sample documents and what they are expected to give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest

from doctally.errors import UnreadableDocument
from doctally.schemas import header_fields, item_fields
from extractors.einvoice import embedded_xml, read_record
from extractors.pdf import open_pdf, read_page
from synth.samples import einvoice

DOCUMENTS = Path(__file__).parent / "documents"
EXPECTED = sorted(DOCUMENTS.glob("*.expected.json"))


def expected(name: str) -> dict[str, Any]:
    return json.loads((DOCUMENTS / f"{name}.expected.json").read_text(encoding="utf-8"))


def test_every_sample_has_an_expected_result_and_the_other_way_round() -> None:
    samples = {path.stem for path in DOCUMENTS.iterdir() if path.suffix in {".pdf", ".jpg"}}
    assert {path.name.removesuffix(".expected.json") for path in EXPECTED} == samples
    assert len(samples) == 15


def test_samples_are_small_enough_to_live_in_the_repository() -> None:
    assert sum(path.stat().st_size for path in DOCUMENTS.iterdir()) < 3_000_000


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.name.partition(".")[0])
def test_expected_results_keep_the_schema(path: Path) -> None:
    truth = json.loads(path.read_text(encoding="utf-8"))
    if truth.get("outcome") == "failed":
        assert truth["code"]
        return
    names = {spec.name for spec in header_fields(truth["document_type"])}
    cells = {spec.name for spec in item_fields()}
    assert truth["fields"]
    assert truth["fields"].keys() <= names
    assert all(item.keys() <= cells for item in truth.get("line_items", ()))


def test_order_delivery_and_invoice_belong_together() -> None:
    order, delivery, invoice = (expected(f"{name}_en") for name in ("order", "delivery", "invoice"))
    number = order["fields"]["document_number"]
    assert delivery["fields"]["order_number"] == number
    assert invoice["fields"]["order_number"] == number
    assert invoice["fields"]["delivery_note_number"] == delivery["fields"]["document_number"]
    assert invoice["fields"]["total_gross"] == order["fields"]["total_gross"]
    for name in ("supplier_name", "customer_name"):
        assert len({paper["fields"][name] for paper in (order, delivery, invoice)}) == 1
    shipped = {item["code"]: item["shipped_quantity"] for item in delivery["line_items"]}
    assert shipped == {item["code"]: item["quantity"] for item in invoice["line_items"]}
    assert shipped == {item["code"]: item["quantity"] for item in order["line_items"]}


def test_the_e_invoice_states_in_xml_what_is_expected_of_it() -> None:
    document = pdfium.PdfDocument(DOCUMENTS / "einvoice_de.pdf")
    data = embedded_xml(document)
    document.close()
    assert data is not None
    record = read_record(data)
    truth = expected("einvoice_de")
    assert record.document_type == truth["document_type"]
    assert dict(record.fields) == truth["fields"]
    assert [dict(item) for item in record.line_items] == truth["line_items"]


def test_the_e_invoice_is_the_same_bytes_every_time() -> None:
    assert einvoice() == einvoice()


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.name.partition(".")[0])
def test_the_pages_print_the_expected_numbers_and_names(path: Path) -> None:
    sample = DOCUMENTS / path.name.replace(".expected.json", ".pdf")
    truth = json.loads(path.read_text(encoding="utf-8"))
    if not sample.is_file() or "fields" not in truth:
        return
    with open_pdf(sample) as document:
        text = " ".join(word.text for word in read_page(document, 0).words)
    names = {"document_number", "supplier_name", "customer_name", "tracking_number"}
    for name in names & truth["fields"].keys():
        assert truth["fields"][name] in text


def test_the_broken_sample_is_refused_with_its_code() -> None:
    with pytest.raises(UnreadableDocument) as refused, open_pdf(DOCUMENTS / "broken.pdf"):
        pass
    assert refused.value.code == expected("broken")["code"]

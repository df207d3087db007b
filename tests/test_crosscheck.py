"""A page that contradicts its XML is found; usual prints of the same value are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from doctally.crosscheck import check_pages
from doctally.pages import Box, Page, Word
from doctally.results import Extraction, FieldValue, Severity, Source
from extractors.read import read

TEXT = """Bolt Ltd 1 Main Street Springfield Invoice no. RE-2024/07 of 1 March 2024
for ten bolts and twenty nuts as ordered net 1 000.00 tax 190.00 Total EUR 1 190.00
Please pay to DE02 1203 0000 0000 2020 51 within thirty days of today, thank you"""

VALUES = {
    "document_number": "RE-2024/07",
    "total_gross": "1190.00",
    "supplier_iban": "DE02120300000000202051",
}

CONTRADICTIONS = {
    # the page: RE-20190610/507; another total (406.82); DE20...; RE-20200620/508
    "corpus_ZUGFeRDv2_correct_Mustangproject_MustangGnuaccounting"
    "BeispielRE-20201121_508_withBOM.pdf": ("document_number",),
    "corpus_ZUGFeRDv1_correct_Mustangproject_MustangGnuaccountingBeispielRE-20150613_503.pdf": (
        "total_gross",
    ),
    "corpus_ZUGFeRDv2_correct_symtrax_Beispiele_BASIC_WL_zugferd_2p1_BASIC-WL_Einfach.pdf": (
        "supplier_iban",
    ),
    "mustang_validXRechnung.pdf": ("document_number",),
}
"""Real hybrids whose page says otherwise than their XML, looked at one by one."""


def page(text: str) -> Page:
    words = tuple(Word(word, Box(0, 0, 1, 1)) for word in text.split())
    return Page(number=1, width=100, height=100, words=words)


def missing(text: str, *, source: Source = "xml", **values: str) -> tuple[str, ...]:
    fields = {n: FieldValue(v, 1.0, source=source) for n, v in {**VALUES, **values}.items()}
    found = check_pages(Extraction("invoice", 1.0, fields), [page(text)])
    assert all(finding.code == "page_differs_from_xml" for finding in found)
    assert all(finding.severity is Severity.REVIEW for finding in found)
    return tuple(field for finding in found for field in finding.fields)


@pytest.mark.parametrize(
    ("printed", "other"),
    [
        ("1 190.00", "1.190,00"),
        ("1 190.00", "1,190.00"),
        ("1 190.00", "1190,00EUR"),
        ("1 190.00", "1190"),
        ("1 190.00", "1.190,-"),
        ("1 190.00", "-1 190.00"),
        ("RE-2024/07", "RE 2024 / 07"),
        ("RE-2024/07", "Nr.RE-2024/07,"),
        ("RE-2024/07", "re2024/07"),
        ("DE02 1203 0000 0000 2020 51", "IBAN:DE02120300000000202051"),
        ("DE02 1203 0000 0000 2020 51", "DE0212030 000 0000 2020 51"),
    ],
)
def test_every_usual_print_confirms_the_value(printed: str, other: str) -> None:
    assert missing(TEXT) == ()
    assert missing(TEXT.replace(printed, other)) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("document_number", "RE-2024/08"),
        ("document_number", "7"),
        ("total_gross", "1190.01"),
        ("total_gross", "9190.00"),
        ("supplier_iban", "DE02500105170137075030"),
    ],
)
def test_a_value_that_the_page_does_not_print_is_named(field: str, value: str) -> None:
    assert missing(TEXT, **{field: value}) == (field,)


def test_values_of_the_page_itself_and_pages_without_text_are_not_compared() -> None:
    assert missing(TEXT, source="model", total_gross="5.00") == ()
    assert missing("Invoice enclosed", total_gross="5.00") == ()


@pytest.mark.shared
def test_on_real_hybrids_only_true_contradictions_are_found(shared_data: Path) -> None:
    folder = shared_data / "einvoice"
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    names = [Path(json.loads(line)["file"]).name for line in lines]
    found = {}
    for name in (*names[::6], *CONTRADICTIONS):
        reading = read(folder / "pdfs" / name)
        if reading.record is None:
            continue
        fields = {n: FieldValue(v, 1.0, source="xml") for n, v in reading.record.fields.items()}
        extraction = Extraction(reading.record.document_type, 1.0, fields)
        for finding in check_pages(extraction, reading.pages):
            found[name] = finding.fields
    assert found == CONTRADICTIONS

"""XML that is made to do harm is refused, quickly and without a trace of what it asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctally.errors import RefusedRecord
from extractors.einvoice import read_record
from extractors.read import read

LAUGHS = '<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)
)
UBL = 'xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'


def numbered(count: int, form: str) -> str:
    return " ".join(form.format(i, i) for i in range(count))


NAMED, BOUND = 'a{}="1"', 'xmlns:a{}="u{}"'

HOSTILE = {
    "billion laughs": f"<!DOCTYPE r [{LAUGHS}]><r>&l9;</r>",
    "laughs in an attribute": f'<!DOCTYPE r [{LAUGHS}]><r a="&l9;"/>',
    "quadratic blow-up": f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]><r>{"&a;" * 5_000}</r>',
    "parameter entity": '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]><r/>',
    "outer DTD": '<!DOCTYPE Invoice SYSTEM "http://192.0.2.1/invoice.dtd"><Invoice/>',
    "harmless DTD": f"<!DOCTYPE Invoice><Invoice {UBL}/>",
    "deep nesting": "<a>" * 5_000 + "</a>" * 5_000,
    "endless attributes": f"<a {numbered(20_000, NAMED)}/>",
    "endless name spaces": f"<a {numbered(20_000, BOUND)}/>",
    "endless elements": f"<a>{'<b/>' * 1_600_000}</a>",
    "endless text": f"<a>{'x' * 11_000_000}</a>",
    "no XML": "<<<>>>",
    "null letters": "<a>\x00</a>",
    "a wrong encoding": '<?xml version="1.0" encoding="UTF-16"?><a/>',
    "an unknown encoding": '<?xml version="1.0" encoding="klingon"?><a/>',
}


@pytest.mark.parametrize("xml", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_xml_is_refused(xml: str) -> None:
    with pytest.raises(RefusedRecord) as refused:
        read_record(xml.encode())
    assert refused.value.code in ("einvoice_invalid", "unsupported_document")
    assert len(refused.value.message) < 500


def test_a_file_named_by_an_inclusion_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP SECRET")
    path = tmp_path / "invoice.xml"
    path.write_text(
        f'<Invoice {UBL} xmlns:xi="http://www.w3.org/2001/XInclude">'
        f'<ID><xi:include href="{secret.as_uri()}" parse="text"/></ID>'
        "<IssueDate>2024-03-01</IssueDate></Invoice>"
    )
    with pytest.raises(RefusedRecord, match="no document number"):
        read(path)


def test_style_sheets_and_instructions_are_ignored() -> None:
    record = read_record(
        f'<?xml-stylesheet href="http://192.0.2.1/x.xsl"?><Invoice {UBL}><?php x ?>'
        "<ID>R-<!-- 1 -->1</ID><IssueDate>2024-03-01</IssueDate></Invoice>".encode()
    )
    assert record.fields["document_number"] == "R-1"


def test_formulas_and_markup_stay_what_they_are() -> None:
    record = read_record(
        f"<Invoice {UBL}><ID>=cmd|' /C calc'!A0</ID><IssueDate>2024-03-01</IssueDate>"
        "<Note>&lt;script&gt;</Note></Invoice>".encode()
    )
    assert record.fields["document_number"] == "=cmd|' /C calc'!A0"

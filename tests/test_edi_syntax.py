"""Delimiters, envelopes and parts of EDI; what is broken or hostile is refused."""

from __future__ import annotations

import warnings
from datetime import datetime
from pathlib import Path

import pytest
from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from test_edi import ISA, edifact, x12

from doctally.errors import RefusedRecord
from extractors.edi.acknowledge import control_message, functional_acknowledgement
from extractors.edi.envelope import messages_of
from extractors.edi.interchange import messages, read_message
from extractors.edi.syntax import dialect_of, segments_of
from extractors.read import read
from extractors.sniff import Media, sniff

ORDER = """BEG*00*SA*PO-1**20240301
    N1*BY*Acme Corp
    PO1*1*10*EA*2.50*PE*VN*B-1
    CTT*1"""


def number(data: bytes) -> list[str]:
    return [read_message(message).fields["document_number"] for message in messages(data)]


@pytest.mark.parametrize("end", ["~", "~\r\n", "\n", "\r\n", "\x1c", "'"])
@pytest.mark.parametrize("element", ["*", "|", "\x1d", "^"])
def test_x12_takes_its_delimiters_from_isa(tmp_path: Path, end: str, element: str) -> None:
    text = x12("850", ORDER).decode().replace("~\n", end).replace("*", element)
    path = tmp_path / "order.edi"
    path.write_bytes(text.encode())
    assert sniff(path) is Media.EDI
    reading = read(path)
    assert reading.notices == ()
    assert reading.record is not None
    assert reading.record.fields["document_number"] == "PO-1"


def test_isa_without_its_padding_is_understood() -> None:
    text = x12("850", ORDER).decode().replace("          ", " ").replace("         ", "")
    assert number(text.encode()) == ["PO-1"]


@pytest.mark.parametrize("una", ["UNA:+.? '", "UNA|#,!*~", "UNA:+,? \n", ""])
def test_edifact_takes_its_delimiters_from_una_or_the_default(una: str) -> None:
    text = edifact("ORDERS", "BGM+220+B?+1+9\nDTM+137:20240301:102").decode("latin-1")
    body = text.removeprefix("UNA:+.? '\n")
    if una:
        for old, new in zip(":+?'", (una[3], una[4], una[6], una[8]), strict=True):
            body = body.replace(old, {"'": "\x00", "~": "\x00"}.get(new, new))
        body = body.replace("\x00", una[8])
    assert number((una + body).encode()) == [f"B{una[4] if una else '+'}1"]


@pytest.mark.shared
def test_segments_equal_those_of_pydifact(shared_data: Path) -> None:
    compared = 0
    for path in sorted((shared_data / "edi" / "edifact").glob("*.[eE][dD][iI]")):
        text = path.read_bytes().decode("utf-8-sig", "replace").lstrip()
        try:
            with warnings.catch_warnings(action="ignore"):
                theirs = [
                    (s.tag, [e if isinstance(e, str) else list(e) for e in s.elements])
                    for s in Parser().parse(text)
                    if s.tag != "UNA"
                ]
        except (EDISyntaxError, IndexError):
            continue  # it refuses TRADACOMS, indented segments, a UNB without syntax identifier
        ours = [
            (s.tag, [e[0] if len(e) == 1 else list(e) for e in s.elements])
            for s, _ in segments_of(text, dialect_of(text))
        ]
        assert ours == theirs, path.name
        compared += len(ours)
    assert compared > 300


def test_messages_in_the_character_set_of_their_interchange_are_read() -> None:
    text = edifact("ORDERS", "BGM+220+B-1+9\nDTM+137:20240301:102\nNAD+SU+++X").decode("latin-1")
    data = text.replace("UNOC", "UNOD").replace("+++X", "+++Śruba").encode("iso8859-2")
    [message] = messages(data)
    assert read_message(message).fields["supplier_name"] == "Śruba"


def test_many_messages_become_parts_that_read_as_the_messages_did(tmp_path: Path) -> None:
    second = ORDER.replace("PO-1", "PO-2").replace("*10*", "*7*")
    data = (
        x12("850", ORDER)
        + x12("850", second)
        + edifact("ORDERS", "BGM+220+B-1+9\nDTM+137:20240301:102")
    )
    path = tmp_path / "three.edi"
    path.write_bytes(data)
    reading = read(path)
    assert reading.record is None
    assert [part.name for part in reading.parts] == [
        "0001-850-0001.edi",
        "0002-850-0001.edi",
        "0003-ORDERS-M1.edi",
    ]
    whole = [read_message(message) for message in messages(data)]
    for part, record in zip(reading.parts, whole, strict=True):
        alone = tmp_path / part.name
        alone.write_bytes(part.content)
        child = read(alone)
        assert child.record == record
        assert child.notices == ()


def test_the_parts_of_a_group_have_right_counts(tmp_path: Path) -> None:
    text = x12("850", ORDER).decode()
    one = text[text.index("ST*") : text.index("GE*")]
    data = text.replace(one, one + one.replace("0001", "0002").replace("PO-1", "PO-2"))
    data = data.replace("GE*1*", "GE*2*")
    assert [m.faults for m in messages(data.encode())] == [(), ()]
    path = tmp_path / "two.edi"
    path.write_text(data)
    for part, expected in zip(read(path).parts, ("PO-1", "PO-2"), strict=True):
        [message] = messages(part.content)
        assert message.faults == ()
        assert read_message(message).fields["document_number"] == expected


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("SE*6*0001", "SE*9*0001", "SE counts 9, there are 6"),
        ("SE*6*0001", "SE*6*0002", "SE refers to 0002, its header to 0001"),
        ("GE*1*7", "GE*2*7", "GE counts 2, there are 1"),
        ("IEA*1*000000007", "IEA*1*000000008", "IEA refers to 000000008"),
    ],
)
def test_counts_that_do_not_agree_ask_for_a_look(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    path = tmp_path / "order.edi"
    path.write_text(x12("850", ORDER).decode().replace(before, after))
    [notice] = read(path).notices
    assert notice.code == "edi_control"
    assert told in notice.message


BROKEN = {
    "header cut short": ISA[:60],
    "no trailer": x12("850", ORDER).decode().split("IEA")[0],
    "message cut short": x12("850", ORDER).decode().replace("SE*6*0001~\n", ""),
    "trailer without header": x12("850", ORDER).decode().replace("ST*850*0001~\n", ""),
    "delimiters alike": ISA.replace("P*>~", "P*~~"),
    "two headers": ISA + x12("850", ORDER).decode(),
    "no message": f"{ISA}IEA*0*000000007~",
    "no segment name": x12("850", ORDER).decode().replace("CTT*1", "?*1"),
    "number missing": x12("850", ORDER.replace("PO-1", "")).decode(),
    "UNA alone": "UNA:+.? 'UNB+",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_broken_interchanges_are_refused_with_a_reason(text: str) -> None:
    with pytest.raises(RefusedRecord) as refused:
        number(text.encode())
    assert refused.value.code == "edi_invalid"
    assert len(refused.value.message) < 200


HOSTILE = {
    "endless segments": ISA + "A1*~" * 1_010,
    "endless elements": ISA + "REF" + "*" * 5_000 + "~",
    "endless components": ISA + "REF*" + ">" * 5_000 + "~",
    "endless segment": ISA + "REF*" + "x" * 1_000_000,
    "endless escapes": "UNB+UNOC:3+" + "?" * 100_001,
    "deep tree": x12(
        "856", "BSN*00*1*20240301\n" + "\n".join(f"HL*{i}*{i + 1}*I" for i in range(1, 900))
    ).decode(),
    "control letters": "ISA*00*" + "\x00" * 1_000,
    "many interchanges": (ISA + "IEA*0*000000007~") * 2_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_interchanges_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.edi.syntax.MOST_SEGMENTS", 1_000)
    with pytest.raises(RefusedRecord) as refused:
        number(text.encode())
    assert refused.value.code == "edi_invalid"


def test_a_deep_chain_of_levels_is_read_without_recursion() -> None:
    chain = "\n".join(f"HL*{i}*{i - 1 or ''}*{'S' if i == 1 else 'T'}" for i in range(1, 5_000))
    body = f"BSN*00*SH-1*20240301\n{chain}\nHL*5000*4999*I\nSN1*1*2*EA"
    [message] = messages(x12("856", body, "SH"))
    assert read_message(message).line_items[0]["shipped_quantity"] == "2"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (x12("860", "BCH*04*SA*PO-1***20240301"), "is 860 \\(order change\\)"),
        (edifact("APERAK", "BGM++1"), "is APERAK"),
        (b"STX=ANA:1+:SHOP'", "TRADACOMS"),
    ],
)
def test_messages_without_a_schema_are_refused_by_name(data: bytes, told: str) -> None:
    with pytest.raises(RefusedRecord, match=told) as refused:
        number(data)
    assert refused.value.code == "unsupported_document"


def test_a_letter_that_starts_like_an_interchange_is_text(tmp_path: Path) -> None:
    for text in ("ISA said hello.\nBye.", "UNBELIEVABLE offer", "STX is a letter"):
        path = tmp_path / "letter.txt"
        path.write_text(text)
        assert sniff(path) is not Media.EDI


def test_messages_of_an_interchange_come_one_by_one() -> None:
    found = messages_of(x12("850", ORDER).decode() * 3)
    assert next(found).kind == "850"
    assert len(list(found)) == 2


def test_a_997_answers_a_group_with_parties_exchanged() -> None:
    found = messages(x12("850", ORDER))
    text = functional_acknowledgement(found, now=datetime(2024, 3, 2, 9, 5), control=12)
    [answer] = messages(text.encode())
    assert answer.faults == ()
    assert answer.kind == "997"
    assert (answer.interchange.get(6), answer.interchange.get(8)) == ("RECEIVER", "SENDER")
    told = [segment.raw for segment in answer.body]
    assert told == ["AK1*PO*7", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"]
    wrong = messages(x12("850", ORDER).replace(b"SE*6", b"SE*9"))
    text = functional_acknowledgement(wrong, now=datetime(2024, 3, 2, 9, 5), control=12)
    assert "AK5*E*4~" in text and "AK9*E*1*1*0~" in text


def test_a_contrl_answers_an_interchange_with_parties_exchanged() -> None:
    found = messages(edifact("ORDERS", "BGM+220+B-1+9\nDTM+137:20240301:102"))
    text = control_message(found, now=datetime(2024, 3, 2, 9, 5), control="A'1")
    [answer] = messages(text.encode())
    assert answer.faults == ()
    assert (answer.kind, answer.interchange.get(5)) == ("CONTRL", "A'1")
    assert (answer.interchange.get(2), answer.interchange.get(3)) == (
        "4000000000002",
        "4000000000001",
    )
    assert [segment.raw for segment in answer.body] == [
        "UCI+R7+4000000000001:14+4000000000002:14+7",
        "UCM+M1+ORDERS:D:96A:UN:EAN008+7",
    ]


def test_an_acknowledgement_answers_one_group_or_interchange_only() -> None:
    order, other = x12("850", ORDER), edifact("ORDERS", "BGM+220+B-1+9")
    mixed = messages(order + other)
    with pytest.raises(ValueError, match="one X12 group"):
        functional_acknowledgement(mixed, now=datetime(2024, 3, 2), control=1)
    with pytest.raises(ValueError, match="one EDIFACT interchange"):
        control_message(mixed, now=datetime(2024, 3, 2), control="1")


def test_a_count_in_other_digits_is_a_fault_and_no_crash() -> None:
    data = x12("850", ORDER).replace(b"SE*6*", "SE*¹*".encode())
    [message] = messages(data)
    assert message.faults == ("SE counts ¹, there are 6",)

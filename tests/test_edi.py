"""EDI messages become records: the shared samples, and small ones for what those lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from doctally.errors import RefusedRecord
from doctally.exceptions import reason_of
from doctally.pages import Reading, Record
from extractors.edi.interchange import messages, read_message
from extractors.read import read

ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
    "*240301*1200*U*00401*000000007*0*P*>~"
)


def x12(kind: str, body: str, group: str = "PO") -> bytes:
    """Return an interchange of one transaction set, with counts that agree."""
    segments = [line.strip() for line in body.strip().splitlines()]
    inside = "".join(f"{segment}~\n" for segment in segments)
    return (
        f"{ISA}\nGS*{group}*SENDER*RECEIVER*20240301*1200*7*X*004010~\nST*{kind}*0001~\n{inside}"
        f"SE*{len(segments) + 2}*0001~\nGE*1*7~\nIEA*1*000000007~\n"
    ).encode()


def edifact(kind: str, body: str) -> bytes:
    """Return an interchange of one message, with counts that agree."""
    segments = [line.strip() for line in body.strip().splitlines()]
    inside = "".join(f"{segment}'\n" for segment in segments)
    return (
        f"UNA:+.? '\nUNB+UNOC:3+4000000000001:14+4000000000002:14+240301:1200+R7'\n"
        f"UNH+M1+{kind}:D:96A:UN:EAN008'\n{inside}UNT+{len(segments) + 2}+M1'\nUNZ+1+R7'\n"
    ).encode("latin-1")


def only(data: bytes) -> Record:
    """Return the record of the only message, whose envelopes agree."""
    [message] = messages(data)
    assert message.faults == ()
    record = read_message(message)
    assert record.source == "edi"
    return record


def lines(record: Record) -> list[Mapping[str, str]]:
    return [dict(row) for row in record.line_items]


def test_an_order_acknowledgement_keeps_what_the_supplier_promised() -> None:
    record = only(
        x12(
            "855",
            """BAK*00*AC*PO-1*20240228****SO-9*20240301
            CUR*SE*USD
            N1*SE*Bolt Inc*92*1
            N1*BY*Acme Corp
            N3*1 Main St
            N4*Springfield*IL*62701
            PO1*1*10*EA*2.50*PE*VN*B-1*UP*012345678905
            PID*F****Bolt
            ACK*IB*8*EA*068*20240310
            CTT*1""",
            "PR",
        )
    )
    assert record.document_type == "other"
    assert record.fields == {
        "document_number": "SO-9",
        "issue_date": "2024-03-01",
        "order_number": "PO-1",
        "sales_order_number": "SO-9",
        "supplier_name": "Bolt Inc",
        "customer_name": "Acme Corp",
        "customer_address": "1 Main St, Springfield, IL 62701",
        "currency": "USD",
    }
    assert lines(record) == [
        {
            "position": "1",
            "code": "B-1",
            "description": "Bolt",
            "quantity": "8",
            "unit": "EA",
            "unit_price": "2.50",
            "delivery_date": "2024-03-10",
        }
    ]


NOTICE = """BSN*00*SH-5*20240301*1200*0001
    HL*1**S
    TD1*CTN25*3****G*41.5*KG
    TD5*B*2*UPSN**UPS Ground
    REF*BM*BOL-1
    REF*CN*1Z999
    DTM*011*20240301
    DTM*017*20240304
    N1*SF*Bolt Inc
    N1*ST*Acme Store 4
    HL*2*1*O
    PRF*PO-1
    HL*3*2*T
    HL*4*3*P
    MAN*GM*00000123450000000018
    HL*5*4*I
    LIN*1*VN*B-1
    SN1*1*24*EA**30*EA
    HL*6*1*O
    PRF*PO-2
    HL*7*6*I
    LIN*2*UP*012345678905
    SN1*2*6*EA
    CTT*7"""


def test_items_of_a_ship_notice_know_the_order_above_them() -> None:
    record = only(x12("856", NOTICE, "SH"))
    assert record.fields == {
        "document_number": "SH-5",
        "issue_date": "2024-03-01",
        "supplier_name": "Bolt Inc",
        "ship_from_name": "Bolt Inc",
        "ship_to_name": "Acme Store 4",
        "carrier": "UPS Ground",
        "tracking_number": "1Z999",
        "bill_of_lading_number": "BOL-1",
        "ship_date": "2024-03-01",
        "expected_delivery_date": "2024-03-04",
        "package_count": "3",
        "gross_weight": "41.5",
    }
    found = [(row["order_number"], row["shipped_quantity"], row.get("quantity")) for row in
             record.line_items]  # fmt: skip
    assert found == [("PO-1", "24", "30"), ("PO-2", "6", None)]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("HL*5*4*I", "HL*5*9*I", "Level 5 of the 856 hangs on 9"),
        ("HL*5*4*I", "HL*4*4*I", "two levels 4"),
        ("HL*5*4*I", "HL*5*5*I", "Level 5 of the 856 hangs on 5"),
        ("HL*1**S", "HL*1**O", "no level of the shipment"),
        ("BSN*00*SH-5*20240301*1200*0001", "DTM*011*20240301", "no BSN"),
    ],
)
def test_a_ship_notice_whose_tree_is_broken_is_refused(
    before: str, after: str, reason: str
) -> None:
    with pytest.raises(RefusedRecord, match=reason) as refused:
        only(x12("856", NOTICE.replace(before, after), "SH"))
    assert refused.value.code == "edi_invalid"


@pytest.mark.parametrize(
    ("code", "state"),
    [("X6", "in_transit"), ("AH", "attempt_failed"), ("A9", "exception"), ("AV",
     "available_for_pickup"), ("X1", "out_for_delivery"), ("XB", "info_received")],
)  # fmt: skip
def test_the_latest_event_of_a_carrier_decides(code: str, state: str) -> None:
    record = only(
        x12(
            "214",
            f"""B10*PRO-1*SID-1*UPSN
            L11*PO-1*PO
            LX*1
            AT7*AF*NS***20240301*0800*UT
            MS1*Chicago*IL
            LX*2
            AT7*{code}*BG***20240302*1430*UT
            MS1*Gary*IN*US
            LX*3
            AT7*X2*NS***20240303*1200*UT""",
            "QM",
        )
    )
    assert record.fields == {
        "document_number": "SID-1",
        "tracking_number": "PRO-1",
        "order_number": "PO-1",
        "issue_date": "2024-03-01",
        "carrier": "UPSN",
        "status": state,
        "status_reason": "X12 1651 BG",
        "event_time": "2024-03-02T14:30:00Z",
        "event_location": "Gary, IN, US",
        "expected_delivery_date": "2024-03-03",
    }


def test_the_prices_for_a_hundred_and_the_type_of_a_credit_memo_are_understood() -> None:
    record = only(
        x12(
            "810",
            """BIG*20240301*CM-1*20240201*PO-1***CR
            N1*SE*Bolt Inc
            IT1*1*200*EA*12.50*HP*VN*B-1
            TDS*-2500
            SAC*C*D240***1000
            CTT*1""",
            "IN",
        )
    )
    assert record.document_type == "credit_note"
    assert record.fields["total_gross"] == "-25.00"
    assert record.fields["shipping_amount"] == "10.00"
    assert record.line_items[0]["unit_price"] == "0.125"


PARTIES = """NAD+BY+4012345500004::9'
    NAD+SU+4012345000009::9++Schraub:en GmbH+Werkstra?+sse 1+Köln++50667+DE
    RFF+VA:DE136695976
    CTA+IC
    COM+info@schrauben.example:EM
    COM+?+49 221 1234:TE
    NAD+DP+++Lager West+Tor 3+Bonn++53111+DE""".replace("'", "")


def test_an_edifact_order_becomes_a_purchase_order() -> None:
    record = only(
        edifact(
            "ORDERS",
            f"""BGM+220+B-77+9
            DTM+137:20240301:102
            DTM+2:20240315:102
            RFF+CT:RV-1
            {PARTIES}
            CUX+2:EUR:9
            ALC+C++++FC:::Fracht
            MOA+23:12,50
            LIN+1++4012345001235:EN
            PIA+1+S-1:SA+K-9:IN
            IMD+F++:::Schraube M4:verzinkt
            QTY+21:1000:PCE
            PRI+AAA:4.90:::100:PCE
            MOA+203:49.00
            UNS+S
            MOA+79:49.00
            CNT+2:1""",
        )
    )
    assert record.document_type == "purchase_order"
    assert record.fields == {
        "document_number": "B-77",
        "issue_date": "2024-03-01",
        "contract_number": "RV-1",
        "supplier_name": "Schraub en GmbH",
        "supplier_address": "Werkstra+sse 1, 50667 Köln",
        "supplier_tax_id": "DE136695976",
        "supplier_email": "info@schrauben.example",
        "supplier_phone": "+49 221 1234",
        "customer_name": "GLN 4012345500004",
        "ship_to_name": "Lager West",
        "ship_to_address": "Tor 3, 53111 Bonn",
        "currency": "EUR",
        "expected_delivery_date": "2024-03-15",
        "total_net": "49.00",
        "shipping_amount": "12.50",
    }
    assert lines(record) == [
        {
            "position": "1",
            "code": "S-1",
            "description": "Schraube M4 verzinkt",
            "quantity": "1000",
            "unit": "PCE",
            "unit_price": "0.049",
            "amount_net": "49.00",
        }
    ]


@pytest.mark.parametrize(("code", "kind"), [("380", "invoice"), ("381", "credit_note")])
def test_an_edifact_invoice_tells_its_sums_and_account(code: str, kind: str) -> None:
    record = only(
        edifact(
            "INVOIC",
            f"""BGM+{code}+RE-5+9
            DTM+137:20240310:102
            DTM+35:20240305:102
            DTM+263:2024020120240229:718
            RFF+ON:B-77
            RFF+DQ:LS-1
            NAD+SU+++Schrauben GmbH
            FII+RB+DE02120300000000202051+BYLADEM1001
            NAD+BY+++Muster AG
            CUX+2:EUR:4
            PAT+1++5:3:D:30
            DTM+13:20240409:102
            LIN+1++4012345001235:EN
            IMD+F++:::Schraube
            QTY+47:10:PCE
            MOA+203:90.00
            PRI+AAA:10
            ALC+A++++95
            MOA+204:10.00
            TAX+7+VAT+++:::19+S
            UNS+S
            MOA+79:90
            MOA+125:90
            MOA+77:107.10
            MOA+9:57.10
            MOA+113:50.00
            TAX+7+VAT+++:::19+S
            MOA+124:17.10""",
        )
    )
    assert record.document_type == kind
    assert record.fields == {
        "document_number": "RE-5",
        "issue_date": "2024-03-10",
        "delivery_date": "2024-03-05",
        "service_start": "2024-02-01",
        "service_end": "2024-02-29",
        "order_number": "B-77",
        "delivery_note_number": "LS-1",
        "supplier_name": "Schrauben GmbH",
        "supplier_iban": "DE02120300000000202051",
        "supplier_bic": "BYLADEM1001",
        "customer_name": "Muster AG",
        "currency": "EUR",
        "due_date": "2024-04-09",
        "payment_terms": "net 30 days",
        "total_net": "90.00",
        "total_tax": "17.10",
        "total_gross": "107.10",
        "amount_due": "57.10",
        "amount_paid": "50.00",
    }
    [line] = lines(record)
    assert (line["discount"], line["tax_rate"], line["unit_price"]) == ("10.00", "19", "10.00")


def test_an_edifact_despatch_advice_becomes_a_shipment_notice() -> None:
    record = only(
        edifact(
            "DESADV",
            """BGM+351+LS-1+9
            DTM+137:20240304:102
            DTM+11:202403041530:203
            DTM+17:20240306:102
            MEA+AAE+G+KGM:41.5
            RFF+ON:B-77
            NAD+SU+++Schrauben GmbH
            NAD+DP+++Lager West
            TDT+20++30+31+:::DHL
            CPS+1
            PAC+2++CT
            CPS+2+1
            PAC+1++CT
            PCI+33E
            GIN+BJ+340123450000000014
            LIN+1++4012345001235:EN
            QTY+12:600:PCE
            QTY+21:1000:PCE
            CPS+3+1
            LIN+2++4012345001242:EN
            QTY+12:5:PCE
            CNT+2:2""",
        )
    )
    assert record.fields == {
        "document_number": "LS-1",
        "issue_date": "2024-03-04",
        "order_number": "B-77",
        "supplier_name": "Schrauben GmbH",
        "ship_from_name": "Schrauben GmbH",
        "ship_to_name": "Lager West",
        "carrier": "DHL",
        "tracking_number": "340123450000000014",
        "ship_date": "2024-03-04",
        "expected_delivery_date": "2024-03-06",
        "package_count": "2",
        "gross_weight": "41.5",
    }
    shipped = [(row.get("quantity"), row["shipped_quantity"]) for row in record.line_items]
    assert shipped == [("1000", "600"), (None, "5")]


STATUS = """BGM+77+ST-1+9
    DTM+137:20240305:102
    NAD+CA+++DHL
    CNI+1+SHIP-1
    STS+1+13
    DTM+334:202403041000:203
    STS+1+21
    DTM+334:202403051615:203
    LOC+1+DEBON:139:6:Bonn
    CNI+2+SHIP-2
    STS+1+23+7:::Empfänger geschlossen
    DTM+334:202403051700:203"""


def test_each_consignment_of_a_status_report_is_a_document_of_its_own() -> None:
    first, second = (read_message(message) for message in messages(edifact("IFTSTA", STATUS)))
    assert first.fields == {
        "document_number": "ST-1",
        "issue_date": "2024-03-05",
        "tracking_number": "SHIP-1",
        "carrier": "DHL",
        "status": "delivered",
        "event_time": "2024-03-05T16:15:00",
        "event_location": "Bonn",
    }
    assert second.fields["tracking_number"] == "SHIP-2"
    assert second.fields["status"] == "attempt_failed"
    assert second.fields["status_reason"] == "Empfänger geschlossen"


@pytest.mark.parametrize(
    ("segment", "status", "reason"),
    [
        ("STS+1+23+7", "attempt_failed", "closed"),
        ("STS+1+101+63", "exception", "weather"),
        ("STS+1+18", "exception", "damaged"),
        ("STS+1+17", "exception", "customs"),
        ("STS+1+21", "delivered", None),
    ],
)
def test_codes_of_a_status_report_say_why(segment: str, status: str, reason: str | None) -> None:
    text = STATUS.replace("STS+1+23+7:::Empfänger geschlossen", segment)
    _, record = (read_message(message) for message in messages(edifact("IFTSTA", text)))
    assert record.fields["status"] == status
    assert reason_of(record.fields.get("status_reason", ""), status) == reason


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "document_type", "expected"),
    [
        (
            "x12/asn856.txt",
            "shipment_notice",
            {"document_number": "829716", "order_number": "99999817", "gross_weight": "60.31"},
        ),
        (
            "x12/x12.810c.edi",
            "invoice",
            {
                "total_net": "369.96",
                "total_tax": "35.96",
                "shipping_amount": "6.00",
                "total_gross": "411.92",
                "discount": "41.19",
                "amount_due": "370.73",
            },
        ),
        (
            "x12/x12.850a.edi",
            "purchase_order",
            {
                "document_number": "4600000406",
                "supplier_name": "Supplier Name",
                "customer_name": "Test Inc.",
                "payment_terms": "NET 60 DAYS",
            },
        ),
        ("x12/x12.214.edi", "shipment_status", {"status": "delivered"}),
        (
            "edifact/edifact.ORDRSP.edi",
            "other",
            {"document_number": "IM20U000000000CNF", "order_number": "00001672"},
        ),
    ],
)
def test_shared_messages_become_records(
    shared_data: Path, file: str, document_type: str, expected: dict[str, str]
) -> None:
    record = read(shared_data / "edi" / file).record
    assert record is not None
    assert record.document_type == document_type
    assert {name: record.fields.get(name) for name in expected} == expected


@pytest.mark.shared
def test_every_shared_file_is_a_record_or_parts_or_is_refused(shared_data: Path) -> None:
    counts: Counter[str] = Counter()
    for path in sorted((shared_data / "edi").rglob("*.*")):
        if path.name.startswith("LICENSE"):
            continue
        try:
            reading: Reading = read(path)
        except RefusedRecord as refused:
            counts[refused.code] += 1
        else:
            counts["parts" if reading.parts else reading.record.document_type] += 1  # type: ignore[union-attr]
    assert counts == {
        "unsupported_document": 22,
        "edi_invalid": 13,
        "invoice": 4,
        "purchase_order": 3,
        "parts": 3,
        "shipment_status": 2,
        "other": 2,
        "shipment_notice": 1,
    }

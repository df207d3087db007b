"""Several dated events of one message become a history: read from pages, EDI and mails, kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import func, select
from test_db_matching import bring, extraction
from test_edi import STATUS, edifact, x12

from db.database import Database
from db.shipments import shipments
from db.tables import EventRow
from doctally.happened import DatedLine, dated_lines
from doctally.locale import infer_locale
from doctally.pages import Happened
from doctally.schemas import ShipmentState as State
from extractors.edi.interchange import messages, read_message
from extractors.plain import pages_of_text
from models.backbone import load_backbone
from models.history import earlier, history_of
from models.states import StateJudge, load_judge

ENGLISH, GERMAN = infer_locale("Total amount due January"), infer_locale("Summe der Rechnung März")
PAGE = """Tracking 1Z999AA10123456784
Estimated delivery    8 March 2024

Date                Place          Event
7 March 2024 16:15  Bonn           Delivered, signed for by Meyer
7 March 2024 08:02  Bonn           Out for delivery
6 March 2024 21:40  Leipzig        Departed from sorting centre
5 March 2024 10:00  Hamburg        Shipment delayed by severe weather
Thank you for your order of 1 March 2024.
"""


@pytest.fixture(scope="module")
def judge() -> StateJudge:
    found = load_judge(load_backbone())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([["2024-03-04 10:15 AM", "Leipzig"]], [(datetime(2024, 3, 4, 10, 15), ("Leipzig",))]),
        ([["Arrived", "2024-03-04"]], [(date(2024, 3, 4), ("Arrived",))]),
        ([["Mar 4, 2024 - 9:05 PM"], ["Arrived"]], [(datetime(2024, 3, 4, 21, 5), ("Arrived",))]),
        ([["Arrived", "4-Mar-2024 -", "Bonn"], ["06:39:00"]],
         [(datetime(2024, 3, 4, 6, 39), ("Arrived", "Bonn"))]),
        ([["Expected delivery", "4 March 2024"]], []),
        ([["no date", "10:15"]], []),
    ],
)  # fmt: skip
def test_a_line_with_a_time_is_an_event(
    lines: Sequence[Sequence[str]], expected: list[tuple[date, tuple[str, ...]]]
) -> None:
    assert dated_lines(lines, ENGLISH) == [DatedLine(*one) for one in expected]


def test_times_stand_below_their_day() -> None:
    lines = [["Montag, 4. März 2024"], ["08:15", "In Zustellung"], ["17:02", "Zugestellt", "Bonn"]]
    assert dated_lines(lines, GERMAN) == [
        DatedLine(datetime(2024, 3, 4, 8, 15), ("In Zustellung",)),
        DatedLine(datetime(2024, 3, 4, 17, 2), ("Zugestellt", "Bonn")),
    ]


def test_a_tracking_page_tells_each_event_with_state_time_and_place(judge: StateJudge) -> None:
    pages, _ = pages_of_text(PAGE, max_pages=1)
    told = history_of(pages, ENGLISH, judge.answers)
    assert [(e.when, e.state, e.place) for e in told] == [
        ("2024-03-05T10:00:00", "exception", "Hamburg"),
        ("2024-03-06T21:40:00", "in_transit", "Leipzig"),
        ("2024-03-07T08:02:00", "out_for_delivery", "Bonn"),
        ("2024-03-07T16:15:00", "delivered", "Bonn"),
    ]
    assert told[0].reason == "weather"
    assert [e.state for e in earlier(told, "2024-03-07T16:15:00+01:00")] == [
        "exception", "in_transit", "out_for_delivery"
    ]  # fmt: skip


def test_a_letter_with_one_date_tells_no_history(judge: StateJudge) -> None:
    pages, _ = pages_of_text(
        "Bonn, 4 March 2024\n\nDear customer,\nyour parcel is lost.\n", max_pages=1
    )
    assert history_of(pages, ENGLISH, judge.answers) == ()


def test_earlier_events_of_a_status_report_are_kept() -> None:
    first, _ = (read_message(message) for message in messages(edifact("IFTSTA", STATUS)))
    assert first.fields["status"] == "delivered"
    assert first.events == (Happened("2024-03-04T10:00:00", "EDIFACT 9011 13", "in_transit"),)


def test_earlier_events_of_a_214_are_kept() -> None:
    body = """B10*REF1*SHIP1*ABCD
        LX*1
        AT7*X3*NS***20240304*0800*LT
        MS1*LEIPZIG*SN*DE
        AT7*SD*AO***20240305*0930*LT
        AT7*D1*NS***20240306*1615*LT"""
    (message,) = messages(x12("214", body, "QM"))
    record = read_message(message)
    assert record.fields["status"] == "delivered"
    assert [(e.when, e.state, e.reason, e.place) for e in record.events] == [
        ("2024-03-04T08:00:00", "info_received", "", "LEIPZIG, SN, DE"),
        ("2024-03-05T09:30:00", "exception", "weather", ""),
    ]


def test_a_shipments_history_has_the_events_of_all_messages_once(database: Database) -> None:
    sent = Happened("2024-03-04T08:00:00", "Collected", "in_transit", "", "Leipzig")
    late = Happened("2024-03-05T09:00:00", "Delayed by snow", "exception", "weather", "Kassel")
    header = {"tracking_number": "1Z999AA10123456784"}
    second = extraction("shipment_status", "M2", status="delivered",
                        event_time="2024-03-06T16:00:00", **header)  # fmt: skip
    first = extraction("shipment_status", "M1", status="out_for_delivery",
                       event_time="2024-03-06T07:00:00", **header)  # fmt: skip
    bring(database, replace(second, events=(sent, late)))
    bring(database, replace(first, events=(sent, late)))
    bring(database, replace(first, events=(sent, late)))
    (one,) = shipments(database)
    assert [e.state for e in one.history] == [
        State.IN_TRANSIT, State.EXCEPTION, State.OUT_FOR_DELIVERY, State.DELIVERED
    ]  # fmt: skip
    assert (one.state, one.history[1].reason, one.history[1].place) == (
        State.DELIVERED, "weather", "Kassel",
    )  # fmt: skip
    assert one.doubts == ()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(EventRow)) == 4

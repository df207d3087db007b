"""Shipments: states and reasons from words, tracking numbers, histories, alerts."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from test_db_matching import BILL, ORDER, bring, extraction

from db.database import Database, open_database
from db.shipments import shipments
from doctally.cli.app import run
from doctally.exceptions import reason_of
from doctally.schemas import ShipmentState as State
from doctally.settings import Settings
from doctally.shipments import Event, Shipment, alarming, shipment
from doctally.tracking import candidates, recognise
from flows import alerts
from models.backbone import load_backbone
from models.states import load_judge

HEARD = datetime(2024, 5, 9, tzinfo=UTC)


def event(state: State, day: int, hour: int = 12, **more: Any) -> Event:
    return Event(state, datetime(2024, 5, day, hour, tzinfo=UTC), HEARD, **more)


ROUTE = [
    event(State.INFO_RECEIVED, 1, expected=date(2024, 5, 5)),
    event(State.IN_TRANSIT, 2, place="Leipzig"),
    event(State.OUT_FOR_DELIVERY, 4),
    event(State.ATTEMPT_FAILED, 4, 15, reason="nobody_home"),
    event(State.DELIVERED, 6, place="Bonn"),
]


def test_a_history_is_the_same_whatever_order_the_messages_came_in() -> None:
    expected = shipment("1Z999AA10123456784", "", ROUTE)
    assert (expected.state, expected.place, expected.carrier) == (State.DELIVERED, "Bonn", "UPS")
    assert expected.expected == date(2024, 5, 5) and expected.doubts == ()
    dice = random.Random(1)
    for _ in range(20):
        events = [*dice.sample(ROUTE, len(ROUTE)), dice.choice(ROUTE)]
        assert shipment("1Z999AA10123456784", "", events) == expected


def test_a_delivered_parcel_stays_so_unless_it_came_back() -> None:
    moved = shipment("X", "", [*ROUTE, event(State.IN_TRANSIT, 7)])
    assert moved.state is State.DELIVERED
    assert moved.doubts == ("in_transit after it was delivered",)
    back = shipment("X", "", [*ROUTE, event(State.EXCEPTION, 7, reason="returned")])
    assert (back.state, back.reason) == (State.EXCEPTION, "returned")
    assert back.doubts == ("returned after it was delivered",)


def test_an_announcement_after_the_start_changes_nothing_but_is_a_doubt() -> None:
    one = shipment("X", "", [event(State.IN_TRANSIT, 2), event(State.INFO_RECEIVED, 3)])
    assert one.state is State.IN_TRANSIT
    assert one.doubts == ("info_received after it was on its way",)


def test_overdue_silent_and_troubled_shipments_are_told() -> None:
    late = shipment("A", "", ROUTE[:2])
    assert late.alerts(today=date(2024, 5, 5)) == ()
    assert late.alerts(today=date(2024, 5, 6)) == ("overdue",)
    assert late.alerts(today=date(2024, 5, 20)) == ("overdue", "silent")
    stuck = shipment("B", "", [event(State.EXCEPTION, 5, reason="customs")])
    done = shipment("C", "", ROUTE)
    told = alarming([done, stuck, late], today=date(2024, 5, 6))
    assert [(one.number, why) for one, why in told] == [("A", ("overdue",)), ("B", ("exception",))]


def test_a_time_without_a_zone_is_ordered_with_the_others() -> None:
    naive = Event(State.DELIVERED, datetime(2024, 5, 3), HEARD)
    assert shipment("X", "", [naive, event(State.IN_TRANSIT, 2)]).state is State.DELIVERED


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("Delivery delayed due to severe weather", "exception", "weather"),
        ("Empfänger nicht angetroffen", "attempt_failed", "nobody_home"),
        ("Held by customs, documents missing", "exception", "customs"),
        ("Adresse erronée", "exception", "address"),
        ("Rifiutata dal destinatario", "exception", "refused"),
        ("Przesyłka uszkodzona", "exception", "damaged"),
        ("Missed flight connection, delay expected", "in_transit", "missed_connection"),
        ("Envío extraviado", "exception", "lost"),
        ("Released by customs", "in_transit", None),
        ("Delivered, refused nothing", "delivered", None),
        ("X12 1651 A2", "exception", "address"),
        ("X12 1651 AO", "in_transit", "weather"),
        ("X12 1651 BG", "exception", None),
        ("EDIFACT 9013 14", "exception", "damaged"),
        ("EDIFACT 9013 7", "attempt_failed", "closed"),
        ("EDIFACT 9013 063", "in_transit", "weather"),
        ("EDIFACT 9013 62", "exception", None),
        ("EDIFACT 9011 49", "exception", "lost"),
    ],
)
def test_the_reason_is_told_from_the_words(text: str, status: str, reason: str | None) -> None:
    assert reason_of(text, status) == reason


@pytest.mark.parametrize(
    ("number", "carrier"),
    [("1Z 999 AA1 01 2345 6784", "UPS"), ("RR473124829GB", "post"), ("TBA123456789012", "Amazon")],
)
def test_numbers_are_known_by_form_and_check_digit(number: str, carrier: str) -> None:
    found = recognise(number)
    assert found is not None and found.carrier == carrier
    assert next(candidates(f"Your parcel {number} is on its way")).number == found.number
    if found.checked:
        at = found.number[-3] if carrier == "post" else found.number[-1]
        wrong = str((int(at) + 1) % 10)
        broken = (
            found.number[:-3] + wrong + "GB" if carrier == "post" else found.number[:-1] + wrong
        )
        assert recognise(broken) is None


def test_published_numbers_of_many_carriers_hold_and_broken_ones_do_not(shared_data: Path) -> None:
    kinds = json.loads((shared_data / "status" / "tracking_numbers.json").read_text())
    good = [recognise(n) is not None for kind in kinds for n in kind["valid"]]
    bad = [recognise(n) is None for kind in kinds for n in kind["invalid"]]
    assert sum(good) / len(good) > 0.9 and sum(bad) / len(bad) > 0.9


def test_the_packaged_judge_tells_plain_events_in_several_languages() -> None:
    judge = load_judge(load_backbone())
    assert judge is not None
    said = {
        "Zustellung an den Empfänger erfolgt": "delivered",
        "Out for delivery": "out_for_delivery",
        "Departed sorting centre Lyon": "in_transit",
        "Nous n'avons pas pu vous livrer, destinataire absent": "attempt_failed",
        "Ready for collection at the shop": "available_for_pickup",
        "Package damaged": "exception",
    }
    assert [state for state, _ in judge.answers(list(said))] == list(said.values())


def message(number: str, status: str, when: str, **fields: str) -> Any:
    return extraction(
        "shipment_status", number, tracking_number="1Z999AA10123456784", status=status,
        event_time=when, **fields,
    )  # fmt: skip


def test_messages_become_a_shipment_with_its_order_and_invoice(database: Database) -> None:
    bring(database, ORDER)
    bill = bring(database, BILL)
    late = message(
        "M2", "exception", "2024-04-04T10:00:00Z", order_number="PO-4711",
        status_reason="delay by a storm", expected_delivery_date="2024-04-03",
    )  # fmt: skip
    bring(database, late)
    bring(database, message("M1", "in_transit", "2024-04-02T08:00:00+02:00"))
    (one,) = shipments(database)
    assert (one.state, one.reason, len(one.history)) == (State.EXCEPTION, "weather", 2)
    assert one.orders == ("PO-4711",) and one.invoices == (bill,)
    assert one.alerts(today=date(2024, 4, 5)) == ("exception", "overdue")


def test_the_command_line_shows_what_is_late(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCTALLY_HOME", str(tmp_path))
    from db.database import open_database

    with open_database(Settings(home=tmp_path).url) as database:
        bring(
            database, message("M1", "in_transit", "2024-04-02", expected_delivery_date="2024-04-03")
        )
    assert run(["shipments", "--overdue", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tracking_number"], told["status"]) == ("1Z999AA10123456784", "in_transit")
    assert told["alerts"] == ["overdue", "silent"] and told["carrier"] == "UPS"


def test_what_is_late_is_told_once_and_again_when_it_was_well_in_between(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(alerts, "emit_event", lambda **given: events.append(given))
    late: list[tuple[Shipment, tuple[str, ...]]] = [(shipment("A1", "", ROUTE[:2]), ("overdue",))]
    url = f"sqlite:///{tmp_path}/alerts.db"
    with open_database(url) as database:
        assert alerts.tell_alerts(late, database, now=HEARD)
        assert not alerts.tell_alerts(late, database, now=HEARD)  # told once
    with open_database(url) as database:  # after a restart
        assert not alerts.tell_alerts(late, database, now=HEARD)
        assert not alerts.tell_alerts([], database, now=HEARD)
        assert len(events) == 1
        assert alerts.tell_alerts(late, database, now=HEARD)  # it was well in between
    assert events[0]["payload"] == {"count": 1, "alerts": "A1: overdue"}
    assert alerts.alert_rows(late)[0]["why"] == "overdue"
    foreign = replace(late[0][0], number="[x](http://e)", invoices=(3, 5))
    (row,) = alerts.alert_rows([(foreign, ("silent",))], "http://x")
    assert row["invoices"] == "[3](http://x/documents/3), [5](http://x/documents/5)"
    assert "[" not in row["shipment"]

"""The outbox in SQL: who may send what when, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from db import deliveries, documents
from db.database import Database
from db.deliveries import DeliveryState, Message, add, settle, take_due

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
LEASE_S = 60.0


def given(database: Database, name: str) -> int:
    return documents.refuse(
        database, name=name, tags=(), size=0, code="x", message="x", owner="a", now=NOW
    )


def put(database: Database, *bodies: tuple[int, str], at: datetime = NOW) -> None:
    for document_id, body in bodies:
        with database.write() as session:
            add(session, {document_id: Message("document.accepted", body)}, now=at)


def take(database: Database, at: datetime = NOW) -> deliveries.Delivery | None:
    return take_due(database, now=at, lease_s=LEASE_S)


def end(database: Database, delivery: deliveries.Delivery, state: DeliveryState) -> bool:
    return settle(database, delivery, state, status=200, error="", now=NOW)


def test_a_message_is_taken_by_one_and_again_only_when_that_one_stays_silent(
    database: Database,
) -> None:
    first, second = given(database, "a.pdf"), given(database, "b.pdf")
    put(database, (first, "1"), (second, "2"))
    one, two = take(database), take(database)
    assert one is not None and two is not None
    assert [(d.document_id, d.body, d.attempts) for d in (one, two)] == [
        (first, "1", 1),
        (second, "2", 1),
    ]
    assert take(database) is None
    again = take(database, NOW + timedelta(seconds=LEASE_S))
    assert again is not None
    assert (again.message_id, again.attempts) == (one.message_id, 2)
    assert not end(database, one, DeliveryState.DEAD)  # it was taken over meanwhile
    assert end(database, again, DeliveryState.DELIVERED)
    assert deliveries.counts(database) == {DeliveryState.DELIVERED: 1, DeliveryState.WAITING: 1}


def test_a_document_stored_again_before_it_was_told_is_told_once(database: Database) -> None:
    number = given(database, "a.pdf")
    put(database, (number, "old"), (number, "new"))
    sent = take(database)
    assert sent is not None and sent.body == "new"
    assert take(database) is None
    assert end(database, sent, DeliveryState.DELIVERED)
    put(database, (number, "newer"))
    later = take(database)
    assert later is not None and later.message_id != sent.message_id


def test_an_outbox_row_is_kept_or_lost_with_its_transaction(database: Database) -> None:
    number = given(database, "a.pdf")
    try:
        with database.write() as session:
            add(session, {number: Message("document.accepted", "{}")}, now=NOW)
            raise KeyError("the rest of the transaction failed")
    except KeyError:
        pass
    assert deliveries.counts(database) == {}


def test_dead_messages_are_listed_and_sent_again_when_asked(database: Database) -> None:
    number = given(database, "a.pdf")
    put(database, (number, "1"))
    sent = take(database)
    assert sent is not None and end(database, sent, DeliveryState.DEAD)
    (dead,) = deliveries.deliveries(database, state=DeliveryState.DEAD)
    assert (dead.file, dead.body, dead.last_status) == ("a.pdf", "", 200)
    assert deliveries.retry(database, [dead.delivery_id + 1], now=NOW) == []
    assert deliveries.retry(database, now=NOW) == [dead.delivery_id]
    again = take(database)
    assert again is not None and (again.attempts, again.message_id) == (1, sent.message_id)


def test_messages_go_with_their_document_and_delivered_ones_with_time(
    database: Database,
) -> None:
    number = given(database, "a.pdf")
    put(database, (number, "1"))
    sent = take(database)
    assert sent is not None and end(database, sent, DeliveryState.DELIVERED)
    assert documents.older(database, before=NOW).messages == 0
    assert documents.older(database, before=NOW + timedelta(days=1)).messages == 1
    put(database, (number, "2"))
    documents.purge_older(database, before=NOW + timedelta(days=1))
    assert deliveries.counts(database) == {}

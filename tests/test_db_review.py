"""What people do, in SQL: the trail, holds, drafts, the queue; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import audit, documents, drafts, holds, migrate
from db.claims import Incoming
from db.database import Database, open_database
from db.engine import parsed
from db.review import Order, Wanted, place, place_of, queue, stand, suppliers, total
from db.store import Stored
from doctally.errors import DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction, FieldValue, Finding, Severity, State
from doctally.schemas import DocumentType

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
LOW = Finding("low_confidence", Severity.REVIEW, "total_gross 0.40", ("total_gross",))


def put(
    database: Database,
    number: int,
    supplier: str,
    amount: str,
    *,
    sure: float = 0.4,
    findings: tuple[Finding, ...] = (LOW,),
    outcome: State = State.REVIEW,
    document_type: str = "invoice",
) -> int:
    now = NOW + timedelta(minutes=number)
    file = Incoming(f"{number:064x}", f"Scan {number}.pdf", (), 9)
    (claim,) = documents.claim(database, [file], owner="a", now=now, lease_s=60)
    fields = {
        "supplier_name": FieldValue(supplier, 0.9),
        "document_number": FieldValue(f"RE-{number}", 0.9),
        "total_gross": FieldValue(amount, sure),
        "currency": FieldValue("EUR", 0.9),
    }
    found = Extraction(document_type, 0.9, fields, (), "bank-1")
    row = Stored(claim.document_id, Reading("application/pdf"), found, findings, outcome)
    documents.store(database, [row], owner="a", now=now)
    return claim.document_id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'nobody'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 1",
    ],
)
def test_the_trail_cannot_be_changed_or_shortened(database: Database, statement: str) -> None:
    with database.write() as session:
        audit.write(session, who="ann", action="confirm", document_id=7, now=NOW)
    with pytest.raises((DBAPIError, DoctallyError)), database.write() as session:
        session.execute(text(statement))
    assert [(e.who, e.action, e.document_id) for e in audit.trail(database)] == [
        ("ann", "confirm", 7)
    ]


def test_no_roundabout_way_removes_a_row_of_the_trail(database: Database) -> None:
    with database.write() as session:
        audit.write(session, who="ann", action="confirm", now=NOW)
    ways = {
        "sqlite": "INSERT OR REPLACE INTO audit (id, at, who, action) VALUES (1, 'x', 'eve', 'x')",
        "postgresql": "TRUNCATE audit",
    }
    with pytest.raises((DBAPIError, DoctallyError)), database.write() as session:
        session.execute(text(ways[database.dialect]))
    assert [entry.who for entry in audit.trail(database)] == ["ann"]


def test_the_trail_is_read_newest_first_by_document_and_on_from_the_last_seen(
    database: Database,
) -> None:
    with database.write() as session:
        for number in range(5):
            changed = {"field": "total_gross", "old": str(number), "new": str(number + 1)}
            audit.write(
                session, who="ann", action="changed", document_id=number % 2, now=NOW, **changed
            )
    newest = audit.trail(database, limit=2)
    assert [entry.old for entry in newest] == ["4", "3"]
    assert [e.old for e in audit.trail(database, before=newest[-1].entry_id)] == ["2", "1", "0"]
    assert [entry.new for entry in audit.trail(database, 1)] == ["4", "2"]


def test_the_trail_outlives_its_document(database: Database) -> None:
    number = documents.refuse(
        database, name="a", tags=(), size=0, code="x", message="x", owner="a", now=NOW
    )
    with database.write() as session:
        audit.write(session, who="ann", action="reject", document_id=number, now=NOW)
    assert documents.purge_older(database, before=NOW + timedelta(days=1)) == 1
    assert [entry.document_id for entry in audit.trail(database, number)] == [number]


def test_a_document_is_held_by_one_until_the_hold_ends_or_is_given_up(
    database: Database,
) -> None:
    number = put(database, 1, "ACME", "10.00")

    def take(holder: str, after_s: float = 0) -> holds.Hold:
        at = NOW + timedelta(seconds=after_s)
        return holds.take(database, number, holder=holder, who=holder, now=at, lease_s=60)

    assert take("ann").mine
    other = take("bob", 30)
    assert (other.mine, other.who) == (False, "ann")
    assert take("ann", 50).mine
    assert not take("bob", 100).mine
    assert take("bob", 110).mine
    assert not take("ann", 111).mine
    assert not holds.give_up(database, number, holder="ann")
    assert holds.give_up(database, number, holder="bob")
    assert take("ann", 112).mine


def test_a_draft_is_kept_replaced_and_refused_to_others(database: Database) -> None:
    number = put(database, 1, "ACME", "10.00")
    holds.take(database, number, holder="h1", who="ann", now=NOW, lease_s=60)
    for body in ({"fields": {"total_gross": {"value": "1"}}}, {"accepted": ["currency"]}):
        drafts.save(database, number, body, who="ann", holder="h1", now=NOW)
    found = drafts.draft(database, number)
    assert found is not None and (found.who, found.body) == ("ann", {"accepted": ["currency"]})
    with pytest.raises(holds.HeldByAnother, match="ann has this document open"):
        drafts.save(database, number, {}, who="bob", holder="h2", now=NOW)
    with database.write() as session:
        drafts.forget(session, number)
    assert drafts.draft(database, number) is None


def test_the_most_doubtful_and_valuable_comes_first_and_pages_leave_nothing_out(
    database: Database,
) -> None:
    small = put(database, 1, "ACME", "10.00")
    large = put(database, 2, "ACME", "90000.00")
    surer = put(database, 3, "ACME", "90000.00", sure=0.65)
    refused = put(database, 4, "ACME", "90000.00", findings=(LOW, LOW, _reject()))
    put(database, 5, "ACME", "90000.00", outcome=State.ACCEPTED)
    found = queue(database, Wanted(), now=NOW)
    assert [entry.document_id for entry in found] == [refused, large, surer, small]
    assert (found[1].doubts, found[1].amount, found[1].currency) == (1, Decimal("90000.00"), "EUR")
    for order in Order:
        whole = queue(database, Wanted(state=None), now=NOW, order=order)
        seen, after = [], None
        while page := queue(
            database, Wanted(state=None), now=NOW, order=order, after=after, limit=2
        ):
            seen += page
            after = place_of(page[-1])
        assert seen == whole and len(whole) == 5
    here = place(database, large)
    assert [e.document_id for e in queue(database, Wanted(), now=NOW, after=here)] == [surer, small]


def _reject() -> Finding:
    return Finding("schema_invalid", Severity.REJECT, "x", ("issue_date",))


def test_documents_of_equal_priority_follow_each_other(database: Database) -> None:
    ids = [put(database, number, "ACME", "10.00") for number in range(5)]
    seen: list[int] = []
    after = None
    while page := queue(database, Wanted(), now=NOW, after=after, limit=2):
        seen += [entry.document_id for entry in page]
        after = place_of(page[-1])
    assert seen == ids[::-1]


def test_the_queue_is_filtered_and_searched_without_regard_to_accents(
    database: Database,
) -> None:
    first = put(database, 1, "Müller & Söhne", "10.00")
    second = put(database, 2, "Méchin 100%", "20.00", document_type="credit_note")
    third = put(database, 3, "ACME", "30.00", findings=(_reject(),))

    def ids(**wanted: object) -> list[int]:
        chosen = Wanted(**wanted)  # type: ignore[arg-type]
        found = [entry.document_id for entry in queue(database, chosen, now=NOW)]
        assert len(found) == total(database, chosen)
        return sorted(found)

    assert ids(search="muller") == [first]
    assert ids(search="MÜLLER re-1") == [first]
    assert ids(search="scan 3.pdf") == [third]
    assert ids(search="0%") == [second]
    assert ids(search="_") == []
    assert ids(document_type=DocumentType.CREDIT_NOTE) == [second]
    assert ids(supplier="ACME") == [third]
    assert ids(finding="schema_invalid") == [third]
    assert ids(state=State.ACCEPTED) == []
    assert suppliers(database) == {"ACME": 1, "Méchin 100%": 1, "Müller & Söhne": 1}


def test_the_queue_says_who_has_a_document_open(database: Database) -> None:
    number = put(database, 1, "ACME", "10.00")
    holds.take(database, number, holder="h", who="ann", now=NOW, lease_s=60)
    assert [entry.held_by for entry in queue(database, Wanted(), now=NOW)] == ["ann"]
    later = NOW + timedelta(seconds=61)
    assert [entry.held_by for entry in queue(database, Wanted(), now=later)] == [None]


def test_how_things_stand_changes_with_documents_and_holds_and_with_nothing_else(
    database: Database,
) -> None:
    number = put(database, 1, "ACME", "10.00")
    first = stand(database, now=NOW)
    drafts.save(database, number, {}, who="ada", holder=None, now=NOW)
    assert stand(database, now=NOW) == first
    holds.take(database, number, holder="x", who="ada", now=NOW, lease_s=60)
    held = stand(database, now=NOW)
    assert held.held == ((number, "ada"),) and held.changed == first.changed
    holds.take(database, number, holder="x", who="ada", now=NOW, lease_s=90)  # renewed
    assert stand(database, now=NOW) == held
    assert stand(database, now=NOW + timedelta(seconds=90)) == first
    put(database, 2, "ACME", "10.00", outcome=State.ACCEPTED)
    assert stand(database, now=NOW + timedelta(seconds=90)) != first


def test_a_file_that_failed_is_found_by_its_name(database: Database) -> None:
    documents.refuse(
        database, name="Größe.pdf", tags=(), size=0, code="x", message="x", owner="a", now=NOW
    )
    found = queue(database, Wanted(state=State.FAILED, search="grosse"), now=NOW)
    assert [entry.name for entry in found] == ["Größe.pdf"]


def test_documents_stored_before_the_queue_had_columns_get_theirs(database_url: str) -> None:
    url = parsed(database_url)
    with open_database(database_url) as database:
        sure = put(database, 1, "ACME", "10.00", sure=0.9)
        doubtful = put(database, 2, "Müller", "99.50")
    migrate.down_to(url, "0004")
    with open_database(database_url) as database:
        found = queue(database, Wanted(), now=NOW)
        assert [entry.document_id for entry in found] == [doubtful, sure]
        assert (found[0].supplier, found[0].amount, found[0].number) == (
            "Müller",
            Decimal("99.50"),
            "RE-2",
        )
        assert total(database, Wanted(search="re-2")) == 1


def test_sqlite_reads_a_page_of_the_queue_from_an_index(database: Database) -> None:
    if database.dialect != "sqlite":
        pytest.skip("the plan is SQLite's")
    statement = "SELECT id FROM documents WHERE state = 'review' {} ORDER BY priority DESC, id DESC"
    for more in ("", "AND priority <= 2 AND (priority < 2 OR priority = 2 AND id < 9)"):
        with database.read() as session:
            plan = session.execute(text("EXPLAIN QUERY PLAN " + statement.format(more)))
            told = " ".join(str(row[-1]) for row in plan)
        assert "ix_documents_state_priority_id" in told and "TEMP B-TREE" not in told

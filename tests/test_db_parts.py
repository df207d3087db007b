"""Documents inside other documents, in SQL, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import MetaData, Table, insert, select, text

from db import documents, migrate
from db.database import Database, open_database
from db.documents import Claim, ClaimStatus, Incoming, Stored
from db.engine import parsed
from db.life import IllegalTransition
from db.tables import DocumentRow
from doctally.pages import Reading
from doctally.results import Extraction, Finding, Severity, State

NOW = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
US = {"owner": "us", "now": NOW}
HELD = {**US, "lease_s": 60.0}
MAIL = Reading("message/rfc822", metadata={"from": "a@example.org", "subject": "two invoices\x00"})


def incoming(letter: str, name: str = "") -> Incoming:
    return Incoming(letter * 64, name or f"{letter}.pdf", ("acme",), 10)


def container(document_id: int, outcome: State = State.UNPACKED) -> Stored:
    told = (Finding("macros_ignored", Severity.INFO, "There are macros."),)
    return Stored(document_id, MAIL, None, told, outcome)


def unpack(database: Database, parent: int, parts: Sequence[Incoming]) -> list[Claim]:
    found = documents.unpack(database, container(parent), parts, **HELD)
    assert found is not None
    return found


def parent_of(database: Database, letter: str = "f") -> int:
    return documents.claim(database, [incoming(letter, "mail.eml")], **HELD)[0].document_id


def test_the_parts_of_a_file_become_claimed_documents_and_the_file_ends(
    database: Database,
) -> None:
    parent = parent_of(database)
    first = Incoming("a" * 64, "a.pdf", ("acme",), 10, pages=(2, 3))
    claims = unpack(database, parent, [first, incoming("b")])
    assert [claim.status for claim in claims] == [ClaimStatus.NEW] * 2
    stored = documents.document(database, parent)
    assert stored.summary.state is State.UNPACKED
    assert stored.details == {"from": "a@example.org", "subject": "two invoices"}
    assert stored.parts == tuple(claim.document_id for claim in claims)
    assert [finding.code for finding in stored.findings] == ["macros_ignored"]
    assert [step.after for step in stored.history] == [State.CLAIMED, State.READ, State.UNPACKED]
    child = documents.document(database, claims[0].document_id)
    assert child.summary.parent_id == parent
    assert child.summary.state is State.CLAIMED
    assert child.pages_in_parent == (2, 3)
    waiting = documents.unfinished(database, mine=True, **HELD)
    assert [entry.parent_id for entry in waiting] == [parent, parent]


def test_unpacking_again_gives_the_same_documents(database: Database) -> None:
    parent = parent_of(database)
    first = unpack(database, parent, [incoming("a"), incoming("b")])
    again = unpack(database, parent, [incoming("a"), incoming("b")])
    assert [c.document_id for c in again] == [c.document_id for c in first]
    assert {c.status for c in again} == {ClaimStatus.RESUMED}
    assert documents.counts(database) == {State.UNPACKED: 1, State.CLAIMED: 2}


def test_a_part_that_is_known_is_linked_and_not_taken_again(database: Database) -> None:
    known = documents.claim(database, [incoming("a", "a.pdf")], **HELD)[0].document_id
    parent = parent_of(database)
    (claim,) = unpack(database, parent, [incoming("a", "a.pdf")])
    assert claim.status is ClaimStatus.DUPLICATE
    assert claim.first_id == known
    stored = documents.document(database, known)
    assert stored.summary.parent_id is None
    assert [arrival.parent_id for arrival in stored.arrivals] == [parent]


def test_a_part_that_failed_before_is_taken_up_again_and_keeps_its_own_parent(
    database: Database,
) -> None:
    old = parent_of(database, "e")
    (claim,) = unpack(database, old, [incoming("a")])
    documents.fail(database, claim.document_id, "damaged", "cut short", **US)
    (again,) = unpack(database, parent_of(database), [incoming("a", "other.pdf")])
    assert again.status is ClaimStatus.RESUMED
    assert again.document_id == claim.document_id
    assert documents.document(database, claim.document_id).summary.parent_id == old


def test_the_same_content_twice_in_a_file_is_one_document(database: Database) -> None:
    first, second = unpack(
        database, parent_of(database), [incoming("a"), incoming("a", "copy.pdf")]
    )
    assert (first.status, second.status) == (ClaimStatus.NEW, ClaimStatus.DUPLICATE)
    assert first.document_id == second.document_id


def test_a_file_that_holds_itself_ends_like_any_other(database: Database) -> None:
    parent = parent_of(database)
    (claim,) = unpack(database, parent, [incoming("f", "droste.zip")])
    assert claim.status is ClaimStatus.DUPLICATE
    assert documents.lineage(database, parent).total == 0


def test_a_document_that_another_owner_took_over_is_not_unpacked(database: Database) -> None:
    parent = parent_of(database)
    other = {**HELD, "owner": "they"}
    assert documents.unpack(database, container(parent), [incoming("a")], **other) is None
    assert documents.counts(database) == {State.CLAIMED: 1}


def test_a_document_with_values_of_its_own_may_hold_others(database: Database) -> None:
    parent = parent_of(database)
    status = Extraction("shipment_status", 0.9, {})
    own = Stored(parent, MAIL, status, (), State.ACCEPTED)
    claims = documents.unpack(database, own, [incoming("a")], **HELD)
    assert claims is not None
    assert documents.document(database, parent).summary.state is State.ACCEPTED
    with pytest.raises(IllegalTransition):
        documents.store(database, [Stored(parent, MAIL, status, (), State.UNPACKED)], **US)


def test_lineage_counts_the_depth_and_all_that_the_outermost_file_holds(
    database: Database,
) -> None:
    outer = parent_of(database)
    inner, _ = unpack(database, outer, [incoming("a", "inner.zip"), incoming("b")])
    (deep,) = unpack(database, inner.document_id, [incoming("c")])
    found = documents.lineage(database, deep.document_id)
    assert (found.root_id, found.depth, found.total) == (outer, 2, 3)


def test_the_overview_names_the_file_that_a_document_came_in(database: Database) -> None:
    unpack(database, parent_of(database), [incoming("a")])
    query = text("SELECT file, came_in, parts FROM documents_overview ORDER BY document_id")
    with database.read() as session:
        rows = [tuple(row) for row in session.execute(query)]
    assert rows == [("mail.eml", None, 1), ("a.pdf", "mail.eml", 0)]


def test_the_upgrade_to_parents_keeps_rows_and_never_gives_an_id_twice(
    empty_database_url: str,
) -> None:
    url = parsed(empty_database_url)
    open_database(empty_database_url).close()
    migrate.down_to(url, "0001")
    with migrate.alone(url) as connection:
        row = {
            **dict.fromkeys(("name", "tags", "reason_code", "reason", "owner", "location"), ""),
            **{"model_version": "", "excerpt": "", "size": 1, "attempts": 1, "state": "accepted"},
            **{"claimed_at": NOW, "updated_at": NOW},
        }
        table = Table("documents", MetaData(), autoload_with=connection)  # as it was then
        for number in (1, 2):
            values = {**row, "id": number, "public_id": str(number), "sha256": str(number) * 64}
            connection.execute(insert(table).values(values).inline())
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT setval('documents_id_seq', 2)")
        connection.exec_driver_sql("DELETE FROM documents WHERE id = 2")
    with open_database(empty_database_url) as opened:
        assert documents.document(opened, 1).summary.state is State.ACCEPTED
        assert parent_of(opened) == 3
        with opened.read() as session:
            assert session.scalars(select(DocumentRow.parent_id)).all() == [None, None]


def test_going_back_to_before_parents_keeps_unpacked_files_as_failed(
    empty_database_url: str,
) -> None:
    with open_database(empty_database_url) as opened:
        parent = parent_of(opened)
        unpack(opened, parent, [incoming("a")])
    migrate.down_to(parsed(empty_database_url), "0001")
    with migrate.alone(parsed(empty_database_url)) as connection:
        state = connection.exec_driver_sql(f"SELECT state FROM documents WHERE id = {parent}")
        assert state.scalar() == "failed"

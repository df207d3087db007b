"""Claims: each content exactly once, whatever crashes and however many workers look."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from db import documents
from db.claims import Claim, ClaimStatus, Incoming
from db.database import Database, open_database
from db.life import NEXT, WORKING, IllegalTransition, path
from db.tables import ArrivalRow, DocumentRow
from doctally.results import State

NOW = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=11)
LEASE_S = 600.0
NEW, RESUMED, DUPLICATE, BUSY = (
    ClaimStatus.NEW,
    ClaimStatus.RESUMED,
    ClaimStatus.DUPLICATE,
    ClaimStatus.BUSY,
)


def _file(content: int, name: str = "", **given: Any) -> Incoming:
    return Incoming(f"{content:064x}", name or f"{content}.pdf", ("acme",), 1234, **given)


def _claim(
    database: Database, *files: Incoming, owner: str = "a", now: datetime = NOW
) -> list[Claim]:
    return documents.claim(database, files, owner=owner, now=now, lease_s=LEASE_S)


def _one(database: Database, file: Incoming, **given: Any) -> Claim:
    (found,) = _claim(database, file, **given)
    return found


def _rows(database: Database, table: Any) -> int:
    with database.read() as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def test_the_same_content_twice_in_a_batch_is_one_document(database: Database) -> None:
    found = _claim(database, _file(1), _file(2), _file(1, "copy.pdf"))
    assert [c.status for c in found] == [NEW, NEW, DUPLICATE]
    assert found[2].document_id == found[2].first_id == found[0].document_id
    assert found[0].first_id is None
    stored = documents.document(database, found[0].document_id)
    assert [(a.name, a.tags) for a in stored.arrivals] == [("copy.pdf", ("acme",))]
    assert stored.summary.tags == ("acme",)
    assert [(t.before, t.after) for t in stored.history] == [(None, State.CLAIMED)]


def test_a_claim_is_resumed_by_its_owner_and_refused_to_others_until_its_lease_ends(
    database: Database,
) -> None:
    first = _one(database, _file(1))
    assert _one(database, _file(1)).status is RESUMED
    assert _one(database, _file(1), owner="b").status is BUSY
    later = _one(database, _file(1), owner="b", now=LATER)
    assert (later.status, later.document_id, later.attempts) == (RESUMED, first.document_id, 3)
    assert _one(database, _file(1), owner="a", now=LATER).status is BUSY
    assert _rows(database, DocumentRow) == 1
    assert _rows(database, ArrivalRow) == 0


def test_another_file_with_a_content_under_way_is_a_duplicate_for_everyone(
    database: Database,
) -> None:
    _one(database, _file(1))
    assert _one(database, _file(1, "copy.pdf")).status is DUPLICATE
    assert _one(database, _file(1, "third.pdf"), owner="b").status is DUPLICATE
    assert _rows(database, ArrivalRow) == 2


def test_the_file_itself_tells_a_second_drop_of_the_same_name_from_a_second_look(
    database: Database,
) -> None:
    first = _file(1, "scan.pdf", file_id="7:100:5")
    again = replace(first, file_id="7:101:9")
    _one(database, first)
    assert _one(database, first, owner="b").status is BUSY
    assert _one(database, again).status is DUPLICATE
    assert _one(database, again, owner="b").status is DUPLICATE
    assert _rows(database, ArrivalRow) == 1


def test_a_finished_document_is_not_processed_again_but_a_failed_one_is(
    database: Database,
) -> None:
    claim = _one(database, _file(1))
    assert documents.fail(database, claim.document_id, "encrypted", "why", owner="a", now=NOW)
    again = _one(database, _file(1, "unlocked name.pdf"), owner="b", now=LATER)
    assert (again.status, again.first_id) == (RESUMED, claim.document_id)
    stored = documents.document(database, claim.document_id)
    assert stored.summary.state is State.CLAIMED
    assert (stored.summary.reason_code, stored.summary.reason) == ("", "")
    assert stored.summary.name == "unlocked name.pdf"
    assert [a.name for a in stored.arrivals] == ["1.pdf"]
    assert stored.history[-1].reason_code == "resumed"


def test_what_a_dead_worker_left_is_taken_over_when_its_lease_ends(database: Database) -> None:
    claims = _claim(database, _file(1), _file(2))
    documents.relocate(database, claims[0].document_id, "processing/x.pdf")
    ids = [c.document_id for c in claims]
    documents.advance(database, ids, State.READ, owner="a", now=NOW)

    def left(owner: str, now: datetime, **given: bool) -> list[documents.Pending]:
        return documents.unfinished(database, owner=owner, now=now, lease_s=LEASE_S, **given)

    assert left("b", NOW) == []
    assert left("a", NOW) == []
    assert [p.document_id for p in left("a", NOW, mine=True)] == ids
    found = left("b", LATER)
    assert [(p.document_id, p.attempts) for p in found] == [(ids[0], 3), (ids[1], 3)]
    assert documents.counts(database) == {State.CLAIMED: 2}
    assert found[0].location == "processing/x.pdf"
    assert left("c", LATER) == []
    assert documents.advance(database, ids, State.READ, owner="a", now=LATER) == frozenset()
    assert not documents.fail(database, ids[0], "x", "x", owner="a", now=LATER)


def test_a_renewed_lease_keeps_others_away(database: Database) -> None:
    claim = _one(database, _file(1))
    renew = {"now": LATER - timedelta(minutes=5), "lease_s": LEASE_S}
    held = documents.renew(database, [claim.document_id, 999], owner="a", **renew)
    assert held == {claim.document_id}
    assert documents.renew(database, [claim.document_id], owner="b", **renew) == frozenset()
    assert documents.unfinished(database, owner="b", now=LATER, lease_s=LEASE_S) == []


def test_a_file_that_cannot_be_read_has_one_failed_row_until_it_is_claimed(
    database: Database,
) -> None:
    given = {"name": "1.pdf", "tags": ("acme",), "size": 3, "owner": "a"}
    reason = {"code": "no_permission", "message": "Permission denied."}
    row = documents.refuse(database, **given, **reason, now=NOW)
    assert documents.refuse(database, **given, **reason, now=LATER) == row
    (found,) = documents.recent(database, state=State.FAILED)
    assert (found.document_id, found.updated_at) == (row, LATER)
    assert found.reason_code == "no_permission"
    assert _one(database, _file(1)).status is NEW
    assert documents.counts(database) == {State.CLAIMED: 1}


def test_names_that_no_database_can_hold_are_made_storable(database: Database) -> None:
    odd = Incoming("f" * 64, "a\x00b\udcff.pdf", ("x\udc80",), 1)
    assert _one(database, odd).status is NEW
    assert _one(database, odd).status is RESUMED
    assert _one(database, odd, owner="b").status is BUSY
    assert documents.recent(database)[0].name == "ab?.pdf"


def _race(url: str, owner: str, gate: Any, answers: Any) -> None:
    files = [_file(n, f"{n}.pdf") for n in range(50)]
    with open_database(url) as database:
        gate.wait()
        found = [
            c
            for start in range(0, 50, 7)
            for c in _claim(database, *reversed(files[start : start + 7]), owner=owner)
        ]
    answers.put((owner, [(c.document_id, str(c.status)) for c in found]))


def test_processes_that_claim_the_same_files_share_them_without_overlap(
    database_url: str,
) -> None:
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(3), context.Queue()
    workers = [
        context.Process(target=_race, args=(database_url, f"w{n}", gate, answers)) for n in range(3)
    ]
    for worker in workers:
        worker.start()
    found = dict(answers.get(timeout=120) for _ in workers)
    for worker in workers:
        worker.join()
    won = [i for rows in found.values() for i, status in rows if status == "new"]
    assert len(won) == len(set(won)) == 50
    others = {status for rows in found.values() for _, status in rows if status != "new"}
    assert others <= {"busy"}
    with open_database(database_url) as database:
        assert documents.counts(database) == {State.CLAIMED: 50}
        with database.read() as session:
            owners = dict(session.execute(select(DocumentRow.id, DocumentRow.owner)).all())
    for owner, rows in found.items():
        assert all(owners[i] == owner for i, status in rows if status == "new")


def test_every_state_has_its_successors_and_failure_is_never_a_dead_end() -> None:
    assert set(NEXT) == set(State)
    assert all(State.FAILED in NEXT[state] for state in WORKING)
    assert NEXT[State.FAILED] == {State.CLAIMED}


def test_a_way_through_the_work_skips_no_step() -> None:
    steps = (State.READ, State.ROUTED, State.EXTRACTED, State.VALIDATED, State.ACCEPTED)
    assert path(State.CLAIMED, State.ACCEPTED) == steps
    assert path(State.MATCHED, State.REVIEW) == (State.REVIEW,)
    assert path(State.REVIEW, State.REVIEW) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.CONFIRMED, State.ACCEPTED),
        (State.FAILED, State.ACCEPTED),
        (State.MATCHED, State.EXTRACTED),
        (State.ACCEPTED, State.CLAIMED),
    ],
)
def test_there_is_no_way_back_but_over_a_new_claim(before: State, after: State) -> None:
    with pytest.raises(IllegalTransition, match=f"from {before} to {after}"):
        path(before, after)


def test_an_illegal_step_raises_and_changes_nothing(database: Database) -> None:
    ids = [c.document_id for c in _claim(database, _file(1), _file(2))]
    documents.advance(database, ids[:1], State.READ, owner="a", now=NOW)
    with pytest.raises(IllegalTransition):
        documents.advance(database, ids, State.ROUTED, owner="a", now=NOW)
    assert documents.counts(database) == {State.CLAIMED: 1, State.READ: 1}
    with pytest.raises(ValueError, match="outcome"):
        documents.advance(database, ids, State.ACCEPTED, owner="a", now=NOW)
    assert len(documents.document(database, ids[0]).history) == 2

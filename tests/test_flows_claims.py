from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db import documents
from db.database import Database, open_database
from doctally.errors import AccessDenied
from doctally.results import State
from flows import claims
from flows.claims import Intake, Job, take
from flows.folders import Folders
from flows.inbox import Inbox
from flows.recovery import Recovery, recover
from flows.suspects import Suspects

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
OWNER = "here:home"
NOBODY = 65_534


class Place:
    """A home whose steps are made by hand, one at a time."""

    def __init__(self, home: Path, database: Database) -> None:
        self.folders = Folders(home)
        self.folders.create()
        self.database = database
        self.inbox = Inbox(self.folders, settle_s=0)
        self.now = NOW

    def drop(self, name: str, content: bytes = b"content") -> Path:
        path = self.folders.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def take(self) -> Intake:
        return take(
            self.database, self.folders, self.inbox, self.inbox.look(), owner=OWNER, now=self.now
        )

    def recover(self) -> Recovery:
        return recover(self.database, self.folders, owner=OWNER, now=self.now)

    def files(self) -> list[str]:
        home = self.folders.home
        return sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if not p.is_dir())

    def states(self) -> dict[str, str]:
        return {d.name: str(d.state) for d in documents.recent(self.database, limit=1000)}


@pytest.fixture
def place(home: Path, database: Database) -> Place:
    return Place(home, database)


def only(intake: Intake) -> Job:
    assert len(intake.jobs) == 1
    return intake.jobs[0]


def test_a_complete_file_becomes_a_claimed_document_in_processing(place: Place) -> None:
    place.drop("acme/invoice.pdf")
    job = only(place.take())
    assert job.tags == ("acme",)
    assert place.files() == [f"processing/{job.document_id}-invoice.pdf"]
    stored = documents.document(place.database, job.document_id).summary
    assert (stored.state, stored.location) == (State.CLAIMED, place.files()[0])


def test_the_same_content_twice_is_processed_once_and_both_files_are_kept(place: Place) -> None:
    place.drop("a.pdf")
    place.drop("b.pdf")
    intake = place.take()
    job = only(intake)
    assert [d.first_id for d in intake.duplicates] == [job.document_id]
    assert len(place.files()) == 2
    assert [f for f in place.files() if "duplicate" in f and f.startswith("processed/2026/03/")]


def test_the_same_file_again_while_it_is_in_work_waits_and_is_then_a_duplicate(
    place: Place,
) -> None:
    place.drop("a.pdf")
    job = only(place.take())
    place.drop("a.pdf")
    again = place.take()
    assert (again.jobs, again.duplicates, again.waiting) == ((), (), 1)
    documents.fail(place.database, job.document_id, "empty", "no content", owner=OWNER, now=NOW)
    place.recover()
    assert only(place.take()).document_id == job.document_id


def test_a_failed_document_dropped_again_is_tried_again_and_its_reason_goes(
    place: Place,
) -> None:
    place.drop("a.pdf")
    job = only(place.take())
    documents.fail(place.database, job.document_id, "empty", "no content", owner=OWNER, now=NOW)
    place.recover()
    filed = f"failed/{job.document_id}-a.pdf"
    assert place.files() == [filed, f"{filed}.reason.txt"]
    text = (place.folders.home / f"{filed}.reason.txt").read_text()
    assert "no content [empty]" in text and "What to do" in text
    (place.folders.home / filed).rename(place.folders.inbox / f"{job.document_id}-a.pdf")
    assert only(place.take()).document_id == job.document_id
    assert place.files() == [f"processing/{job.document_id}-a.pdf"]


@pytest.fixture
def ordinary() -> Iterator[Place]:
    """Give a home that belongs to an ordinary user, and be that user: root may do everything."""
    base = Path(tempfile.mkdtemp(prefix="dtuser"))
    root = os.geteuid() == 0
    with open_database(f"sqlite:///{base}/home/doctally.db") as database:
        place = Place(base / "home", database)
        if root:
            for path in (base, *base.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield place
        finally:
            if root:
                os.seteuid(0)
    for path in base.rglob("*"):
        path.chmod(0o700)
    shutil.rmtree(base)


def test_a_file_without_read_permission_is_refused_and_the_others_go_on(ordinary: Place) -> None:
    ordinary.drop("locked.pdf", b"secret").chmod(0)
    ordinary.drop("open.pdf", b"plain")
    intake = ordinary.take()
    assert only(intake).name == "open.pdf"
    refusal = intake.refusals[0]
    assert (refusal.name, refusal.code) == ("locked.pdf", "access_denied")
    assert ordinary.states() == {"locked.pdf": "failed", "open.pdf": "claimed"}
    filed = ordinary.folders.failed / f"{refusal.document_id}-locked.pdf"
    assert filed.exists()
    assert "Permission denied" in filed.with_name(f"{filed.name}.reason.txt").read_text()
    assert not list(ordinary.folders.inbox.iterdir())


def test_a_folder_without_permission_is_told_once_and_the_others_go_on(ordinary: Place) -> None:
    closed = ordinary.folders.inbox / "closed"
    closed.mkdir(mode=0)
    ordinary.drop("open.pdf")
    intake = ordinary.take()
    assert only(intake).name == "open.pdf"
    assert [(r.name, r.code) for r in intake.refusals] == [("closed", "access_denied")]
    assert ordinary.take().nothing
    assert ordinary.states()["closed"] == "failed"
    number = intake.refusals[0].document_id
    assert (ordinary.folders.failed / f"{number}-closed.reason.txt").is_file()
    assert closed.is_dir()


def test_files_of_a_folder_we_may_not_change_stay_until_we_may(ordinary: Place) -> None:
    kept = ordinary.drop("readonly/a.pdf", b"a")
    kept.parent.chmod(0o500)
    ordinary.drop("open.pdf", b"b")
    intake = ordinary.take()
    assert only(intake).name == "open.pdf"
    assert [r.name for r in intake.refusals] == ["readonly"]
    assert kept.is_file()
    kept.parent.chmod(0o700)
    assert only(ordinary.take()).name == "a.pdf"


def test_a_link_is_refused_with_its_reason_and_its_target_stays(
    place: Place, tmp_path: Path
) -> None:
    target = tmp_path / "target.pdf"
    target.write_bytes(b"x")
    (place.folders.inbox / "link.pdf").symlink_to(target)
    refusal = place.take().refusals[0]
    assert refusal.code == "not_a_file"
    assert (place.folders.failed / f"{refusal.document_id}-link.pdf").is_symlink()
    assert target.read_bytes() == b"x"


def test_a_kill_between_the_claim_and_the_move_is_completed_by_the_next_look(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.drop("a.pdf")

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(claims, "move", killed)
        with pytest.raises(Killed):
            place.take()
    assert place.files() == ["inbox/a.pdf"]
    assert place.recover().jobs == ()
    assert only(place.take()).name == "a.pdf"
    assert len(documents.recent(place.database)) == 1


def test_a_document_in_work_is_handed_out_again_after_a_kill(place: Place) -> None:
    place.drop("acme/a.pdf")
    job = only(place.take())
    again = place.recover()
    assert [j.document_id for j in again.jobs] == [job.document_id]
    assert again.jobs[0].path == job.path and again.jobs[0].tags == ("acme",)


def test_no_number_of_stops_is_held_against_a_document(place: Place) -> None:
    place.drop("unlucky.pdf", b"unlucky")
    place.drop("bystander.pdf", b"bystander")
    unlucky = next(job for job in place.take().jobs if job.name == "unlucky.pdf")
    for number in range(1, 9):
        with pytest.raises(RuntimeError), Suspects(place.folders.home).trying(unlucky.document_id):
            raise RuntimeError("as a crash would leave it")
        assert Suspects(place.folders.home).tries == {unlucky.document_id: number}
        assert len(place.recover().jobs) == 2


def test_a_file_touched_after_a_kill_between_claim_and_move_is_not_taken_for_a_twin(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.drop("a.pdf", b"content")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(claims, "move", _killed)
        place.take()
    os.utime(path, (1, 1))
    assert len(place.recover().jobs) == 0
    job = only(place.take())
    assert place.files() == [f"processing/{job.document_id}-a.pdf"]
    place.drop("b.pdf", b"content")
    assert [twin.first_id for twin in place.take().duplicates] == [job.document_id]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_being_told_to_stop_is_held_against_no_document(home: Path) -> None:
    home.mkdir()
    with pytest.raises(KeyboardInterrupt), Suspects(home).trying(7):
        raise KeyboardInterrupt
    assert not Suspects(home).tries
    with Suspects(home).trying(7):
        assert Suspects(home).tries == {7: 1}
    assert not Suspects(home).tries


def test_a_strangers_file_in_processing_goes_back_to_the_inbox(place: Place) -> None:
    place.drop("a.pdf", b"ours")
    job = only(place.take())
    documents.fail(place.database, job.document_id, "empty", "no", owner=OWNER, now=NOW)
    place.recover()
    (place.folders.processing / "notes.txt").write_bytes(b"by hand")
    (place.folders.processing / f"{job.document_id}-other.pdf").write_bytes(b"by hand too")
    assert place.recover().returned == 2
    assert sorted(p.name for p in place.folders.inbox.iterdir()) == [
        f"{job.document_id}-other.pdf",
        "notes.txt",
    ]


def test_a_file_taken_away_while_claimed_fails_with_that_reason(place: Place) -> None:
    place.drop("a.pdf")
    only(place.take()).path.unlink()
    assert place.recover().failed == 1
    assert documents.recent(place.database)[0].reason_code == "file_missing"


def test_a_file_taken_away_before_the_move_fails_and_the_others_go_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = place.drop("gone.pdf", b"gone")
    place.drop("here.pdf", b"here")
    real = claims.move

    def late(source: Path, target: Path) -> None:
        gone.unlink(missing_ok=True)
        real(source, target)

    monkeypatch.setattr(claims, "move", late)
    intake = place.take()
    assert only(intake).name == "here.pdf"
    assert [r.code for r in intake.refusals] == ["file_missing"]


def test_a_file_that_cannot_be_moved_is_not_offered_until_it_changes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = place.drop("stuck.pdf")

    def refuse(source: Path, target: Path) -> None:
        raise AccessDenied(f"{source}: Operation not permitted")

    with monkeypatch.context() as patched:
        patched.setattr(claims, "move", refuse)
        assert len(place.take().refusals) == 1
    assert place.take().nothing
    stuck.chmod(0o600)
    assert only(place.take()).name == "stuck.pdf"


@pytest.mark.parametrize("code", ["database_locked", "database_unreachable", "disk_full"])
def test_trouble_that_passes_is_not_held_against_a_file(
    place: Place, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    place.drop("a.pdf", b"one")
    place.drop("b.pdf", b"two")
    real, calls = documents.relocate, []

    def refuse(database: Database, number: int, location: str) -> None:
        calls.append(number)
        if len(calls) == 2:
            raise AccessDenied("try again later", code=code)
        real(database, number, location)

    with monkeypatch.context() as patched:
        patched.setattr(documents, "relocate", refuse)
        with pytest.raises(AccessDenied, match="later"):
            place.take()
    jobs = [*place.recover().jobs, *place.take().jobs]
    assert sorted(job.name for job in jobs) == ["a.pdf", "b.pdf"]
    assert {job.path.parent for job in jobs} == {place.folders.processing}

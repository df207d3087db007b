from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from doctally.errors import AccessDenied
from doctally.results import State
from flows.folders import Folders, Found, Problem, free, move, reason_path, scan, write_reason
from flows.instance import AlreadyRunning, only_instance
from flows.names import document_id_of, filed_name, is_ignored, safe_name
from flows.settling import Settling, fingerprint


@pytest.fixture
def folders(home: Path) -> Folders:
    made = Folders(home)
    made.create()
    return made


def found(folders: Folders) -> dict[str, Found | Problem]:
    return {entry.name: entry for entry in scan(folders.inbox)}


def test_names_of_systems_editors_and_running_copies_are_ignored() -> None:
    ignored = [".DS_Store", "._a.pdf", "Thumbs.db", "desktop.ini", "@eaDir", ".stfolder"]
    ignored += ["__MACOSX", "a.pdf.part", "a.pdf.filepart", "a.TMP", "a.crdownload", "~$a.docx"]
    ignored += [".a.pdf.Xy12", "a.pdf.reason.txt"]
    assert [name for name in ignored if not is_ignored(name)] == []
    assert [n for n in ("a.pdf", "part.pdf", "tmp", "Rechnung~1.pdf") if is_ignored(n)] == []


def test_names_of_outsiders_become_one_harmless_path_component() -> None:
    assert safe_name("invoice 1.pdf") == "invoice 1.pdf"
    assert safe_name("../../etc/passwd") == "_.._etc_passwd"
    assert safe_name("-rf.pdf") == "rf.pdf"
    assert safe_name("a\x00b\nc.pdf") == "a_b_c.pdf"
    assert safe_name("annexe\u202efdp.exe") == "annexe_fdp.exe"
    assert safe_name(os.fsdecode(b"r\xe9sum\xe9.pdf")) == "r_sum_.pdf"
    assert safe_name("...") == "document"
    assert safe_name("Zu\u0308rich.pdf") == "Z\u00fcrich.pdf"
    long = safe_name("ü" * 300 + ".pdf")
    assert long.endswith(".pdf") and len(long.encode()) <= 150


def test_a_filed_name_carries_its_document_once() -> None:
    assert filed_name(12, "a.pdf") == "12-a.pdf"
    assert filed_name(12, "12-a.pdf") == "12-a.pdf"
    assert document_id_of("12-a.pdf") == 12
    assert document_id_of("a.pdf") is None
    assert document_id_of("0012-a.pdf") is None


def test_sub_folders_of_the_inbox_are_tags(folders: Folders) -> None:
    (folders.inbox / "acme" / "2024").mkdir(parents=True)
    (folders.inbox / "acme" / "2024" / "a.pdf").write_bytes(b"x")
    entry = found(folders)["a.pdf"]
    assert isinstance(entry, Found)
    assert entry.tags == ("acme", "2024")


def test_links_and_special_files_are_problems_and_never_followed(
    folders: Folders, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "inside.pdf").write_bytes(b"x")
    (folders.inbox / "link.pdf").symlink_to(secret / "inside.pdf")
    (folders.inbox / "folder").symlink_to(secret)
    os.mkfifo(folders.inbox / "pipe.pdf")
    entries = found(folders)
    assert sorted(entries) == ["folder", "link.pdf", "pipe.pdf"]
    assert all(isinstance(e, Problem) and e.code == "not_a_file" for e in entries.values())


def test_a_missing_inbox_is_said_and_not_taken_for_an_empty_one(home: Path) -> None:
    with pytest.raises(AccessDenied, match="inbox"):
        list(scan(home / "inbox"))


def test_moving_never_overwrites(folders: Folders) -> None:
    (folders.inbox / "a.pdf").write_bytes(b"new")
    target = folders.failed / "1-a.pdf"
    target.write_bytes(b"old")
    with pytest.raises(AccessDenied, match="exists"):
        move(folders.inbox / "a.pdf", target)
    beside = free(target)
    move(folders.inbox / "a.pdf", beside)
    assert target.read_bytes() == b"old"
    assert beside.read_bytes() == b"new" and beside.suffix == ".pdf"


def test_documents_are_filed_by_outcome_and_month(folders: Folders) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 3, 5, tzinfo=UTC)

    def place(state: State) -> str:
        return folders.relative(folders.destination(7, "a.pdf", state, now))

    assert place(State.ACCEPTED) == "processed/2026/03/7-a.pdf"
    assert place(State.REVIEW) == "review/7-a.pdf"
    assert place(State.FAILED) == "failed/7-a.pdf"


def test_a_reason_stands_beside_the_file_and_is_replaced_whole(folders: Folders) -> None:
    path = folders.failed / "1-a.pdf"
    write_reason(path, "first")
    write_reason(path, "second")
    assert reason_path(path).read_text() == "second"
    assert [p.name for p in folders.failed.iterdir()] == ["1-a.pdf.reason.txt"]


def look(folders: Folders, name: str) -> Found:
    entry = found(folders)[name]
    assert isinstance(entry, Found)
    return entry


def test_a_file_is_complete_when_quiet_for_the_settling_time(folders: Folders) -> None:
    path = folders.inbox / "a.pdf"
    path.write_bytes(b"x")
    settling = Settling(2.0)
    now = time.time()
    assert not settling.complete(look(folders, "a.pdf"), wall=now, steady=0.0)
    assert settling.complete(look(folders, "a.pdf"), wall=now + 2.5, steady=0.1)


def test_a_copy_that_keeps_old_times_still_has_to_settle(folders: Folders) -> None:
    path = folders.inbox / "a.pdf"
    path.write_bytes(b"x")
    os.utime(path, (1_000_000, 1_000_000))
    assert not Settling(2.0).complete(look(folders, "a.pdf"), wall=time.time(), steady=0.0)


def test_a_clock_in_the_future_settles_by_looking_twice(folders: Folders) -> None:
    (folders.inbox / "a.pdf").write_bytes(b"x")
    settling = Settling(2.0)
    past = time.time() - 1000
    assert not settling.complete(look(folders, "a.pdf"), wall=past, steady=10.0)
    assert settling.complete(look(folders, "a.pdf"), wall=past, steady=12.5)


def test_growing_starts_the_wait_again(folders: Folders) -> None:
    path = folders.inbox / "a.pdf"
    path.write_bytes(b"x")
    settling = Settling(2.0)
    past = time.time() - 1000
    assert not settling.complete(look(folders, "a.pdf"), wall=past, steady=10.0)
    path.write_bytes(b"xy")
    assert not settling.complete(look(folders, "a.pdf"), wall=past, steady=12.5)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the kernel is asked on Linux only")
def test_a_file_that_somebody_still_writes_waits_however_slow_the_writer(
    folders: Folders,
) -> None:
    path = folders.inbox / "slow.pdf"
    settling = Settling(0.0)
    with path.open("wb") as writer:
        writer.write(b"half")
        writer.flush()
        later = time.time() + 3600
        assert not settling.complete(look(folders, "slow.pdf"), wall=later, steady=0.0)
    assert settling.complete(look(folders, "slow.pdf"), wall=later, steady=1.0)


def test_the_fingerprint_is_the_sha_256_of_the_content(folders: Folders) -> None:
    path = folders.inbox / "a.txt"
    path.write_bytes(b"abc")
    seen = fingerprint(path)
    assert seen is not None and seen.size == 3
    # FIPS 180-2, appendix B.1
    assert seen.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert fingerprint(folders.inbox / "gone.txt") is None


def test_one_process_works_on_a_home_and_the_next_one_hears_who(home: Path) -> None:
    with only_instance(home):
        with pytest.raises(AlreadyRunning), only_instance(home):
            pass
        program = f"from flows.instance import *; only_instance(Path({str(home)!r})).__enter__()"
        other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert f"process {os.getpid()}" in other.stderr and "AlreadyRunning" in other.stderr
    with only_instance(home) as crashed:
        assert not crashed


def test_the_next_holder_of_a_home_knows_whether_the_last_one_crashed(home: Path) -> None:
    program = "import os; from pathlib import Path; from flows.instance import only_instance\n"
    program += f"with only_instance(Path({str(home)!r})): os._exit(9)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 9
    with only_instance(home) as crashed:
        assert crashed
    with only_instance(home) as crashed:
        assert not crashed


def test_the_runner_knows_when_the_next_waiting_file_may_be_complete(folders: Folders) -> None:
    for name in ("early.pdf", "late.pdf"):
        (folders.inbox / name).write_bytes(b"x")
    early, late = look(folders, "early.pdf"), look(folders, "late.pdf")
    settling, changed = Settling(2.0), max(early.mtime_ns, early.ctime_ns) / 1e9
    settling.look()
    assert settling.soonest_s == 2.0
    assert not settling.complete(early, wall=changed + 0.75, steady=0.0)
    assert settling.soonest_s == pytest.approx(1.25)
    assert not settling.complete(late, wall=changed + 0.5, steady=0.0)
    assert settling.soonest_s == pytest.approx(1.25, abs=0.3)
    settling.look()
    assert settling.complete(early, wall=changed + 0.5, steady=2.0)
    assert settling.soonest_s == 2.0

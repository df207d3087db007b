"""Several workers at one home: each document once, whoever sees its file."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks import papers
from benchmarks.faults import worker
from benchmarks.faults.audit import audit
from benchmarks.faults.engine import load
from benchmarks.faults.worker import Here, Worker
from benchmarks.papers import Expected
from db.database import open_database
from db.tables import ArrivalRow, DocumentRow
from db.turns import turn
from doctally.errors import ConfigurationError
from doctally.settings import Settings
from flows import claims
from flows.claims import LEASE_S, take
from flows.folders import Folders
from flows.home import Home, open_home
from flows.instance import seated
from flows.measure import FILE, figures_of
from flows.once import process_all
from flows.settling import fingerprint

POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Give an empty home for three workers."""
    Folders(tmp_path / "home").create()
    return Settings(
        home=tmp_path / "home",
        database_url=database_url,
        workers=3,
        settle_s=0,
        batch_size=4,
        readers=1,
        threads=1,
        scan_s=0.2,
        review=False,
    )


def light(home: Home) -> Home:
    """Return the home with readers in this process."""
    return replace(home, readers=Here(), apart=Here())  # type: ignore[arg-type]


def drop(settings: Settings, first: int, last: int, expected: Expected | None = None) -> None:
    chosen = [papers.paper(number) for number in range(first, last)]
    for one in chosen:
        if expected is not None:
            expected.add(one)
    papers.drop(chosen, settings.home / "inbox")


def test_a_home_has_so_many_seats_and_nobody_is_alone_there_meanwhile(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from flows.instance import seated\n"
        f"with seated(Path({str(tmp_path)!r}), workers=int(sys.argv[1])) as seat: "
        "print(seat.number, seat.owner)"
    )

    def another(workers: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, str(workers)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    with seated(tmp_path, workers=2) as first:
        assert first.number == 1
        assert another(3).stdout.split()[0] == "2"
        assert "AlreadyRunning" in another(1).stderr  # it wants to be alone
    with seated(tmp_path) as alone:
        assert (alone.number, alone.crashed) == (0, False)
        assert first.owner in alone.left  # whose documents it takes up at once
        assert "AlreadyRunning" in another(2).stderr
    with seated(tmp_path, workers=2) as again:
        assert again.owner == first.owner
        assert again.left == (alone.owner,)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_several_workers_on_sqlite_are_refused(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="PostgreSQL"), open_home(settings):
        pass


@POSTGRES
def test_turns_are_given_to_one_at_a_time(database_url: str) -> None:
    with open_database(database_url) as one, open_database(database_url) as other:
        with turn(one, "inbox", wait_s=0) as mine:
            assert mine
            with turn(other, "inbox", wait_s=0.1) as theirs:
                assert not theirs
            with turn(other, "another", wait_s=0) as theirs:
                assert theirs
        with turn(other, "inbox", wait_s=0) as theirs:
            assert theirs


@POSTGRES
def test_three_workers_of_which_some_are_killed_do_every_document_once(
    settings: Settings, tmp_path: Path
) -> None:
    expected, dice = Expected(), random.Random(3)
    log = tmp_path / "worker.log"

    def start(*, until_idle: bool = False) -> Worker:
        return worker.start(settings, log, until_idle=until_idle, light=True)

    workers = [start() for _ in range(3)]
    for turn_of in range(3):
        drop(settings, 1 + 25 * turn_of, 26 + 25 * turn_of, expected)
        time.sleep(dice.uniform(0.5, 1.0))
        victim = workers.pop(0)
        assert victim.kill(signal.SIGKILL)
        workers.append(start())
    end = time.monotonic() + 120
    folders = Folders(settings.home)
    while time.monotonic() < end and any(
        not entry.name.startswith(".")
        for entry in (*folders.inbox.iterdir(), *folders.processing.iterdir())
    ):
        time.sleep(0.1)
    for one in workers:
        one.kill(signal.SIGKILL)
    last = start(until_idle=True)
    assert last.wait(60) == 0, log.read_text()[-3000:]
    found = audit(settings, expected)
    assert found.faults == ()
    with open_database(settings.url) as database, database.read() as session:
        owners = session.scalars(select(DocumentRow.owner).distinct()).all()
    assert len(owners) >= 2  # they shared the work


@POSTGRES
def test_what_another_machine_left_is_taken_over_when_its_claims_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Expected()
    drop(settings, 1, 5, expected)
    here = socket.gethostname()
    monkeypatch.setattr(socket, "gethostname", lambda: "far")
    with open_home(settings, load_engine=load) as home:
        taken = home.intake()  # and then the machine is gone
        assert len(taken.jobs) == 4
    monkeypatch.setattr(socket, "gethostname", lambda: here)
    with open_home(settings, load_engine=load) as opened:
        near = light(opened)
        assert list(process_all(near, told=lambda _: None)) == []  # still theirs
        later = replace(near, now=lambda: opened.now() + timedelta(seconds=LEASE_S + 60))
        done = [item for batch in process_all(later, told=lambda _: None) for item in batch.items]
        assert {item.job.document_id for item in done} == {j.document_id for j in taken.jobs}
    assert audit(settings, expected).faults == ()


@POSTGRES
def test_a_file_that_another_worker_has_just_taken_is_no_duplicate(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, 1, 2)
    with open_home(settings, load_engine=load) as opened:
        home = light(opened)
        look = home.inbox.look()
        seen = fingerprint(look.ready[0].path)
        list(process_all(home, told=lambda _: None))  # quicker than whoever looked
        monkeypatch.setattr(claims, "fingerprint", lambda _: seen)
        late = take(home.database, home.folders, home.inbox, look, owner="other", now=home.now())
        assert late.nothing
        with home.database.read() as session:
            assert session.scalar(select(func.count()).select_from(ArrivalRow)) == 0


@POSTGRES
def test_a_worker_leaves_alone_what_others_have_in_hand(settings: Settings) -> None:
    with open_home(settings, load_engine=load) as opened:
        home = light(opened)
        folders = home.folders
        theirs = folders.spool_of("0" * 12) / ("a" * 64)
        theirs.parent.mkdir()
        theirs.write_bytes(b"a piece that another worker took out of an archive")
        being_filed = folders.processing / "7-x.xml"
        being_filed.write_bytes(b"of a document this database does not know yet")
        assert home.recover().returned == 0
        assert theirs.exists() and being_filed.exists()
        old = time.time() - 2 * LEASE_S
        os.utime(being_filed, (old, old))  # its ctime stays: it was moved here just now
        assert home.recover().returned == 0
        later = replace(home, now=lambda: opened.now() + timedelta(seconds=LEASE_S + 60))
        assert later.recover().returned == 1
        assert [path.name for path in folders.inbox.iterdir()] == ["7-x.xml"]


@POSTGRES
def test_each_worker_leaves_figures_of_its_own(settings: Settings) -> None:
    drop(settings, 1, 3)
    with open_home(settings, load_engine=load) as opened:
        list(process_all(light(opened), told=lambda _: None))
        assert (settings.home / figures_of(opened.owner)).is_file()
        assert not (settings.home / FILE).exists()

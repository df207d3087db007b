"""A process killed again and again while it works: real processes, real readers, real SQL.

The kills come after so many lines of the process's own report, not after so many seconds.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from fakes import drop, invoice_pdf

from db import documents
from db.database import open_database
from db.documents import Summary
from doctally.settings import Settings

COUNT = 50
KILLS = (0, 3, 8, 9, 10, 11, 13, 5)
"""After how many lines of work to kill: before it, while reading, extracting, storing, filing a
batch, while a document is tried alone. Fewer together than all the work has, so each one hits."""


def start(home: Path) -> subprocess.Popen[str]:
    child = Path(__file__).with_name("kill_child.py")
    return subprocess.Popen(
        [sys.executable, str(child), str(home)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=home.parent,
    )


def kill_after(home: Path, lines: int) -> list[str]:
    """Return what a process said before it was killed after so many lines of work."""
    child = start(home)
    assert child.stdout is not None
    assert child.stdout.readline() == "working\n"
    said = [child.stdout.readline().strip() for _ in range(lines)]
    child.kill()
    child.communicate()
    assert child.returncode == -signal.SIGKILL, "it had ended before it was killed"
    return said


def finish(home: Path) -> int:
    """Return how a process ends that nobody kills."""
    child = start(home)
    child.communicate()
    return child.returncode


def everything(home: Path) -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    for folder in ("inbox", "processing", "processed", "review", "failed"):
        for path in (home / folder).rglob("*"):
            if path.is_file() and not path.name.endswith(".reason.txt"):
                found[path.read_bytes()] += 1
    return found


def rows_of(settings: Settings) -> dict[str, Summary]:
    with open_database(settings.url) as database:
        rows = documents.recent(database, limit=1000)
    assert len({row.name for row in rows}) == len(rows)
    return {row.name: row for row in rows}


@pytest.mark.timeout(3600)
def test_a_process_killed_on_fifty_documents_ends_with_each_exactly_once(
    settings: Settings,
) -> None:
    home = settings.home
    expected = Counter()
    for number in range(COUNT):
        bad = number % 10 == 9
        content = b"%PDF-1.4 cut short" + bytes([number]) if bad else invoice_pdf(f"R-{number}")
        drop(home / "inbox", f"{number:02}.pdf", content)
        expected[content] += 1
    seen: Counter[str] = Counter()
    for lines in KILLS:
        said = kill_after(home, lines)
        seen.update(line.split()[0] for line in said)
    assert finish(home) == 0
    assert everything(home) == expected
    assert not list((home / "inbox").iterdir()) and not list((home / "processing").iterdir())
    rows = rows_of(settings)
    counts = Counter(str(row.state) for row in rows.values())
    print(f"{len(KILLS)} kills, before them {dict(seen)}; at the end {dict(counts)}")
    assert sorted(rows) == [f"{n:02}.pdf" for n in range(COUNT)]
    assert counts == {"accepted": 45, "failed": 5}
    assert all((home / row.location).is_file() for row in rows.values())


@pytest.mark.timeout(3600)
def test_a_good_document_survives_every_kill_while_it_is_tried_alone(
    settings: Settings,
) -> None:
    drop(settings.home / "inbox", "unlucky.pdf", invoice_pdf("R-1"))
    for _ in range(5):
        assert kill_after(settings.home, 1) == ["read"]
    assert finish(settings.home) == 0
    assert str(rows_of(settings)["unlucky.pdf"].state) == "accepted"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("word", "returncode", "reason"),
    [("EXIT", 3, "exit status 3"), ("SEGFAULT", -signal.SIGSEGV, "signal SIGSEGV")],
)
def test_a_document_that_ends_the_program_does_so_once_and_then_fails_alone(
    settings: Settings, word: str, returncode: int, reason: str
) -> None:
    inbox = settings.home / "inbox"
    for number in range(12):
        drop(inbox, f"{number:02}.pdf", invoice_pdf(f"R-{number}"))
    drop(inbox, "03-poison.pdf", invoice_pdf("R-99", words=word))
    assert finish(settings.home) == returncode
    assert finish(settings.home) == 0
    rows = rows_of(settings)
    poison = rows.pop("03-poison.pdf")
    assert (str(poison.state), poison.reason_code) == ("failed", "crashed_repeatedly")
    assert f"twice when tried alone ({reason}, {reason})" in poison.reason
    assert Counter(str(row.state) for row in rows.values()) == {"accepted": 12}

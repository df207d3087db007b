"""A process killed again and again while it works: real processes, real readers, real SQL."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from fakes import drop, invoice_pdf

from db import documents
from db.database import open_database
from doctally.settings import Settings

COUNT = 50
KILLS = 6


def start(home: Path) -> subprocess.Popen[str]:
    child = Path(__file__).with_name("kill_child.py")
    return subprocess.Popen(
        [sys.executable, str(child), str(home)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=home.parent,
    )


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
    chance = random.Random(20260305)
    for _ in range(KILLS):
        child = start(home)
        assert child.stdout is not None
        assert child.stdout.readline() == "working\n"
        time.sleep(chance.uniform(0.0, 1.2))
        child.send_signal(signal.SIGKILL)
        child.communicate()
    last = start(home)
    output, _ = last.communicate(timeout=300)
    assert last.returncode == 0, output
    found: Counter[bytes] = Counter()
    for folder in ("inbox", "processing", "processed", "review", "failed"):
        for path in (home / folder).rglob("*"):
            if path.is_file() and not path.name.endswith(".reason.txt"):
                found[path.read_bytes()] += 1
    assert found == expected
    assert not list((home / "inbox").iterdir()) and not list((home / "processing").iterdir())
    with open_database(settings.url) as database:
        rows = documents.recent(database, limit=1000)
    assert Counter(row.name for row in rows) == Counter(f"{n:02}.pdf" for n in range(COUNT))
    assert Counter(str(row.state) for row in rows) == {"accepted": 45, "failed": 5}
    assert all((home / row.location).is_file() for row in rows)

"""From a complete file to its row: python -m benchmarks.speed.latency --files 40.

A real ``doctally up`` with its Prefect server and the model runs on an empty home. One text PDF
after another is put into its inbox in one step, so that it is complete at once, with pauses in
between; told is how long each takes until its row has ended, as the database says, seen every
20 ms, and how much of that passes until it is claimed: ``--settle`` is the time a file must be
quiet to count as complete, a fifth of it where the file says that it is whole, as these do.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.speed.corpus import corpus
from db import documents
from db.database import Database, open_database
from flows.folders import Folders
from flows.measure import FILE
from flows.server import free_address

_START_S = 300.0
_LONGEST_S = 120.0
_LOOK_S = 0.02


def main() -> None:
    """Print median, 95th percentile and the longest wait."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.latency", description=__doc__)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--settle", type=float, default=2.0, help="DOCTALLY_SETTLE_S")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="latency") as name:
        papers = [path for path, _ in corpus(Path(name) / "papers", chosen.files + 2)]
        folders = Folders(Path(name) / "home")
        folders.create()
        process = _started(folders, chosen.settle)
        try:
            with open_database(f"sqlite:///{folders.home / 'doctally.db'}") as database:
                dice = random.Random(8)
                waits: list[tuple[float, float]] = []
                for number, paper in enumerate(papers, start=1):
                    time.sleep(dice.uniform(0.2, 1.5))
                    waits.append(_wait(paper, number, folders, database))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    waits = waits[2:]  # the first two find everything cold
    claims, rows = ([pair[n] for pair in waits] for n in (0, 1))
    print(
        f"{len(rows)} files, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; from the file "
        f"to its row: median {statistics.median(rows):.2f} s, 95 % within {_share(rows):.2f} s, "
        f"longest {max(rows):.2f} s (mark: 95 % under 3 s); of that until it is claimed: median "
        f"{statistics.median(claims):.2f} s, 95 % within {_share(claims):.2f} s"
    )


def _share(waits: list[float]) -> float:
    return sorted(waits)[max(int(len(waits) * 0.95 + 0.999) - 1, 0)]


def _wait(paper: Path, number: int, folders: Folders, database: Database) -> tuple[float, float]:
    """Return the seconds until the file is claimed, and until its row has ended."""
    content = paper.read_bytes()
    part = folders.inbox / f".{number}.part"
    part.write_bytes(content)
    began = time.monotonic()
    part.rename(folders.inbox / f"{number}-{paper.name}")
    claimed = 0.0
    while time.monotonic() - began < _LONGEST_S:
        time.sleep(_LOOK_S)
        newest = [o for o in documents.recent(database, limit=1) if o.name.startswith(f"{number}-")]
        claimed = claimed or (time.monotonic() - began if newest else 0.0)
        if newest and newest[0].state not in documents.WORKING:
            return claimed, time.monotonic() - began
    raise RuntimeError(f"{paper.name} did not end within {_LONGEST_S:.0f} s")


def _started(folders: Folders, settle: float) -> subprocess.Popen[bytes]:
    address = free_address("127.0.0.1", 47_100, search=150)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DOCTALLY_"))}
    given = {
        "DOCTALLY_HOME": str(folders.home),
        "DOCTALLY_SETTLE_S": str(settle),
        "DOCTALLY_REVIEW": "false",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "doctally.cli", "up", "--port", str(address.port)],
        env=kept | given,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folders.home.parent,
    )
    figures, end = folders.home / FILE, time.monotonic() + _START_S
    while not figures.exists():  # its first look at the inbox
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("doctally up did not start")
        time.sleep(0.1)
    return process


if __name__ == "__main__":
    main()

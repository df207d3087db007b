"""The home that the faults happen to: what was dropped there, and its worker."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from benchmarks import papers
from benchmarks.faults import worker
from benchmarks.faults.audit import Audit, audit
from benchmarks.papers import Expected, Paper
from benchmarks.postgres import Server
from doctally.settings import Settings
from flows.folders import Folders

READ_TIMEOUT_S = 4.0
_IDLE_S = 1800.0


@dataclass(slots=True)
class Place:
    """A home, its database (``server``: the PostgreSQL it is on), and all that was dropped."""

    settings: Settings
    log: Path
    dice: random.Random
    server: Server | None = None
    expected: Expected = field(default_factory=Expected)
    dropped: int = 0
    _numbers: count[int] = field(default_factory=lambda: count(1))

    @property
    def inbox(self) -> Path:
        """Return where documents are dropped."""
        return self.settings.home / "inbox"

    def feed(self, number: int) -> None:
        """Drop so many of the next papers."""
        self.give([papers.paper(next(self._numbers)) for _ in range(number)])

    def give(self, chosen: list[Paper]) -> None:
        """Drop these papers, and expect them."""
        for one in chosen:
            self.expected.add(one)
        self.dropped += papers.drop(chosen, self.inbox)

    def start(self, *, clock: int | None = None, light: bool = False) -> worker.Worker:
        """Return a worker that works until it is ended."""
        return worker.start(self.settings, self.log, until_idle=False, clock=clock, light=light)

    def busy(self) -> int:
        """Return how many files are in the inbox and in work."""
        folders = Folders(self.settings.home)
        entries = (*folders.inbox.iterdir(), *folders.processing.iterdir())
        return sum(not entry.name.startswith(".") for entry in entries)

    def until(self, left: int, *, seconds: float = 600) -> bool:
        """Wait until at most so many files are left to do; tell whether it came to that."""
        end = time.monotonic() + seconds
        while self.busy() > left:
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def settle(self) -> Audit:
        """Let a worker end what is left, without faults and without a hand; say what is there.

        Raises RuntimeError when it does not end well.
        """
        last = worker.start(self.settings, self.log, until_idle=True, light=True)
        code = last.wait(_IDLE_S)
        if code != 0:
            last.kill()
            raise RuntimeError(f"the last worker ended with {code}; see {self.log}")
        return audit(self.settings, self.expected)


def place(folder: Path, url: str, *, seed: int, server: Server | None = None) -> Place:
    """Return an empty home in a folder, on the database at the URL (empty: SQLite in the home)."""
    home = folder / "home"
    Folders(home).create()
    settings = Settings(
        home=home,
        database_url=url,
        settle_s=0,
        scan_s=0.5,
        readers=1,
        threads=1,
        batch_size=16,
        read_timeout_s=READ_TIMEOUT_S,
    )
    return Place(settings, folder / "worker.log", random.Random(seed), server)

"""The process that is made to fail: the real runner on a real home, forked so that it starts fast.

Forked from a process that has imported everything and opened nothing; what a start from nothing
would do is done: the home's lock, its database, readers of its own, recovery.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import flows.reader
from benchmarks.faults.engine import LOADER, READER, Engine, load, read
from db import engine as engines
from doctally.errors import DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction
from doctally.settings import Settings
from extractors.limits import ReadLimits
from flows.home import Home, open_home
from flows.runner import Runner

BUSY_S = 2.0
"""So long the worker waits for SQLite's lock; doctally itself waits 30 s."""
_JUMPS_S = (0, 0, 0, 5, -5, 3600, -3600, 86_400, -86_400, 400 * 86_400, -400 * 86_400)


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that works on a home; its readers and model processes are its children."""

    pid: int

    @property
    def alive(self) -> bool:
        """Tell whether it still runs; it is reaped when it does not."""
        with contextlib.suppress(ChildProcessError):
            return os.waitpid(self.pid, os.WNOHANG) == (0, 0)
        return False

    def children(self) -> dict[int, str]:
        """Return the processes it started: the number of each and its module."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            with contextlib.suppress(OSError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == self.pid:
                    words = (entry / "cmdline").read_bytes().decode().split("\0")
                    module = next((w for w in words if w.startswith(("extractors", "flows"))), "")
                    found[int(entry.name)] = module
        return found

    def kill(self, number: int = signal.SIGKILL) -> bool:
        """End it; tell whether it still ran."""
        if not self.alive:
            return False
        os.kill(self.pid, number)
        self.wait()
        return True

    def wait(self, seconds: float = 3600) -> int | None:
        """Return its exit status once it has ended, None if it has not by then."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                return 0
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        return None


def start(
    settings: Settings,
    log: Path,
    *,
    until_idle: bool,
    clock: int | None = None,
    light: bool = False,
) -> Worker:
    """Return a worker; ``clock``: the seed of the jumps that its clock makes.

    A ``light`` one reads, and tries suspects, in its own process: it is at work within 0.1 s,
    and a kill meets it at work.
    """
    pid = os.fork()
    if pid:
        return Worker(pid)
    code = 1
    try:
        sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        logging.basicConfig(
            level=logging.WARNING, format="%(process)d %(asctime)s %(message)s", force=True
        )
        _work(settings, until_idle=until_idle, clock=clock, light=light)
        code = 0
    except BaseException:
        logging.getLogger("doctally").exception("the worker ends")
    finally:
        os._exit(code)


class Here:
    """Reads, and tries suspects, in this process."""

    version = Engine.version

    def __call__(self, paths: Sequence[Path]) -> Iterator[tuple[Path, Reading | DoctallyError]]:
        """Yield each path with its reading or what is wrong with it."""
        for path in paths:
            try:
                yield path, read(path, ReadLimits(), pages_only=False, threads=1)
            except DoctallyError as error:
                yield path, error

    def cut(self, path: Path, starts: Sequence[int]) -> Reading:
        """Return the documents of a stack as parts."""
        return read(path, ReadLimits(cut_at=tuple(starts)), pages_only=True, threads=1)

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        """Return one extraction per reading."""
        return Engine().extract(readings)

    def close(self) -> None:
        """Do nothing: no process was started."""


def _work(settings: Settings, *, until_idle: bool, clock: int | None, light: bool) -> None:
    engines.BUSY_S = BUSY_S
    flows.reader.ReaderPool = partial(flows.reader.ReaderPool, reader=READER)  # type: ignore[misc, assignment]
    with (
        open_home(settings, load_engine=load, apart_loader=LOADER) as home,
        _jumping(home, clock) as there,
    ):
        if light:
            there = replace(there, readers=Here(), apart=Here())  # type: ignore[arg-type]
        asyncio.run(Runner(there, None, told=lambda _: None).run(until_idle=until_idle))


@contextlib.contextmanager
def _jumping(home: Home, seed: int | None) -> Iterator[Home]:
    """Give the home with a clock that jumps at every look at it, by up to 400 days."""
    if seed is None:
        yield home
        return
    dice, steady = random.Random(seed), time.time

    def wrong() -> float:
        return steady() + dice.choice(_JUMPS_S)

    time.time = wrong
    try:
        yield replace(
            home, now=lambda: datetime.now(UTC) + timedelta(seconds=dice.choice(_JUMPS_S))
        )
    finally:
        time.time = steady

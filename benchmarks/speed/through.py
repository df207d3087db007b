"""A folder of files through a real runner, with a real Prefect server or without one."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.watch import watching
from doctally.settings import Settings
from flows.batch import Batch
from flows.folders import Folders
from flows.home import open_home
from flows.server import Address, client_environment, free_address, running_server
from flows.up import QUIET

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds for all files: of the clock, of the processor by program, of the clock by step."""

    files: int
    wall: float
    processor: Mapping[str, float]
    steps: Mapping[str, float]
    outcomes: Mapping[str, int]

    @property
    def prefect(self) -> float:
        """Return the seconds of the clock that were spent in none of our steps."""
        return self.wall - sum(self.steps.values())


def through(files: Sequence[Path], place: Path, *, prefect: bool = True, threads: int = 0) -> Took:
    """Return what it takes until all files are rows; the model is loaded before the clock runs."""
    settings = Settings(home=place, settle_s=0, threads=threads, review=False)
    Folders(settings.home).create()
    with ExitStack() as stack:
        server: Address | None = None
        child = 0
        if prefect:
            server = free_address("127.0.0.1", 47_300, search=200)
            os.environ.update(client_environment(place, server) | QUIET)
            child = stack.enter_context(running_server(place, server)).pid
        home = stack.enter_context(open_home(settings))
        home.engine()
        from flows.runner import Runner  # Prefect reads its settings when it is imported

        watch = stack.enter_context(watching())
        counts: Counter[str] = Counter()

        def told(batch: Batch) -> None:
            counts.update(batch.counts())

        for file in files:
            part = settings.home / "inbox" / f".{file.name}.part"
            shutil.copyfile(file, part)
            part.rename(part.with_name(file.name))
        before = _spent(child)
        began = time.perf_counter()
        asyncio.run(Runner(home, server, told=told).run(until_idle=True))
        wall = time.perf_counter() - began
        after = _spent(child)
        spent = {name: after[name] - before.get(name, 0.0) for name in after}
        return Took(len(files), wall, spent, dict(watch.spent), dict(counts))


def _spent(server: int) -> dict[str, float]:
    found = {"program": time.process_time(), "readers": 0.0}
    if server:
        found["Prefect server"] = processor(server)
    for path in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            if _is_ours(child):
                found["readers"] += processor(child)
    return found


def _is_ours(pid: int) -> bool:
    """Tell whether a child reads for us: the server does not, nor does who draws the flames."""
    try:
        return b"extractors" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


def processor(pid: int) -> float:
    """Return the processor seconds of a process and of those of its that have ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, words[11:15])) / _TICK

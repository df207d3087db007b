"""Does it stay as it was? python -m benchmarks.soak --documents 50000.

One runner, with the model loaded, works through so many documents (mostly records, which need no
model; ``--pdf`` sets the share of pages); another process keeps its inbox filled. Every row of the
table is a share of the way: documents a second, seconds a document (median and 95th percentile of
the batches', and CPU of the program, which a busy machine does not change), memory of the program
and of its readers, open files, threads, size of the database.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from benchmarks import papers
from benchmarks.papers import Paper
from doctally.settings import Settings
from flows.batch import Batch
from flows.folders import Folders
from flows.home import Home, open_home
from flows.runner import Runner

LEAST, MOST = 100, 200
"""So many files wait in the inbox."""
SAMPLES = sorted(Path("tests/documents").glob("invoice_*.pdf"))
HEAD = "documents  1/s   median s  95 % s   CPU s   MB  readers MB  files  threads  database MB"


def feed(inbox: Path, *, pdf: float) -> None:
    """Keep the inbox filled until this process is ended."""
    pages = [sample.read_bytes() for sample in SAMPLES]
    every = round(1 / pdf) if pdf else 0
    for number in count(1):
        one = papers.paper(number)
        if every and number % every == 0:
            content = pages[number % len(pages)] + f"\n% {number}\n".encode()
            one = Paper(f"S-{number}.pdf", content)
        papers.drop([one], inbox)
        while number % 20 == 0 and _entries(inbox) > MOST:
            while _entries(inbox) > LEAST:
                time.sleep(0.1)


def _entries(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


@dataclass(slots=True)
class Meter:
    """Counts finished documents and prints a row every so many."""

    goal: int
    every: int
    home: Home
    done: int = 0
    rows: list[tuple[float, ...]] = field(default_factory=list)
    _each: list[float] = field(default_factory=list)
    _last: float = field(default_factory=time.monotonic)
    _since: float = field(default_factory=time.monotonic)
    _before: int = 0
    _worked: float = field(default_factory=time.process_time)

    def finished(self, batch: Batch) -> bool:
        """Count a batch; tell whether the goal is reached."""
        now = time.monotonic()
        size = max(len(batch.rows()), 1)
        self._each.append((now - self._last) / size)
        self._last = now
        self.done += size
        if self.done - self._before >= self.every:
            self._row(now)
        return self.done >= self.goal

    def _row(self, now: float) -> None:
        own, readers = memory_mb(os.getpid()), sum(map(memory_mb, children(os.getpid())))
        rate = (self.done - self._before) / (now - self._since)
        worked = time.process_time()
        cpu, self._worked = (worked - self._worked) / (self.done - self._before), worked
        middle, slow = statistics.median(self._each), statistics.quantiles(self._each, n=20)[-1]
        files, threads = (_entries(Path(f"/proc/self/{what}")) for what in ("fd", "task"))
        size = sum(f.stat().st_size for f in self.home.folders.home.glob("doctally.db*")) / 1e6
        self.rows.append((self.done, rate, middle, slow, own, readers, files, threads, size, cpu))
        print(
            f"{self.done:9,} {rate:5.1f} {middle:10.4f} {slow:7.4f} {cpu:7.4f} {own:4.0f} "
            f"{readers:9.0f} {files:7} {threads:7} {size:10.1f}",
            flush=True,
        )
        self._each, self._since, self._before = [], now, self.done


def children(pid: int) -> list[int]:
    """Return the reading processes of a process."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(number) for path in listed for number in path.read_text().split()]
    return [one for one in found if b"extractors" in Path(f"/proc/{one}/cmdline").read_bytes()]


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return 0.0


def main() -> int:
    """Print the series and what grew from its second tenth to its last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--pdf", type=float, default=0.005, help="share of PDFs with a page")
    parser.add_argument("--database", default="", help="URL of an empty database; none: SQLite")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        settings = Settings(
            home=Path(folder), database_url=chosen.database, settle_s=0, scan_s=0.2, readers=1
        )
        Folders(settings.home).create()
        feeder = os.fork()
        if not feeder:
            feed(settings.home / "inbox", pdf=chosen.pdf)
        try:
            with open_home(settings) as home:
                home.engine()
                print(HEAD, flush=True)
                meter = Meter(chosen.documents, max(chosen.documents // 20, 1), home)
                asyncio.run(_run(home, meter))
        finally:
            os.kill(feeder, signal.SIGKILL)
            os.waitpid(feeder, 0)
    if len(meter.rows) < 4:
        return 0
    first, last = meter.rows[1], meter.rows[-1]
    names = ("median seconds", "CPU", "memory", "readers' memory", "open files", "threads")
    for name, place in zip(names, (2, 9, 4, 5, 6, 7), strict=True):
        print(f"{name}: {last[place] / max(first[place], 1e-9):.2f} times the second row's")
    return 0


async def _run(home: Home, meter: Meter) -> None:
    def told(batch: Batch) -> None:
        if meter.finished(batch):
            runner.stop()

    runner = Runner(home, None, told=told)
    await runner.run()


if __name__ == "__main__":
    sys.exit(main())

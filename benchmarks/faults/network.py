"""Two hosts at one home, whose cables to PostgreSQL and to the Prefect server are pulled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from benchmarks.faults.hosts import SERVERS, Host, hosts
from benchmarks.faults.place import Place
from db.database import open_database
from db.tables import DocumentRow
from flows.server import client_environment, free_address, running_server

_PROGRAM = (
    "import sys, flows.home as h; from benchmarks.faults.engine import load\n"
    "h.open_home.__wrapped__.__kwdefaults__['load_engine'] = load\n"
    "import flows.up; flows.up.open_home = h.open_home\n"
    "from doctally.cli.app import run\n"
    "h.Home.engine = lambda self: self.load_engine(self.settings)\n"
    "sys.exit(run(['watch']))"
)
_LONG_S = 130.0
"""Longer than a kernel tries to tell the other end that a connection is over."""


@dataclass(slots=True)
class _Worker:
    """``doctally watch`` on a host, started again when it ends, as a service manager does."""

    host: Host
    environment: dict[str, str]
    log: Path
    starts: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None)

    def keep_up(self) -> None:
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, "-c", _PROGRAM]
            self.process = self.host.start(command, self.environment, self.log)
            self.starts += 1

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def pulled_cables(place: Place, times: int) -> str:
    """Pull the cable of one host or both for a while, again and again, while both work.

    Once PostgreSQL crashes in the middle of a long cut: its end of every connection is gone, and
    nobody could be told.
    """
    server = place.server
    if server is None:
        return "no server to be cut off from"
    seconds = 0.0
    with ExitStack() as stack:
        both = stack.enter_context(hosts(2))
        server.listen(SERVERS)
        address = free_address(SERVERS, 47_900, search=90)
        beside = place.settings.home.parent / "prefect-server"
        stack.enter_context(running_server(beside, address))
        workers = [
            _Worker(host, _environment(place, client_environment(beside, address)), place.log)
            for host in both
        ]
        try:
            for worker in workers:
                worker.keep_up()
            place.feed(10)
            _until(place, workers, left=0, seconds=300)
            for turn in range(times):
                place.feed(12)
                _until(place, workers, left=place.dice.randint(2, 12), seconds=60)
                chosen = [[both[0]], [both[1]], both][turn % 3]
                long = turn == times // 2
                length = _LONG_S if long else place.dice.uniform(0.5, 15)
                for host in both if long else chosen:
                    host.pull()
                place.feed(6)
                time.sleep(length / 2)
                if long:
                    server.crash()
                time.sleep(length / 2)
                seconds += length
                for host in both:
                    host.plug()
            done = _until(place, workers, left=0, seconds=600)
        finally:
            for worker in workers:
                worker.stop()
    left = "" if done else f"; {place.busy()} files were NOT done ten minutes after the last cut"
    starts = sum(worker.starts for worker in workers) - len(workers)
    return (
        f"cables pulled {times} times, {seconds:.0f} s in all, one crash of PostgreSQL meanwhile; "
        f"{starts} starts of a worker that had ended; documents by host: {_shares(place)}{left}"
    )


def _until(place: Place, workers: list[_Worker], *, left: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while place.busy() > left:
        if time.monotonic() > end:
            return False
        for worker in workers:
            worker.keep_up()
        time.sleep(0.2)
    return True


def _environment(place: Place, client: dict[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DOCTALLY_"))}
    server = place.server
    return {
        **kept,
        **client,
        "PYTHONPATH": os.pathsep.join((str(Path.cwd()), *sys.path)),
        "DOCTALLY_HOME": str(place.settings.home),
        "DOCTALLY_DATABASE_URL": server.address("faults") if server is not None else "",
        "DOCTALLY_WORKERS": "2",
        "DOCTALLY_READERS": "1",
        "DOCTALLY_SETTLE_S": "0",
        "DOCTALLY_SCAN_S": "1",
        "DOCTALLY_BATCH_SIZE": "8",
        "DOCTALLY_REVIEW": "false",
    }


def _shares(place: Place) -> str:
    with open_database(place.settings.url) as database, database.read() as session:
        owners = session.scalars(select(DocumentRow.owner))
        counted = Counter(str(owner).partition(":")[0].rpartition("-")[2] for owner in owners)
    return ", ".join(f"{count} on {name}" for name, count in sorted(counted.items()))

"""The whole of ``doctally up`` with its Prefect server, killed again and again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.faults.place import Place
from benchmarks.faults.worker import Worker
from flows.measure import FILE
from flows.server import Address, free_address, healthy

_PROGRAM = (
    "import sys, flows.home as h; from benchmarks.faults.engine import load\n"
    "h.open_home.__wrapped__.__kwdefaults__['load_engine'] = load\n"
    "import flows.up; flows.up.open_home = h.open_home\n"
    "from doctally.cli.app import run\n"
    "h.Home.engine = lambda self: self.load_engine(self.settings)\n"
    "sys.exit(run(['up', '--port', '{}']))"
)
_START_S = 300.0


def dropped_server(place: Place, times: int) -> str:
    """Kill the Prefect server of ``doctally up`` under load, then all of it, turn by turn."""
    server = program = 0
    for turn in range(times):
        process, address = _up(place)
        running = Worker(process.pid)
        try:
            for _ in range(3):
                place.feed(10)
                time.sleep(place.dice.uniform(0.5, 3))
                for number, module in running.children().items():
                    if module == "flows.server":
                        with suppress(ProcessLookupError):
                            os.kill(number, signal.SIGKILL)
                            server += 1
            if turn == times - 1:
                place.until(0)
                _wait(process, address)
        finally:
            process.kill()
            program += 1
            process.wait()
    return f"{server} kills of the Prefect server, {program} of `doctally up` with it"


def _up(place: Place) -> tuple[subprocess.Popen[bytes], Address]:
    settings = place.settings
    address = free_address("127.0.0.1", 47_600, search=300)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DOCTALLY_"))}
    given = {
        "PYTHONPATH": os.pathsep.join((str(Path.cwd()), *sys.path)),
        "DOCTALLY_HOME": str(settings.home),
        "DOCTALLY_DATABASE_URL": settings.database_url,
        "DOCTALLY_READERS": "1",
        "DOCTALLY_SETTLE_S": "0",
        "DOCTALLY_SCAN_S": "1",
        "DOCTALLY_REVIEW": "false",
    }
    began = time.time()
    with place.log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM.format(address.port)],
            env=kept | given,
            stdout=sink,
            stderr=sink,
            cwd=settings.home.parent,
        )
    _wait(process, address)
    figures = settings.home / FILE
    while not figures.exists() or figures.stat().st_mtime < began:  # its first look at the inbox
        if process.poll() is not None:
            raise RuntimeError("doctally up ended")
        time.sleep(0.2)
    return process, address


def _wait(process: subprocess.Popen[bytes], address: Address) -> None:
    end = time.monotonic() + _START_S
    while not healthy(address):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("doctally up did not start")
        time.sleep(0.2)

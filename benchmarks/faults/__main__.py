"""Faults over thousands of documents: python -m benchmarks.faults --kills 500 --database sqlite.

After every kind of fault a worker ends what is left, without a hand; then everything is counted:
each file in exactly one place, each content once in SQL, each value its own document's, each
state explained. The exit code is 1 if anything is not as it must be.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.faults import acts, hosts, network, server
from benchmarks.faults.place import Place, place
from benchmarks.postgres import Server

_DISK_MB = 700
_PORTION = 100


@contextmanager
def _disk() -> Iterator[tuple[Path, bool]]:
    """Give a folder, and whether it is a disk of its own that may be filled (for root)."""
    with tempfile.TemporaryDirectory(prefix="faults") as name:
        folder = Path(name)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "tmpfs", str(folder)]
        own = os.getuid() == 0 and subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0
        try:
            yield folder, own
        finally:
            if own:
                subprocess.run(["umount", "-l", str(folder)], check=False)


def _stages(kills: int, *, disk: bool) -> dict[str, Callable[[Place], str]]:
    first = {
        f"kills {done} to {min(done + _PORTION, kills)}": partial(
            acts.kills, count=min(_PORTION, kills - done), each=6
        )
        for done in range(0, kills, _PORTION)
    }
    stages: dict[str, Callable[[Place], str]] = {
        **first,
        "processes": partial(acts.process_kills, count=max(kills // 10, 5)),
        "disk": partial(acts.full_disk, times=8),
        "lock": partial(acts.locks, times=8),
        "cut": partial(acts.cut_connections, times=60),
        "ocr": partial(acts.hung_reading, times=4),
        "memory": partial(acts.starved_model, times=6),
        "clock": partial(acts.wrong_clock, times=16),
        "server": partial(server.dropped_server, times=max(2, kills // 60)),
        "network": partial(network.pulled_cables, times=max(6, kills // 25)),
    }
    if not hosts.possible():
        del stages["network"]
        print("network: left out, no network namespaces can be made here", flush=True)
    if not disk:
        del stages["disk"]
        print("disk: left out, no file system of its own can be mounted here", flush=True)
    return stages


def main() -> int:
    """Return 1 if a fault did harm."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--only", action="append", help="only this kind of fault; repeatable")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    wrong = 0
    with _disk() as (folder, own), tempfile.TemporaryDirectory(prefix="faults-pg") as data:
        Path(data).chmod(0o755)
        postgres = Server(Path(data) / "server") if chosen.database == "postgresql" else None
        url = postgres.create("faults") if postgres else ""
        here = place(folder, url, seed=chosen.seed, server=postgres)
        for name, act in _stages(chosen.kills, disk=own).items():
            if chosen.only and name.split()[0] not in chosen.only:
                continue
            began = time.monotonic()
            said = act(here)
            found = here.settle()
            wrong += len(found.faults)
            print(f"{name}: {said}; {time.monotonic() - began:.0f} s", flush=True)
            states = ", ".join(f"{count} {state}" for state, count in sorted(found.states.items()))
            reasons = ", ".join(f"{n} {why}" for why, n in sorted(found.reasons.items()))
            print(
                f"  {here.dropped} files dropped, {found.files} in one place each, "
                f"{found.documents} documents once each ({states}; {reasons}), "
                f"{found.attempts} attempts, {len(found.faults)} faults",
                flush=True,
            )
            for fault in found.faults[:20]:
                print(f"  ! {fault}", flush=True)
        if wrong:
            print(here.log.read_text()[-4000:])
        if postgres is not None:
            postgres.stop()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""How far Prefect's own database grows: python -m benchmarks.history --rounds 6 --runs 30.

A real Prefect server on SQLite, as ``doctally up`` starts it, takes one run of ``process`` for
each of so many documents a round; after each round the part of the flow ``housekeeping`` that
removes old runs keeps the newest ``--keep`` of them. Told are runs, tasks, logs, artifacts and
events in the database, its file, and what of the file is in use. Events are removed by the server
itself by their age: here after a minute, looked for every 20 s, instead of after 7 days.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import papers
from benchmarks.faults.engine import load
from doctally.settings import Settings
from flows.folders import Folders
from flows.home import Home, open_home
from flows.server import client_environment, free_address, running_server
from flows.up import QUIET

_TABLES = ("flow_run", "task_run", "log", "artifact", "events")
_SHORT = {
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "PT1M",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "20",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES": "{}",
}


def main() -> None:
    """Print a row a round."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--keep", type=int, default=30)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="history") as name:
        settings = Settings(home=Path(name), settle_s=0, readers=1, threads=1, review=False)
        Folders(settings.home).create()
        address = free_address("127.0.0.1", 47_000, search=90)
        os.environ.update(_SHORT | client_environment(settings.home, address) | QUIET)
        from benchmarks.faults.worker import Here  # Prefect reads its settings when imported

        with running_server(settings.home, address), open_home(settings, load_engine=load) as home:
            light = replace(home, readers=Here())  # type: ignore[arg-type]
            asyncio.run(_rounds(light, chosen.rounds, chosen.runs, chosen.keep))


async def _rounds(home: Home, rounds: int, runs: int, keep: int) -> None:
    from prefect import get_client

    from flows.housekeeping import forget_runs
    from flows.process import run

    first = 0
    print(f"{'runs made':>9} {' '.join(f'{name:>9}' for name in _TABLES)}   file MB  in use MB")
    for turn in range(rounds):
        for place in range(runs):
            number = 1 + 20 * (turn * runs + place)  # bills only
            papers.drop([papers.paper(number)], home.folders.inbox)
            await run(home, await asyncio.to_thread(home.intake))
        if not turn:
            await asyncio.sleep(5)  # the server writes logs and events a little later
            before = _look(home.folders.home)
            print(f"{runs:9,} {before}   before the first clean-up", flush=True)
        async with get_client() as client:
            ever = datetime.now(UTC) - timedelta(days=30)
            first += await forget_runs(client, before=ever, most=keep)
        await asyncio.sleep(30)
        print(f"{(turn + 1) * runs:9,} {_look(home.folders.home)}   {first} removed", flush=True)


def _look(home: Path) -> str:
    file = home / "prefect" / "prefect.db"
    with closing(sqlite3.connect(file, timeout=60)) as connection:
        rows = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in _TABLES]
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    whole = sum(path.stat().st_size for path in file.parent.glob("prefect.db*")) / 1e6
    return f"{' '.join(f'{n:9,}' for n in rows)} {whole:9.1f} {(pages - free) * size / 1e6:10.1f}"


if __name__ == "__main__":
    main()

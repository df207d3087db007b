"""Several workers of one Prefect work pool at one home: python -m benchmarks.scale --workers 1 2.

A PostgreSQL server with two databases, doctally's and Prefect's; a Prefect server on the latter; so
many ``prefect worker`` processes on one work pool, each of which takes one run of ``ingest`` at a
time. The inbox holds bills, orders, archives, copies and broken files (``benchmarks.papers``).
Told is, per number of workers: documents a second from the first claim to the last row, by SQL's
clock, how many documents each worker did, the processor time a document takes in the workers, in
PostgreSQL and in the Prefect server, and what ``benchmarks.faults.audit`` finds wrong. The exit
code is 1 if a document was not done exactly once.

``--watch`` has so many ``doctally watch --once`` do it instead, which keep the model loaded.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import func, select

from benchmarks import papers
from benchmarks.faults.audit import audit
from benchmarks.papers import Expected
from benchmarks.postgres import Server
from benchmarks.speed.through import processor
from db.database import open_database
from db.tables import DocumentRow
from doctally.settings import Settings
from flows.folders import Folders
from flows.server import Address, client_environment, free_address, running_server

_POOL = "doctally"
_LONGEST_S = 540.0
_DEPLOY = """
import asyncio
from prefect.deployments import run_deployment
from prefect.types.entrypoint import EntrypointType
from flows.ingest import ingest

async def main():
    made = await ingest.ato_deployment(
        name="scale", work_pool_name="{pool}", entrypoint_type=EntrypointType.MODULE_PATH)
    await made.aapply()
    for _ in range({runs}):
        await run_deployment("ingest/scale", timeout=0)

asyncio.run(main())
"""
_LEFT = """
import asyncio
from prefect import get_client

async def main():
    async with get_client() as client:
        runs = await client.read_flow_runs()
        mine = [run for run in runs if run.deployment_id is not None]
        print(sum(not run.state.is_final() for run in mine))

asyncio.run(main())
"""


def main() -> int:
    """Print a block for each number of workers; return 1 if a document was not done once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--watch", action="store_true")
    chosen = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="scale") as name:
        Path(name).chmod(0o755)
        server = Server(Path(name) / "postgres")
        try:
            for workers in chosen.workers:
                wrong += _measure(
                    Path(name) / f"home{workers}", server, workers, chosen.files, chosen.watch
                )
        finally:
            server.stop()
    return 1 if wrong else 0


def _measure(home: Path, postgres: Server, workers: int, files: int, watch: bool) -> int:
    url, history = (postgres.create(f"{name}{workers}") for name in ("doctally", "prefect"))
    Folders(home).create()
    expected = Expected()
    chosen = [papers.paper(number) for number in range(1, files + 1)]
    for one in chosen:
        expected.add(one)
    papers.drop(chosen, home / "inbox")
    settings = Settings(
        home=home, database_url=url, workers=max(workers, 2), settle_s=0, readers=1, threads=1
    )
    with ExitStack() as stack:
        address = free_address("127.0.0.1", 47_500, search=90)
        os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = history.replace(
            "postgresql://doctally@/", "postgresql+asyncpg://doctally@/"
        )
        child = stack.enter_context(running_server(home, address))
        before = postgres.processor(), processor(child.pid), _children()
        (_watch if watch else _pool)(workers, _environment(settings, address))
        spent = {
            "workers": _children() - before[2],
            "PostgreSQL": postgres.processor() - before[0],
            "Prefect server": processor(child.pid) - before[1],
        }
    return _tell(settings, workers, spent, expected)


def _environment(settings: Settings, address: Address) -> Mapping[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DOCTALLY_"))}
    return {
        **kept,
        **client_environment(settings.home, address),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "OMP_NUM_THREADS": "1",
        "DOCTALLY_HOME": str(settings.home),
        "DOCTALLY_DATABASE_URL": settings.database_url,
        "DOCTALLY_WORKERS": str(settings.workers),
        "DOCTALLY_SETTLE_S": "0",
        "DOCTALLY_READERS": "1",
        "DOCTALLY_THREADS": "1",
        "DOCTALLY_REVIEW": "false",
    }


def _watch(workers: int, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "doctally.cli", "watch", "--once"]
    started = [_start(command, environment) for _ in range(workers)]
    for process in started:
        process.wait(_LONGEST_S)


def _pool(workers: int, environment: Mapping[str, str]) -> None:
    prefect = [sys.executable, "-m", "prefect"]
    _start([*prefect, "work-pool", "create", _POOL, "--type", "process"], environment).wait(120)
    _start([sys.executable, "-c", _DEPLOY.format(pool=_POOL, runs=workers)], environment).wait(120)
    command = [*prefect, "worker", "start", "--pool", _POOL, "--limit", "1", "--name"]
    started = [_start([*command, f"worker-{n}"], environment) for n in range(workers)]
    try:
        end = time.monotonic() + _LONGEST_S
        while time.monotonic() < end:
            time.sleep(2)
            told = subprocess.run(
                [sys.executable, "-c", _LEFT], env=dict(environment), capture_output=True, text=True
            )
            if told.stdout.strip() == "0":
                break
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def _start(command: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=dict(environment),
        cwd=Path.cwd(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _tell(settings: Settings, workers: int, spent: Mapping[str, float], expected: Expected) -> int:
    found = audit(settings, expected)
    with open_database(settings.url) as database, database.read() as session:
        owners = Counter(session.scalars(select(DocumentRow.owner)))
        first, last = session.execute(
            select(func.min(DocumentRow.claimed_at), func.max(DocumentRow.finished_at))
        ).one()
    seconds = (last - first).total_seconds()
    shares = ", ".join(str(count) for _, count in sorted(owners.items()))
    print(
        f"{workers} workers: {found.documents} documents in {seconds:.1f} s, "
        f"{found.documents / seconds:.1f} a second, load {os.getloadavg()[0]:.1f}; by worker: "
        f"{shares}; {found.attempts} attempts, {len(found.faults)} faults"
    )
    for name, cpu in spent.items():
        print(f"  processor, {name}: {1000 * cpu / found.documents:.1f} ms a document", flush=True)
    for fault in found.faults[:10]:
        print(f"  ! {fault}")
    return len(found.faults)


if __name__ == "__main__":
    sys.exit(main())

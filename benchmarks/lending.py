"""Workers with a model each against workers that share one: python -m benchmarks.lending.

So many processes read the same text PDFs, each its share of them, in batches: first with a model
of their own, one thread each, then with ``doctally serve-model`` and as many threads as workers.
Told are documents a second (the models loaded, the files read before), the memory of all processes
together (what they share counted once), and whether both gave the same values.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.corpus import corpus
from flows.server import free_address

_CALLER = """
import json, sys, time
from pathlib import Path
from doctally.settings import load_settings
from extractors.read import ReadLimits, read
from flows.engine import shared_engine
size, names = int(sys.argv[1]), sys.argv[2:]
papers = [read(Path(name), ReadLimits()) for name in names]
engine = shared_engine(load_settings())
engine.extract(papers[:1])
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
found = [one for n in range(0, len(papers), size) for one in engine.extract(papers[n:n + size])]
took = time.monotonic() - began
cells = [{n: v.value for n, v in one.fields.items()} for one in found]
print(json.dumps([took, cells, [one.document_type for one in found]]), flush=True)
sys.stdin.readline()
"""


def main() -> int:
    """Print both ways; return 1 if they do not give the same values."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lending", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--documents", type=int, default=64)
    parser.add_argument("--batch", type=int, default=8)
    chosen = parser.parse_args()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DOCTALLY_")}
    with tempfile.TemporaryDirectory(prefix="lending") as name:
        papers = [path for path, _ in corpus(Path(name) / "papers", chosen.documents)]
        parts = [papers[n :: chosen.workers] for n in range(chosen.workers)]
        alone = {**kept, "DOCTALLY_HOME": name, "DOCTALLY_THREADS": "1"}
        own = _measure("a model each", parts, alone, chosen.batch, [])
        port = free_address("127.0.0.1", 46_600, search=200).port
        served = {**alone, "DOCTALLY_THREADS": str(chosen.workers)}
        command = [sys.executable, "-m", "doctally.cli", "serve-model", "--port", str(port)]
        server = subprocess.Popen(command, env=served, stderr=subprocess.PIPE, text=True)
        try:
            assert server.stderr is not None
            while "Ctrl-C" not in server.stderr.readline():
                if server.poll() is not None:
                    raise RuntimeError("the model server did not start")
            asking = {**alone, "DOCTALLY_MODEL_URL": f"http://127.0.0.1:{port}"}
            shared = _measure("one for all", parts, asking, chosen.batch, [server.pid])
        finally:
            server.terminate()
            server.wait(60)
    same = sum(one == other for one, other in zip(own, shared, strict=True))
    print(f"{same} of {len(own)} documents with the same type and values")
    return 0 if same == len(own) else 1


def _measure(
    what: str,
    parts: Sequence[Sequence[Path]],
    environment: Mapping[str, str],
    batch: int,
    beside: Sequence[int],
) -> list[Any]:
    callers = [
        subprocess.Popen(
            [sys.executable, "-c", _CALLER, str(batch), *map(str, part)],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in parts
    ]
    for caller in callers:
        _line(caller)
    began = time.monotonic()
    for caller in callers:
        _go(caller)
    told = [json.loads(_line(caller)) for caller in callers]
    seconds = time.monotonic() - began
    family = [pid for one in (*beside, *(c.pid for c in callers)) for pid in (one, *_children(one))]
    each = [_memory(caller.pid) for caller in callers]
    documents = sum(map(len, parts))
    print(
        f"{what}: {len(parts)} workers, {documents} documents in {seconds:.1f} s, "
        f"{documents / seconds:.2f} a second, load {os.getloadavg()[0]:.1f}; memory "
        f"{sum(map(_memory, family)):.0f} MB in all, a worker {sum(each) / len(each):.0f} MB",
        flush=True,
    )
    for caller in callers:
        _go(caller)
        caller.wait(60)
    return [one for _, cells, kinds in told for one in zip(kinds, cells, strict=True)]


def _line(caller: subprocess.Popen[str]) -> str:
    assert caller.stdout is not None
    if not (line := caller.stdout.readline()):
        raise RuntimeError("a worker ended")
    return line


def _go(caller: subprocess.Popen[str]) -> None:
    assert caller.stdin is not None
    caller.stdin.write("\n")
    caller.stdin.flush()


def _memory(pid: int) -> float:
    """Return the process's proportional share of memory, in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(row.split()[1]) / 1000 for row in text.splitlines() if row.startswith("Pss:"))


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(number) for task in tasks for number in task.read_text().split()]


if __name__ == "__main__":
    sys.exit(main())

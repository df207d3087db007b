"""The marks of speed, each as a ratio within one run: python -m benchmarks.speed.

    python -m benchmarks.speed [--documents 200] [--apart] [--flame out.svg]

Text PDFs, each its own supplier and layout, go from a folder to SQL through a real runner and a
real Prefect server. Printed are, per file: seconds of the clock and of the processor, what each
step takes, Prefect's share of the clock, and how all that compares with invoice2data's regular
expressions on the same files (``benchmarks.speed.peer``; left out where it is not installed). With
``--apart`` the same files also go through without Prefect, which is the other way to see what it
costs. ``--flame`` has py-spy (``pip install py-spy``) draw where the time goes.

The clock tells little while others use the machine; the processor's time tells more.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.speed.corpus import corpus
from benchmarks.speed.through import Took, through


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--apart", action="store_true", help="also without Prefect")
    parser.add_argument("--flame", type=Path, default=None, help="an SVG to draw")
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="speed") as name:
        files = [path for path, _ in corpus(Path(name) / "papers", chosen.documents)]
        load = os.getloadavg()[0]
        print(f"{len(files)} text PDFs, {os.cpu_count()} cores, load before {load:.1f}", flush=True)
        with _flame(chosen.flame):
            took = through(files, Path(name) / "with", threads=chosen.threads)
        _tell(took)
        for by in ("pdfium", "pdftotext"):
            _compare(took, Path(name) / "papers", by)
        if chosen.apart:
            bare = through(files, Path(name) / "without", prefect=False, threads=chosen.threads)
            _apart(took, bare)


def _tell(took: Took) -> None:
    processor = sum(took.processor.values())
    each = 1000 / took.files
    outcomes = ", ".join(f"{n} {state}" for state, n in sorted(took.outcomes.items()))
    print(f"{outcomes}; a file takes {took.wall * each:.0f} ms of the clock, "
          f"{processor * each:.0f} ms of the processor")  # fmt: skip
    for name, seconds in took.processor.items():
        print(f"  processor: {name:14} {seconds * each:8.1f} ms  {seconds / processor:6.1%}")
    for name, seconds in sorted(took.steps.items(), key=lambda pair: -pair[1]):
        print(f"  clock: {name:18} {seconds * each:8.1f} ms  {seconds / took.wall:6.1%}")
    print(f"  clock: {'Prefect and runner':18} {took.prefect * each:8.1f} ms  "
          f"{took.prefect / took.wall:6.1%} (mark: under 10 %)")  # fmt: skip


def _compare(took: Took, papers: Path, by: str) -> None:
    command = [sys.executable, "-m", "benchmarks.speed.peer", str(papers), by]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        print(f"invoice2data ({by}): left out: {answer.stderr.strip().splitlines()[-1]}")
        return
    peer = json.loads(answer.stdout.splitlines()[-1])
    theirs = [1000 * peer[clock] / peer["files"] for clock in ("wall", "cpu")]
    ours = [1000 * seconds / took.files for seconds in (took.wall, sum(took.processor.values()))]
    print(
        f"invoice2data ({by}): a file takes {theirs[0]:.1f} ms of the clock, {theirs[1]:.1f} ms of "
        f"the processor; number, day and amount in {peer['content']} of {peer['files']}"
    )
    shares = [own / other for own, other in zip(ours, theirs, strict=True)]
    print(f"  ours takes {shares[0]:.1f} and {shares[1]:.1f} times that (mark: under 1)")


def _apart(took: Took, bare: Took) -> None:
    both = [sum(one.processor.values()) for one in (took, bare)]
    print(
        f"without Prefect: {1000 * bare.wall / bare.files:.0f} ms of the clock, "
        f"{1000 * both[1] / bare.files:.0f} ms of the processor a file; with it "
        f"{took.wall / bare.wall:.3f} and {both[0] / both[1]:.3f} times that"
    )


@contextmanager
def _flame(target: Path | None) -> Iterator[None]:
    program = shutil.which("py-spy")
    if target is None or program is None:
        yield
        return
    command = [program, "record", "-o", str(target), "-p", str(os.getpid()), "-r", "50"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        child.send_signal(signal.SIGINT)  # it draws then
        child.wait()


if __name__ == "__main__":
    main()

"""Where the time of a document goes: python -m benchmarks.steps --documents 300 --flame out.svg.

Works through papers and page PDFs (``--pdf``: their share) without a Prefect server, and prints
what each step costs, from the program's own figures (docs/watching.md). With ``--flame`` a flame
graph is drawn by py-spy, where that is installed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks import papers
from benchmarks.soak import SAMPLES
from doctally.settings import Settings
from flows.folders import Folders
from flows.home import open_home
from flows.measure import STEPS
from flows.once import process_all


def main() -> None:
    """Print one row a step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steps", description=__doc__)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--pdf", type=float, default=0.5, help="share of PDFs with a page")
    parser.add_argument("--flame", type=Path, default=None, help="an SVG to draw")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="steps") as folder:
        settings = Settings(home=Path(folder), settle_s=0, readers=1, threads=1)
        Folders(settings.home).create()
        _fill(settings.home / "inbox", chosen.documents, chosen.pdf)
        with open_home(settings) as home:
            home.engine()
            flame = _flame(chosen.flame)
            wall, cpu, count = time.perf_counter(), time.process_time(), 0
            for batch in process_all(home, told=lambda _: None):
                count += len(batch.items)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if flame is not None:
                flame.send_signal(signal.SIGINT)  # it draws then
                flame.wait()
            print(f"{count} documents, {wall / count:.4f} s each, {cpu / count:.4f} s of CPU here")
            rest = wall
            for step in STEPS:
                labels = {"step": step}
                spent = home.meter.registry.get_sample_value("doctally_step_seconds_sum", labels)
                rest -= spent or 0.0
                print(f"{step:10} {(spent or 0.0) / count:8.4f} s  {(spent or 0.0) / wall:5.1%}")
            print(f"{'claim':10} {rest / count:8.4f} s  {rest / wall:5.1%}")


def _fill(inbox: Path, number: int, pdf: float) -> None:
    pages = [sample.read_bytes() for sample in SAMPLES]
    for place in range(1, number + 1):
        one = papers.paper(place)
        if place * pdf % 1 < pdf:
            content = pages[place % len(pages)] + f"\n% {place}\n".encode()
            one = papers.Paper(f"S-{place}.pdf", content)
        papers.drop([one], inbox)


def _flame(target: Path | None) -> subprocess.Popen[bytes] | None:
    program = shutil.which("py-spy")
    if target is None or program is None:
        return None
    command = [program, "record", "-o", str(target), "-p", str(os.getpid()), "-r", "50"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()

"""One frozen backbone with multitask prompts against a model per task, on held-out documents.

    python -m benchmarks.mpt ../shared/data --out mpt                       # everything, 5 seeds
    python -m benchmarks.mpt ../shared/data --out mpt --methods mpt full --seeds 1 --steps 100
    python -m benchmarks.mpt ../shared/data --out mpt --few                 # k documents of a task
    python -m benchmarks.mpt ../shared/data --out mpt --few --targets receipt@receipts --sizes 8
    python -m benchmarks.mpt --out mpt --report docs                        # tables and plots

Every method sees the same windows per task: ``--steps`` batches of ``--pieces`` word pieces, over
all of its stages (a joint method as many times that as there are tasks). The teachers of MPT are
the deep prompts per task, their cost is named. Results are one JSON line per method and seed in
``OUT/results.jsonl``; what is there already is not run again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path

import torch

from benchmarks.mpt.data import Source, sources
from benchmarks.mpt.few import SIZES, TARGETS, few_shots
from benchmarks.mpt.kept import Kept
from benchmarks.mpt.methods import METHODS, config_of, fit
from benchmarks.mpt.report import report
from benchmarks.mpt.scoring import f1
from models.backbone import load_backbone
from models.network import Network

TEACHER = "deep"


def main() -> None:
    """Run what is missing, or report what there is."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mpt",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, nargs="?", help="the labelled sets")
    parser.add_argument("--out", type=Path, required=True, help="where results are kept")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--steps", type=int, default=400, help="batches per task")
    parser.add_argument("--window", type=int, default=192, help="word pieces")
    parser.add_argument("--pieces", type=int, default=768, help="word pieces per batch")
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    parser.add_argument("--few", action="store_true", help="few documents of a left-out task")
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), help="tasks of --few")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="documents")
    parser.add_argument("--synthetic", type=Path, help="one more source for --few")
    parser.add_argument("--report", type=Path, help="write mpt.md and its pictures here")
    given = parser.parse_args()
    kept = Kept(given.out)
    if given.report:
        report(kept, given.report)
        return
    if given.folder is None:
        parser.error("name the folder of the labelled sets")
    if given.threads:
        torch.set_num_threads(given.threads)
    backbone = load_backbone()
    tasks = sources(given.folder, backbone, given.synthetic if given.few else None)
    for source in tasks:
        print(f"{source.name:24} {len(source.train):6} train {len(source.test):5} held out")
    if given.few:
        few_shots(tasks, given, kept)
        return
    tasks = [source for source in tasks if source.test and source.train]
    for seed in given.seeds:
        compare(tasks, given, seed, kept)


def compare(tasks: list[Source], given: argparse.Namespace, seed: int, kept: Kept) -> None:
    """Run the methods of one seed that are not kept yet."""
    config = config_of(given.steps, window=given.window, pieces=given.pieces, seed=seed)
    size = {"steps": given.steps, "window": given.window, "pieces": given.pieces}
    missing = [m for m in given.methods if not kept.has({"method": m, "seed": seed, **size})]
    teachers: Mapping[str, Network] = {}
    if any(METHODS[m].distil for m in missing):
        missing = [TEACHER, *(m for m in missing if m != TEACHER)]
    for name in missing:
        method = METHODS[name]
        fitted = fit(method, tasks, config, teachers=teachers)
        if name == TEACHER:
            teachers = fitted.networks
        started = time.perf_counter()
        scores = {s.name: round(f1(fitted.networks[s.name], s, config), 4) for s in tasks}
        row = {
            "method": name,
            "seed": seed,
            **size,
            "mean": round(sum(scores.values()) / len(scores), 4),
            "scores": scores,
            "shared_numbers": fitted.shared_numbers,
            "task_numbers": fitted.task_numbers,
            "seconds": round(fitted.seconds, 1),
            "judging_seconds": round(time.perf_counter() - started, 1),
        }
        if not kept.has({"method": name, "seed": seed, **size}):
            kept.add(row)
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()

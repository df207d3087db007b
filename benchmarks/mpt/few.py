"""How much a task learns from k of its documents, with and without what other tasks taught."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.mpt.data import Source
from benchmarks.mpt.kept import Kept
from benchmarks.mpt.methods import METHODS, config_of, fit
from benchmarks.mpt.scoring import f1
from models.network import Network
from models.sources import gathered
from models.train import adapt

TARGETS = ("invoice@adbuy", "purchase_order@adbuy", "receipt@receipts", "invoice@einvoice")
SIZES = (4, 8, 16, 32, 128)
STEPS = 60
"""Batches on the k documents, for every method."""
ALONE = ("full", "lora", "deep")
OURS = "mpt"


def few_shots(tasks: Sequence[Source], given: argparse.Namespace, kept: Kept) -> None:
    """Run the draws that are not kept yet; the target's whole data set is left out of sources."""
    known = {source.name: source for source in tasks}
    for target in (known[name] for name in given.targets if name in known):
        others = [s for s in tasks if s.train and _set(s.name) != _set(target.name)]
        others = [without(s, _set(target.name)) for s in others]
        trained: Network | None = None
        for k in given.sizes:
            for seed in given.seeds:
                chosen = _draw(target, k, seed)
                config = config_of(STEPS, window=given.window, pieces=given.pieces, seed=seed)
                for name in (OURS, *ALONE):
                    if name not in given.methods:
                        continue
                    row = {"few": target.name, "k": k, "method": name, "seed": seed}
                    if kept.has(row):
                        continue
                    started = time.perf_counter()
                    if name == OURS:
                        if trained is None:
                            source = config_of(
                                given.steps, window=given.window, pieces=given.pieces, seed=0
                            )
                            method = replace(METHODS["mpt-undistilled"], target=0.0)
                            trained = next(iter(fit(method, others, source).networks.values()))
                            started = time.perf_counter()
                        network = gathered(trained, {target.name: target.task})
                        adapt(network, target.name, chosen.train, config)
                    else:
                        network = fit(METHODS[name], [chosen], config).networks[target.name]
                    seconds = time.perf_counter() - started
                    row |= {
                        "f1": round(f1(network, target, config), 4),
                        "seconds": round(seconds, 1),
                        "source_steps": given.steps,
                        "sources": [s.name for s in others],
                    }
                    kept.add(row)
                    print(json.dumps({k: v for k, v in row.items() if k != "sources"}), flush=True)


def _set(name: str) -> str:
    return name.split("@")[-1]


def without(source: Source, left_out: str) -> Source:
    """Return a source without examples of the left-out data set."""
    return replace(
        source, train=tuple(e for e in source.train if e.source.split("/")[-1] != left_out)
    )


def _draw(target: Source, k: int, seed: int) -> Source:
    chosen = list(target.train)
    random.Random(seed).shuffle(chosen)
    return replace(target, train=tuple(chosen[:k]))

"""What the model costs: its rate, tasks mixed or not, many tasks loaded, other precisions.

    python benchmarks/model.py [--threads 2] [--rounds 5] [--coarse]

Prints, from one run and in processor time: the machine's float32 matrix product (GFLOP/s), the
backbone's rate on 8 windows of 400 pieces and its share of that; the time of a batch of eight
tasks against the same batch with one; the time and memory of that batch with 1, 4, 16 and 64
tasks loaded; with ``--coarse`` bfloat16 and int8 against float32 (bfloat16 takes minutes on
processors without it).
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import torch
from torch import Tensor

from models.backbone import Backbone, load_backbone
from models.config import Config
from models.network import Network
from models.precision import Precision, placed
from models.prompts import batch_prefix
from models.tasks import TASKS

ROWS, PIECES = 8, 400
LOADED = (1, 4, 16, 64)
CONFIG = Config()


def seconds(works: list[Callable[[], object]], rounds: int) -> list[float]:
    """Return the least processor time of each work, all of them in turn, after one warm-up.

    In turn and of the processor, so that what else the machine does matters least.
    """
    best = [math.inf] * len(works)
    for turn in range(rounds + 1):
        for number, work in enumerate(works):
            start = time.process_time()
            work()
            if turn:
                best[number] = min(best[number], time.process_time() - start)
    return best


def flops(backbone: Backbone, prompt: int) -> float:
    """Return the multiply-adds x 2 of one forward pass, embeddings and norms left out."""
    width = backbone.width
    inner = backbone.model.config.intermediate_size
    per_piece = 2 * (4 * width * width + 2 * width * inner)
    attention = 2 * 2 * PIECES * (PIECES + prompt) * width
    return backbone.layers * ROWS * (PIECES * per_piece + attention)


def network_of(backbone: Backbone, count: int) -> Network:
    """Return a network of so many tasks: copies of an invoice's under other names, if need be."""
    known = list(TASKS.items())[:count]
    copies = [(f"task{n}", replace(TASKS["invoice"], name=f"task{n}")) for n in range(64)]
    return Network(
        backbone,
        dict((known + copies)[:count]),
        prompt_length=CONFIG.prompt_length,
        label_size=CONFIG.label_size,
        mixers=CONFIG.mixers,
    )


def own_bytes(network: Network, prefixes: Tensor) -> tuple[int, int]:
    """Return the bytes in memory of one task's own numbers, and of all prompts as keys, values."""
    last = network.prompt.names[-1]
    own = sum(p.numel() for group in network.own(last).values() for p in group)
    return 4 * own, prefixes.element_size() * prefixes.numel()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--coarse", action="store_true")
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    backbone = load_backbone()
    embedded = backbone.embed(torch.randint(1000, 20000, (ROWS, PIECES)))
    mask = torch.ones(ROWS, PIECES, dtype=torch.bool)
    left, right = torch.randn(2048, 2048), torch.randn(2048, 2048)

    def reader(prefixes: Tensor, ids: list[int], by: Backbone = backbone) -> Callable[[], object]:
        return lambda: by(embedded, mask, batch_prefix(prefixes, torch.tensor(ids)))

    with torch.inference_mode():
        prompts, sizes = {}, {}
        for count in LOADED:
            network = network_of(backbone, count)
            prompts[count] = network.prompt.prefixes().contiguous()
            sizes[count] = own_bytes(network, prompts[count])
        eight = network_of(backbone, 8).prompt.prefixes().contiguous()
        works: list[Callable[[], object]] = [
            lambda: left @ right,
            reader(eight, list(range(8))),
            reader(eight, [1] * ROWS),
            *(reader(prompts[n], [i % n for i in range(ROWS)]) for n in LOADED),
        ]
        product, mixed, single, *loaded = seconds(works, given.rounds)
        coarse = [p for p in get_args(Precision) if p != "float32"] if given.coarse else []
        other = [reader(eight, [1] * ROWS, placed(backbone, precision=p)) for p in coarse]
        slower = seconds([reader(eight, [1] * ROWS), *other], min(given.rounds, 3))
    speed = 2 * 2048**3 / product / 1e9
    rate = flops(backbone, CONFIG.prompt_length) / single / 1e9
    print(f"threads {torch.get_num_threads()}")
    print(f"matrix product         {speed:8.1f} GFLOP/s")
    print(f"backbone               {rate:8.1f} GFLOP/s  {rate / speed:.2f} of the product")
    print(f"a window of {PIECES} pieces {1000 * single / ROWS:8.1f} ms")
    print(f"mixed / single tasks   {mixed / single:8.3f}")
    for count, took in zip(LOADED, loaded, strict=True):
        own, keys = sizes[count]
        print(
            f"{count:3} tasks loaded       {1000 * took / ROWS:8.1f} ms a window  "
            f"{keys / 2**20:6.1f} MB of keys and values, {own / 2**10:.0f} KB of the task's own"
        )
    for name, took in zip(coarse, slower[1:], strict=True):
        print(f"{name:10} / float32   {took / slower[0]:8.2f}")


if __name__ == "__main__":
    main()

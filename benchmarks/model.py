"""What the model costs: backbone against the machine's own matrix product, tasks mixed or not.

    python benchmarks/model.py [--threads 2] [--rounds 5]

Prints, from one run: the machine's float32 matrix product (GFLOP/s), the backbone's rate on 8
windows of 400 pieces and its share of that, and the time of a batch of eight tasks against the
same batch with one.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from models.backbone import Backbone, load_backbone
from models.config import Config
from models.network import Network
from models.prompts import batch_prefix
from models.tasks import TASKS

ROWS, PIECES = 8, 400
CONFIG = Config()


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of ``work`` after one warm-up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def flops(backbone: Backbone, prompt: int) -> float:
    """Return the multiply-adds x 2 of one forward pass, embeddings and norms left out."""
    width = backbone.width
    inner = backbone.model.config.intermediate_size
    per_piece = 2 * (4 * width * width + 2 * width * inner)
    attention = 2 * 2 * PIECES * (PIECES + prompt) * width
    return backbone.layers * ROWS * (PIECES * per_piece + attention)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    backbone = load_backbone()
    network = Network(
        backbone,
        TASKS,
        prompt_length=CONFIG.prompt_length,
        label_size=CONFIG.label_size,
        mixers=CONFIG.mixers,
    )
    network.start()
    embedded = backbone.embed(torch.randint(1000, 20000, (ROWS, PIECES)))
    mask = torch.ones(ROWS, PIECES, dtype=torch.bool)
    with torch.inference_mode():
        prefixes = network.prompt.prefixes().contiguous()
        left, right = torch.randn(2048, 2048), torch.randn(2048, 2048)
        product = 2 * 2048**3 / seconds(lambda: left @ right, given.rounds) / 1e9

        def run(ids: list[int]) -> float:
            prefix = batch_prefix(prefixes, torch.tensor(ids))
            return seconds(lambda: backbone(embedded, mask, prefix), given.rounds)

        mixed = run([i % len(TASKS) for i in range(ROWS)])
        single = run([1] * ROWS)
        rate = flops(backbone, 20) / single / 1e9
    print(f"threads {torch.get_num_threads()}")
    print(f"matrix product         {product:8.1f} GFLOP/s")
    print(f"backbone               {rate:8.1f} GFLOP/s  {rate / product:.2f} of the product")
    print(f"a window of {PIECES} pieces {1000 * single / ROWS:8.1f} ms")
    print(f"mixed / single tasks   {mixed / single:8.3f}")


if __name__ == "__main__":
    main()

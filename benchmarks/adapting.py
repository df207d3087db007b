"""How long a task takes to adapt to eight corrected papers, and what else changes: nothing.

    python -m benchmarks.adapting [--threads 2] [--steps 6] [--house 1]

The packaged bank's task adapts to eight papers of one synthetic supplier that it has never seen:
factors and label vectors alone, the shared prompt fixed (the paper's target adaptation). Printed
are the seconds, the wrong header values on eight further papers before and after, and which tasks
give other numbers on them than before.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from doctally.values import infer_locale
from extractors.read import read
from flows.practice import as_lesson
from models.backbone import load_backbone, use_threads
from models.bank import active, load, packaged_bank
from models.config import Config
from models.documents import LIMITS
from models.engine import Engine
from models.lessons import Lesson, taught
from models.network import Network, collate
from models.tasks import task_for
from models.train import adapt
from models.windows import cut, encode_reading
from synth.house import house_paper

PAPERS = 8


def papers(seed: int, house: int) -> list[Lesson]:
    """Return a supplier's papers of its first one's type, as a person has confirmed them."""
    found: list[Lesson] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        for index in range(10 * PAPERS):
            paper = house_paper(seed, house, index)
            path.write_bytes(paper.ink.pdf(title="paper"))
            one = as_lesson(index + 1, read(path, LIMITS, pages_only=True), paper.labels("x"))
            if not found or one.document_type == found[0].document_type:
                found.append(one)
            if len(found) == 2 * PAPERS:
                break
    return found


def wrong(engine: Engine, lessons: Sequence[Lesson]) -> tuple[int, int]:
    """Return how many header values of the papers are read wrong, and how many there are."""
    missed = total = 0
    for lesson in lessons:
        (found,) = engine.read_as(lesson.document_type, [lesson.reading])
        for name, value in lesson.fields.items():
            total += 1
            missed += name not in found or found[name].value != value.value
    return missed, total


@torch.inference_mode()
def numbers(network: Network, lesson: Lesson) -> dict[str, Tensor]:
    """Return what every task says of a paper's first window, before any decision."""
    reading = lesson.reading
    encoded = encode_reading(reading, network.backbone.tokenizer, infer_locale(reading.text))
    window = next(cut(encoded, document=0, size=400, overlap=80))
    batch = collate([(encoded[0], window)] * len(network.tasks), pad=0)
    every = torch.arange(len(network.tasks))
    states, present = network.states(batch, network.prompt.prefixes(), every)
    return {
        name: network.classify(states[i : i + 1], present[i : i + 1], name)
        if task.head == "classify"
        else network.tag(states[i], name)[0]
        for i, (name, task) in enumerate(network.tasks.items())
    }


def main() -> None:
    """Print what the adaptation took and did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rate", type=float, default=1e-2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--house", type=int, default=1)
    given = parser.parse_args()
    use_threads(given.threads)
    version = active(packaged_bank())
    network = load(version, load_backbone())
    config = Config(**version.card["config"])
    every = papers(given.seed, given.house)
    own, others = every[:PAPERS], every[PAPERS:]
    task = task_for(own[0].document_type)
    if task is None:
        raise SystemExit(f"no task reads {own[0].document_type}")
    examples = [taught(x, network.backbone.tokenizer).example for x in own]
    before, said = wrong(Engine(network, config, "old"), others), numbers(network, others[0])
    small = replace(
        config,
        steps=given.steps,
        average=0.0,
        factor_rate=given.rate,
        head_rate=given.rate,
        prompt_rate=given.rate,
    )
    began, used = time.perf_counter(), time.process_time()
    adapt(network, task.name, examples, small)
    took, used = time.perf_counter() - began, time.process_time() - used
    after, now = wrong(Engine(network, config, "new"), others), numbers(network, others[0])
    changed = [name for name in said if not torch.equal(said[name], now[name])]
    threads = torch.get_num_threads()
    print(f"task {task.name}, {len(own)} papers, {given.steps} steps, {threads} threads")
    print(f"{took:.1f} s on the wall, {used:.1f} s of the processor")
    print(f"wrong of {before[1]} header values of {len(others)} further papers:")
    print(f"{before[0]} before, {after[0]} after")
    print(f"tasks with other numbers: {', '.join(changed)}")


if __name__ == "__main__":
    main()

"""The state of single carrier events, on carriers that were not trained on.

python benchmarks/states.py ../shared/data/status/events.jsonl [--teach] [--bank BANK]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from models.backbone import load_backbone
from models.engine import Engine
from models.events import Event, as_reading, events, split_carriers
from models.states import NAMES, Told, load_judge, packaged_judge, taught
from synth.said import said

FOLDS = 4


def figures(answers: Sequence[str], wanted: Sequence[str | None]) -> str:
    """Return accuracy, and macro-F1 over the states that occur."""
    scores = []
    for name in (n for n in NAMES if n in wanted):
        both = sum(a == w == name for a, w in zip(answers, wanted, strict=True))
        scores.append(2 * both / max(answers.count(name) + list(wanted).count(name), 1))
    right = sum(a == w for a, w in zip(answers, wanted, strict=True)) / len(wanted)
    return f"right {right:.3f}, macro-F1 {sum(scores) / len(scores):.3f} ({len(wanted)} events)"


def told(found: Sequence[Event]) -> list[Told]:
    """Return events as examples."""
    return [Told(event.text, str(event.status)) for event in found]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=Path)
    parser.add_argument("--teach", action="store_true", help="store the judge as the packaged one")
    parser.add_argument("--bank", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    backbone = load_backbone()
    training, held_out = split_carriers(events(arguments.events))
    phrases = [Told(*pair) for pair in said()]
    wanted = [event.status for event in held_out]
    texts = [event.text for event in held_out]
    alone = taught(backbone, phrases)
    print(
        "phrases alone, held-out carriers  ", figures([a for a, _ in alone.answers(texts)], wanted)
    )
    if arguments.teach:
        taught(backbone, [*phrases, *told(training)]).save(packaged_judge())
    judge = load_judge(backbone)
    assert judge is not None
    answers = judge.answers(texts)
    print("packaged judge, held-out carriers ", figures([a for a, _ in answers], wanted))
    carriers = sorted({event.carrier for event in training})
    guesses: list[str] = []
    truth: list[str | None] = []
    for fold in range(FOLDS):
        out = {carrier for n, carrier in enumerate(carriers) if n % FOLDS == fold}
        inside = [event for event in training if event.carrier not in out]
        asked = [event for event in training if event.carrier in out]
        one = taught(backbone, [*phrases, *told(inside)])
        guesses += [a for a, _ in one.answers([event.text for event in asked])]
        truth += [event.status for event in asked]
    print("other carriers, each left out once", figures(guesses, truth))
    if arguments.bank:
        engine = Engine.load(backbone="packaged", bank=arguments.bank, threads=1)
        found = engine.answers("status", [as_reading(text) for text in texts])
        print("the engine, held-out carriers      ", figures([a for a, _ in found], wanted))
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 1.01)):
        inside_ = [a == w for (a, c), w in zip(answers, wanted, strict=True) if low <= c < high]
        if inside_:
            share = sum(inside_) / len(inside_)
            print(f"score {low}-{min(high, 1)}: {len(inside_)}, right {share:.2f}")


if __name__ == "__main__":
    main()

"""The writer's prompts: train them on synthetic records, compare them with an instruction.

    python -m benchmarks.writing train --kept FILE --out FOLDER [--steps 48]
    python -m benchmarks.writing compare --prompts FOLDER [--count 8]

Facts come from synthetic documents (``synth.generate``) and from matched orders, deliveries and
bills with planted differences (``synth.cases``), the text to write is the plain one. Compared are
the tuned prompt and a hand-written instruction with an example, both on the same frozen model,
greedy, on records of other seeds: the share of texts that the check lets pass, the share of facts
that are said, ROUGE-L against the plain text, and the processor seconds a text.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from rapidfuzz.distance import LCSseq

from benchmarks.matching import solve
from doctally.faithful import lacking, unfounded
from doctally.results import Extraction, FieldValue
from doctally.telling import Facts, differences_of, digest_facts, draft_facts, plain
from models.causal import Causal, load_causal
from models.writer import (
    LONGEST,
    Writer,
    asked,
    fresh_prompt,
    load_prompt,
    packaged_writing,
    save_prompt,
)
from models.writer_training import Pace, Written, teach_writer
from synth.cases import world
from synth.generate import make_paper

TRAINING, HELD_OUT = 4100, 4200  # seeds
INSTRUCTIONS = {
    "summarise": (
        "You write notes for an accountant. Summarise the document in exactly two sentences: who "
        "sent which document to whom and over what amount, then due date, order and lines. Copy "
        "names, numbers and dates exactly as given and add nothing.\nExample: Acme Ltd sent "
        "invoice 17 of 2024-01-02 to Bolt Inc over 50.00 USD. It is due on 2024-02-01 and has 3 "
        "lines, the first is Paper."
    ),
    "draft": (
        "You write letters to suppliers. Write a short, polite letter that says which paper does "
        "not agree with which order and why, and asks for a correction. Copy names, numbers and "
        "dates exactly as given and add nothing.\nExample: Dear Acme Ltd, your invoice 17 of "
        "2024-01-02 does not agree with our order 9: 5 billed, 4 ordered. Please check this. Kind "
        "regards"
    ),
}


def digests(seed: int, count: int) -> list[Facts]:
    """Return the facts of synthetic documents that have a sender."""
    found: list[Facts] = []
    index = 0
    while len(found) < count:
        labels = make_paper(seed, index).labels("x")
        index += 1
        facts = digest_facts(_extraction(labels))
        if "from" in facts.values and len(facts.values) > 3:
            found.append(facts)
    return found


def letters(seed: int, count: int) -> list[Facts]:
    """Return the facts of bills and deliveries that differ from their orders."""
    made = world(seed, 3 * count)
    known = {name: extraction for name, extraction, _ in made.papers}
    found = []
    for verdict in solve(made).verdicts:
        if verdict.reasons and verdict.decision != "approve":
            one = known[verdict.paper_id]
            found.append(draft_facts(one, differences_of(verdict, one)))
    return found[:count]


def mixed(seed: int, count: int) -> list[Facts]:
    """Return as many digests as letters, in turn."""
    pairs = zip(digests(seed, count // 2), letters(seed, count // 2), strict=True)
    return [facts for pair in pairs for facts in pair]


def _extraction(labels: Mapping[str, Any]) -> Extraction:
    def values(cells: Mapping[str, Any]) -> dict[str, FieldValue]:
        return {name: FieldValue(str(v), 1.0) for name, v in cells.items() if v is not None}

    rows = tuple(values(row) for row in labels.get("line_items") or ())
    return Extraction(labels["document_type"], 1.0, values(labels["fields"]), rows)


def train(causal: Causal, given: argparse.Namespace) -> None:
    """Train the prompts and write them."""
    pace = Pace(steps=given.steps, rows=given.rows, prompt_rate=1e-2)
    every = mixed(TRAINING, pace.steps * pace.rows)
    examples = [Written(f.kind, asked(causal, f), plain(f)) for f in every]
    began, used = time.perf_counter(), time.process_time()
    losses: list[float] = []

    def told(step: int, loss: float) -> None:
        losses.append(loss)
        print(f"step {step} loss {loss:.3f} {time.perf_counter() - began:.0f} s", flush=True)

    prompt = teach_writer(
        causal, fresh_prompt(causal), examples, pace, kept=given.kept, progress=told
    )
    card = {
        "steps": pace.steps,
        "rows": pace.rows,
        "seed": TRAINING,
        "last_losses": [round(x, 3) for x in losses[-5:]],
        "wall_seconds": round(time.perf_counter() - began),
        "processor_seconds": round(time.process_time() - used),
    }
    save_prompt(prompt, given.out, card, sha256=causal.backbone.sha256)
    print(json.dumps(card))


def rouge(text: str, wanted: str) -> float:
    """Return ROUGE-L's F1 over words (Lin 2004)."""
    ours, theirs = text.casefold().split(), wanted.casefold().split()
    common = LCSseq.similarity(ours, theirs)
    return 2 * common / max(len(ours) + len(theirs), 1)


def scores(every: Sequence[Facts], texts: Iterable[str]) -> dict[str, float]:
    """Return shares: borne out, nothing needed missing, both, facts said; and ROUGE-L."""
    rows = []
    for facts, text in zip(every, texts, strict=True):
        told = [v for name, v in facts.values.items() if name != "type"]
        right = not unfounded(text, facts.text)
        whole = not lacking(text, facts.needed)
        said = 1 - len(lacking(text, told)) / len(told)
        rows.append((right, whole, right and whole and bool(text), said, rouge(text, plain(facts))))
    names = ("borne out", "whole", "passes", "facts said", "rouge-l")
    return {
        n: round(mean(map(float, column)), 3)
        for n, column in zip(names, zip(*rows, strict=True), strict=True)
    }


def compare(causal: Causal, given: argparse.Namespace) -> None:
    """Print the scores of the tuned prompt, of it untrained and of the instruction."""
    writer = Writer(causal, load_prompt(causal, given.prompts))
    ways = {
        "tuned prompt": writer.unchecked,
        "prompt before training": Writer(causal, fresh_prompt(causal)).unchecked,
        "instruction": lambda part: causal.write(
            [causal.prompt(INSTRUCTIONS[f.kind], f.text) for f in part],
            None,
            longest=max(LONGEST[f.kind] for f in part),
        ),
    }
    for kind, source in (("summarise", digests), ("draft", letters)):
        every = source(HELD_OUT, given.count)
        for name, write in ways.items():
            if name in given.skip:
                continue
            used = time.process_time()
            texts = write(every)
            took = (time.process_time() - used) / len(every)
            print(
                json.dumps(
                    {
                        "task": kind,
                        "way": name,
                        "n": len(every),
                        **scores(every, texts),
                        "s": round(took, 1),
                    }
                ),
                flush=True,
            )
            for text in texts[: given.show]:
                print("   ", text.replace("\n", " / "))


def main() -> None:
    """Train or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["train", "compare"])
    parser.add_argument("--model", default="packaged")
    parser.add_argument("--unpacked", type=Path, default=Path("workspace/writer"))
    parser.add_argument("--prompts", type=Path, default=packaged_writing())
    parser.add_argument("--out", type=Path, default=Path("writing"))
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--steps", type=int, default=48)
    parser.add_argument("--rows", type=int, default=3)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--show", type=int, default=2)
    parser.add_argument("--skip", nargs="*", default=[])
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    causal = load_causal(given.model, kept=given.unpacked)
    {"train": train, "compare": compare}[given.what](causal, given)


if __name__ == "__main__":
    main()

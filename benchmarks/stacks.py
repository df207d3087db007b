"""How well stacks are cut: concatenations of documents that no bank was trained on.

    python -m benchmarks.stacks ../shared/data
    python -m benchmarks.stacks ../shared/data --synth FOLDER --bank my-bank

Held-out documents (models/splits) of adbuy and einvoice, and unseen synthetic ones, are put one
after the other: of one set, of all sets, and of one look (each document followed by the one whose
first page is most like its own). A boundary is a page that begins a document, the first page of a
stack left out. Wrong cuts of single documents are counted over all of them with several pages.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from doctally.pages import Page, Reading
from doctally.settings import load_settings
from extractors.read import ReaderPool
from models.documents import LIMITS, read_all, split, truths
from models.engine import Engine

_SETS = ("adbuy", "einvoice")
_SEED = 11
_LENGTHS = (2, 3, 4, 6, 8)
_AT_ONCE = 16

Document = tuple[Page, ...]


@dataclass(slots=True)
class Tally:
    """Boundaries over stacks."""

    stacks: int = 0
    pages: int = 0
    hits: int = 0
    wrong: int = 0
    missed: int = 0
    whole: int = 0
    cpu_s: float = 0.0

    def row(self, name: str) -> str:
        """Return a row of the Markdown table."""
        precision = self.hits / max(self.hits + self.wrong, 1)
        recall = self.hits / max(self.hits + self.missed, 1)
        f1 = 2 * self.hits / max(2 * self.hits + self.wrong + self.missed, 1)
        return (
            f"| {name} | {self.stacks} | {self.pages} | {self.hits + self.missed} "
            f"| {precision:.4f} | {recall:.4f} | {f1:.4f} | {self.whole / self.stacks:.3f} "
            f"| {1000 * self.cpu_s / self.pages:.0f} |"
        )


def held_out(data: Path, pool: ReaderPool) -> dict[str, list[Document]]:
    """Return the held-out documents by set, as pages."""
    found: dict[str, list[Document]] = {}
    for name in _SETS:
        _, chosen = split(truths(data / name / "labels.jsonl"))
        readings = (reading for _, reading in read_all(chosen, pool=pool))
        found[name] = [r.pages for r in readings if isinstance(r, Reading) and r.text]
    return found


def synthetic(folder: Path, most: int, pool: ReaderPool) -> list[Document]:
    """Return synthetic documents as pages."""
    chosen = truths(folder / "labels.jsonl")[:most]
    readings = (reading for _, reading in read_all(chosen, pool=pool))
    return [r.pages for r in readings if isinstance(r, Reading) and r.text]


def shuffled(documents: Sequence[Document], chance: random.Random) -> list[Document]:
    """Return the documents in another order."""
    return chance.sample(documents, len(documents))


def by_look(documents: Sequence[Document], chance: random.Random) -> list[Document]:
    """Return the documents so that each is followed by the one that looks most like it."""
    left = shuffled(documents, chance)
    ordered = [left.pop()]
    while left:
        last = _head(ordered[-1])
        nearest = max(left, key=lambda d: len(_head(d) & last) / max(len(_head(d) | last), 1))
        left.remove(nearest)
        ordered.append(nearest)
    return ordered


def _head(document: Document) -> frozenset[str]:
    return frozenset(word.text for word in document[0].words if word.box.y1 < 0.25)


def stacks(ordered: Sequence[Document], chance: random.Random) -> Iterator[list[Document]]:
    """Yield the documents in stacks of two to eight."""
    at = 0
    while at < len(ordered):
        size = chance.choice(_LENGTHS)
        yield list(ordered[at : at + size])
        at += size


def stacked(documents: Sequence[Document]) -> tuple[Reading, set[int]]:
    """Return the reading of a stack and the pages, but the first, that begin a document."""
    pages: list[Page] = []
    starts: set[int] = set()
    for document in documents:
        starts.add(len(pages) + 1)
        pages += document
    numbered = tuple(replace(page, number=n) for n, page in enumerate(pages, 1))
    return Reading("application/pdf", numbered, loose=True), starts - {1}


def measure(engine: Engine, chosen: Sequence[Sequence[Document]]) -> Tally:
    """Return the boundaries found in stacks."""
    tally = Tally()
    for first in range(0, len(chosen), _AT_ONCE):
        made = [stacked(documents) for documents in chosen[first : first + _AT_ONCE]]
        start = time.process_time()
        found = engine.stacks([reading for reading, _ in made])
        tally.cpu_s += time.process_time() - start
        for (reading, wanted), starts in zip(made, found, strict=True):
            cut = set(starts) - {1}
            tally.stacks += 1
            tally.pages += len(reading.pages)
            tally.hits += len(cut & wanted)
            tally.wrong += len(cut - wanted)
            tally.missed += len(wanted - cut)
            tally.whole += cut == wanted
    return tally


def main() -> None:
    """Print a Markdown table with a row for each kind of stack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--synth", type=Path, help="folder of unseen synthetic documents")
    parser.add_argument("--most", type=int, default=150, help="synthetic documents taken")
    parser.add_argument("--limit", type=int, help="documents of each set (default: all)")
    parser.add_argument("--bank", type=Path, help="bank whose active version is measured")
    given = parser.parse_args()
    settings = load_settings()
    engine = Engine.load(
        backbone=settings.backbone, bank=given.bank or settings.bank, threads=settings.threads
    )
    if "page" not in engine.tasks:
        parser.error("the bank has no task `page`: doctally train ... --start active --task page")
    with closing(ReaderPool(LIMITS, workers=1)) as pool:
        sets = held_out(given.data, pool)
        if given.synth:
            sets["synth"] = synthetic(given.synth, given.most, pool)
    sets = {name: documents[: given.limit] for name, documents in sets.items()}
    print(f"bank {engine.version}\n")
    print("| stacks of | stacks | pages | boundaries | precision | recall | F1 | all right | ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    chance = random.Random(_SEED)
    every = [document for documents in sets.values() for document in documents]
    for name, documents in (*sets.items(), ("all sets", every)):
        row = measure(engine, list(stacks(shuffled(documents, chance), chance))).row(name)
        print(row, flush=True)
    for name, documents in sets.items():
        row = measure(engine, list(stacks(by_look(documents, chance), chance))).row(
            f"{name}, alike"
        )
        print(row, flush=True)
    print("\n| single documents of several pages | documents | pages | wrongly cut |")
    print("| --- | --- | --- | --- |")
    for name, documents in sets.items():
        several = [[document] for document in documents if len(document) > 1]
        tally = measure(engine, several)
        wrongly = tally.stacks - tally.whole
        print(f"| {name} | {tally.stacks} | {tally.pages} | {wrongly} |", flush=True)


if __name__ == "__main__":
    main()

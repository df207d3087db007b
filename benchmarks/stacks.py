"""How well stacks are cut: concatenations of documents that nothing was fitted on.

    python -m benchmarks.stacks ../shared/data
    python -m benchmarks.stacks ../shared/data --synth UNSEEN
    python -m benchmarks.stacks ../shared/data --synth SYNTHETIC --fit models/boundaries.json
    python -m benchmarks.stacks ../shared/data --fit /tmp/b.json --without einvoice

Held-out documents (models/splits) of adbuy and einvoice, and unseen synthetic ones, are put one
after the other: of one set, of all sets, and of one look (each document followed by the one whose
first page is most like its own). A boundary is a page that begins a document, the first page of a
stack left out. Wrong cuts of single documents are counted over all of them with several pages.
``--fit`` fits the weights of the signs (``models.boundaries``) on the documents that are not held
out, writes them and measures them; ``--without`` leaves a set out of that, so that its layouts are
new. ``--list`` names each wrong boundary.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from doctally.pages import Page, Reading
from doctally.settings import load_settings
from extractors.read import ReaderPool
from models.boundaries import Boundaries, fitted, save
from models.documents import LIMITS, read_all, split, truths
from models.engine import Engine
from models.stacks import beginnings, lessons

_SETS = ("adbuy", "einvoice")
_SEED = 11
_LENGTHS = (2, 3, 4, 6, 8)
_AT_ONCE = 16

Cutter = Callable[[Sequence[Reading]], Sequence[Sequence[int]]]
"""Returns for each reading the pages that begin a document, from 1."""
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
    slips: list[str] = field(default_factory=list)

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


def real(data: Path, pool: ReaderPool, *, held_out: bool) -> dict[str, list[Document]]:
    """Return the documents of the real sets as pages: those held out, or all others."""
    found: dict[str, list[Document]] = {}
    for name in _SETS:
        parts = split(truths(data / name / "labels.jsonl"))
        readings = (reading for _, reading in read_all(parts[held_out], pool=pool))
        found[name] = [r.pages for r in readings if isinstance(r, Reading) and r.text]
    return found


def synthetic(folder: Path, most: int, pool: ReaderPool) -> list[Document]:
    """Return synthetic documents as pages, one half of them of several pages, if there are."""
    chosen = [t for t in truths(folder / "labels.jsonl") if t.path.suffix == ".pdf"]
    readings = (reading for _, reading in read_all(chosen[: 4 * most], pool=pool))
    documents = [r.pages for r in readings if isinstance(r, Reading) and r.text]
    several = [document for document in documents if len(document) > 1][: most // 2]
    return [*several, *(d for d in documents if len(d) == 1)][:most]


def taught(sets: dict[str, list[Document]], without: str) -> Boundaries:
    """Return the weights fitted on documents, each set put in a row of its own."""
    told = [
        lesson
        for name, documents in sets.items()
        if name != without
        for lesson in lessons(documents, _SEED)
    ]
    return fitted([signs for signs, _ in told], [begins for _, begins in told])


def by_signs(boundaries: Boundaries) -> Cutter:
    """Return what cuts by the signs alone, without a bank."""

    def cut(readings: Sequence[Reading]) -> list[tuple[int, ...]]:
        return [
            tuple(b.index + 1 for b in beginnings(reading.pages, boundaries))
            for reading in readings
        ]

    return cut


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


def measure(cut_at: Cutter, chosen: Sequence[Sequence[Document]]) -> Tally:
    """Return the boundaries found in stacks."""
    tally = Tally()
    for first in range(0, len(chosen), _AT_ONCE):
        made = [stacked(documents) for documents in chosen[first : first + _AT_ONCE]]
        start = time.process_time()
        found = cut_at([reading for reading, _ in made])
        tally.cpu_s += time.process_time() - start
        for (reading, wanted), starts in zip(made, found, strict=True):
            cut = set(starts) - {1}
            tally.stacks += 1
            tally.pages += len(reading.pages)
            tally.hits += len(cut & wanted)
            tally.wrong += len(cut - wanted)
            tally.missed += len(wanted - cut)
            tally.whole += cut == wanted
            for page in sorted(cut ^ wanted):
                tally.slips.append(_slip(reading, page, missed=page in wanted))
    return tally


def _slip(reading: Reading, page: int, *, missed: bool) -> str:
    """Return what stands at the head of both pages of a wrong boundary."""
    before, after = (
        " ".join(word.text for word in reading.pages[n].words[:16]) for n in (page - 2, page - 1)
    )
    return f"{'missed' if missed else 'wrong cut'}: {before} | {after}"


def main() -> None:
    """Print a Markdown table with a row for each kind of stack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--synth", type=Path, help="folder of synthetic documents")
    parser.add_argument("--most", type=int, default=150, help="synthetic documents taken")
    parser.add_argument("--limit", type=int, help="documents of each set (default: all)")
    parser.add_argument("--bank", type=Path, help="bank whose active version routes pages")
    parser.add_argument("--fit", type=Path, help="fit the weights and write them there")
    parser.add_argument("--without", default="", help="a set that is not fitted on")
    parser.add_argument("--list", action="store_true", help="name each wrong boundary")
    given = parser.parse_args()
    with closing(ReaderPool(LIMITS, workers=1)) as pool:
        sets = real(given.data, pool, held_out=True)
        synth = {"synthetic": synthetic(given.synth, given.most, pool)} if given.synth else {}
        if given.fit:
            seen = real(given.data, pool, held_out=False)
            boundaries = taught(seen | synth, given.without)
            save(boundaries, given.fit)
            cut, title = by_signs(boundaries), f"{given.fit}, fitted without {given.without or '-'}"
        else:
            settings = load_settings()
            engine = Engine.load(
                backbone=settings.backbone,
                bank=given.bank or settings.bank,
                threads=settings.threads,
            )
            sets, cut, title = sets | synth, engine.stacks, f"bank {engine.version}"
    sets = {name: documents[: given.limit] for name, documents in sets.items()}
    print(f"{title}\n")
    print("| stacks of | stacks | pages | boundaries | precision | recall | F1 | all right | ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    chance = random.Random(_SEED)
    every = [document for documents in sets.values() for document in documents]
    kinds = {name: shuffled(documents, chance) for name, documents in sets.items()}
    kinds["all sets"] = shuffled(every, chance)
    kinds |= {f"{name}, alike": by_look(documents, chance) for name, documents in sets.items()}
    slips: list[str] = []
    for name, ordered in kinds.items():
        tally = measure(cut, list(stacks(ordered, chance)))
        print(tally.row(name), flush=True)
        slips += [f"{name}: {slip}" for slip in tally.slips]
    print("\n| single documents of several pages | documents | pages | wrongly cut |")
    print("| --- | --- | --- | --- |")
    for name, documents in sets.items():
        tally = measure(cut, [[document] for document in documents if len(document) > 1])
        wrongly = tally.stacks - tally.whole
        print(f"| {name} | {tally.stacks} | {tally.pages} | {wrongly} |", flush=True)
    if given.list:
        print("", *slips, sep="\n")


if __name__ == "__main__":
    main()

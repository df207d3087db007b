"""How fast a supplier is learnt: wrong fields on its other papers after 0, 1, 3, 5 corrected ones.

    python benchmarks/learning.py [--houses 12] [--others 5] [--seed 7] [--threads 2]
    python benchmarks/learning.py --adbuy ../shared/data/adbuy [--stations 4] [--kept FILE]

The second form takes held-out stations, those with most papers first; with ``--kept`` each one's
figures are written there as soon as they are known, and a later run goes on behind them. What the
backbone says of a page is computed once there, so no seconds are told. Stations have few papers:
each in turn is the first that is corrected, and all that are not corrected judge.

A house is a synthetic supplier whose papers look alike (``synth.house``), or a station of the
held-out part of the set. The first papers are corrected, the others judge. Error: wrong values of
the header and the type against all that either side has. The seconds are those of learning one
supplier from five papers, cross-check included, with the machine as busy as it was; beside them
the processor's own seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import torch
from torch import Tensor

from doctally.pages import Reading
from doctally.results import FieldValue
from doctally.schemas import all_header_fields, item_fields
from extractors.read import read
from flows.practice import as_lesson
from models.backbone import Backbone, load_backbone, use_threads
from models.bank import active, load, packaged_bank
from models.calibration import Calibration
from models.config import Config
from models.documents import LIMITS, split, truths
from models.engine import Engine
from models.houses import MakeEngine, School, houses
from models.lessons import Lesson
from models.network import Network
from models.owned import Suppliers
from models.scoring import States
from models.trial import compare, sheet
from synth.house import house_paper

CORRECTED = (1, 3, 5)
_SIGN = re.compile(r"\b([KW][A-Z]{2,3})(?:-(?:TV|DT|FM|AM|CD|LD))?\b")


@dataclass(frozen=True)
class Remembered(Backbone):
    """A backbone that computes nothing twice."""

    known: dict[bytes, Tensor] = field(default_factory=dict)

    def __call__(self, embeddings: Tensor, mask: Tensor, prefix: Tensor | None) -> Tensor:
        """Return the last hidden states, those of before for the same input."""
        parts = [embeddings, mask] if prefix is None else [embeddings, mask, prefix]
        digest = hashlib.sha256(str(torch.is_inference_mode_enabled()).encode())
        for part in parts:
            digest.update(part.detach().contiguous().numpy().tobytes())
        if digest.digest() not in self.known:
            self.known[digest.digest()] = super().__call__(embeddings, mask, prefix)
        return self.known[digest.digest()]


@dataclass(frozen=True, slots=True)
class Told:
    """One supplier: by the number of corrected papers how many of the others' header values were
    wrong before, are wrong after, and are there."""

    bank: str
    supplier: str
    papers: int
    steps: dict[str, tuple[int, int, int]]
    others_the_same: int


def synthetic(seed: int, count: int, papers: int) -> Iterator[list[Lesson]]:
    """Yield the papers of each synthetic supplier."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        for house in range(count):
            lessons = []
            for index in range(papers):
                paper = house_paper(seed, house, index)
                path.write_bytes(paper.ink.pdf(title="paper"))
                reading = read(path, LIMITS, pages_only=True)
                number = house * 1000 + index + 1
                lessons.append(as_lesson(number, reading, paper.labels("paper.pdf")))
            yield lessons


def stations(folder: Path, papers: int) -> Iterator[list[Lesson]]:
    """Yield the held-out papers of each station with enough of them, by their call signs.

    Only five fields of these are labelled; all others are left open. Those with most papers come
    first.
    """
    groups: dict[str, list[Lesson]] = {}
    names = {spec.name for spec in all_header_fields()}
    cells = frozenset((spec.name, 1) for spec in item_fields())
    for number, truth in enumerate(split(truths(folder / "labels.jsonl"))[1], 1):
        if truth.document_type is None:
            continue
        reading = read(truth.path, LIMITS, pages_only=True)
        station = sign(reading)
        unknown = cells | {(name, None) for name in names - truth.scorable}
        fields = {
            name: FieldValue(value, 1.0, source="human")
            for name, value in truth.fields.items()
            if name in truth.scorable
        }
        lesson = Lesson(number, reading, truth.document_type, fields, doubtful=unknown)
        groups.setdefault(f"{station} {truth.document_type}", []).append(lesson)
    for station, lessons in sorted(groups.items(), key=lambda one: (-len(one[1]), one[0])):
        if station[0] != " " and len(lessons) >= papers:
            yield [replace(lesson, supplier=station) for lesson in lessons]


def sign(reading: Reading) -> str:
    """Return the call sign that the first page prints most often, empty without one."""
    words = " ".join(w.text for w in reading.pages[0].words) if reading.pages else ""
    found = Counter(_SIGN.findall(words))
    return found.most_common(1)[0][0] if found else ""


def headers_only(lesson: Lesson, engine: Engine) -> dict[str, bool]:
    """Return which header fields and whether the type of a paper are read right."""
    (found,) = engine.extract([replace(lesson.reading, record=None)])
    return {name: right for name, right in sheet(lesson, found).items() if ":" not in name}


def main() -> None:
    """Print a line per supplier and the sum as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--houses", type=int, default=12)
    parser.add_argument("--others", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bank", type=Path, default=packaged_bank())
    parser.add_argument("--adbuy", type=Path)
    parser.add_argument("--stations", type=int, default=4)
    parser.add_argument("--kept", type=Path, help="JSON lines, one a supplier, to go on from")
    given = parser.parse_args()
    use_threads(given.threads)
    version = active(given.bank)
    backbone = load_backbone("packaged")
    if given.adbuy:
        values = {f.name: getattr(backbone, f.name) for f in fields(Backbone)}
        backbone = Remembered(**values)
    network = load(version, backbone)
    config = Config(**version.card["config"])
    lines = {name: (a, b) for name, (a, b) in version.card.get("calibration", {}).items()}

    def engine(known: Suppliers, states: States | None = None) -> Engine:
        return Engine(network, config, version.name, Calibration(lines), known, states)

    most = max(CORRECTED)
    if given.adbuy:
        every = list(stations(given.adbuy, 2))[: given.stations]
    else:
        every = list(synthetic(given.seed, given.houses, most + given.others))
    done = {one.supplier: one for one in _kept(given.kept) if one.bank == version.name}
    took: list[tuple[float, float]] = []
    for lessons in every:
        name = _name(lessons)
        if name in done:
            continue
        turns = _turns(lessons) if given.adbuy else [(lessons[:most], lessons[most:])]
        steps, learnt_from, seconds = _judged(turns, network, config, engine)
        took.append(seconds)
        taught = [engine(known) for known in learnt_from]
        same = unmoved(every, lessons, engine(Suppliers()), taught)
        done[name] = Told(version.name, name, len(lessons), steps, same)
        print(f"{name[:50]:50s} {steps} {same}", flush=True)
        if given.kept:
            with given.kept.open("a", encoding="utf-8") as sink:
                sink.write(json.dumps(asdict(done[name])) + "\n")
    report: dict[str, object] = {
        "bank": version.name,
        "suppliers": len(done),
        "papers": sum(one.papers for one in done.values()),
        "corrected: before, after, of": {
            str(n): [
                sum(t.steps.get(str(n), (0, 0, 0))[i] for t in done.values()) for i in range(3)
            ]
            for n in CORRECTED
        },
        "papers_of_others_read_the_same": sum(one.others_the_same for one in done.values()),
    }
    if took and not given.adbuy:
        report["learn_seconds_worst"] = round(max(seconds for seconds, _ in took), 1)
        report["learn_processor_seconds_worst"] = round(max(cpu for _, cpu in took), 1)
    print(json.dumps(report))


def _turns(lessons: Sequence[Lesson]) -> list[tuple[list[Lesson], list[Lesson]]]:
    """Return what may be corrected, in its order, and no further judges, each paper first once."""
    return [([*lessons[n:], *lessons[:n]], []) for n in range(len(lessons))]


def _kept(file: Path | None) -> list[Told]:
    if file is None or not file.is_file():
        return []
    return [Told(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _name(lessons: Sequence[Lesson]) -> str:
    name = lessons[0].fields.get("supplier_name")  # a station's kind is in its name already
    return f"{name.value} {lessons[0].document_type}" if name else lessons[0].supplier


def _judged(
    turns: Sequence[tuple[Sequence[Lesson], Sequence[Lesson]]],
    network: Network,
    config: Config,
    engine: MakeEngine,
) -> tuple[dict[str, tuple[int, int, int]], list[Suppliers], tuple[float, float]]:
    """Return the steps of ``Told``, what each step of the last turn learnt, and its seconds."""
    steps: dict[str, tuple[int, int, int]] = {}
    every: list[Suppliers] = []
    seconds = (0.0, 0.0)
    for first, judges in turns:
        every = []
        for count in CORRECTED:
            others = judges or first[count:]
            if not others:
                continue
            before = [headers_only(lesson, engine(Suppliers())) for lesson in others]
            known, wall, processor = learnt(first[:count], network, config, engine)
            seconds = wall, processor
            every.append(known)
            after = [headers_only(lesson, engine(known)) for lesson in others]
            found = compare("", before, after)
            one, two, size = steps.get(str(count), (0, 0, 0))
            steps[str(count)] = (
                one + found.old_wrong,
                two + found.new_wrong,
                size + sum(map(len, before)),
            )
    return steps, every, seconds


def learnt(
    first: Sequence[Lesson], network: Network, config: Config, engine: MakeEngine
) -> tuple[Suppliers, float, float]:
    """Return what is learnt of a supplier, and the seconds and processor seconds it took."""
    started, used = time.perf_counter(), time.process_time()
    (house,) = houses(first)
    school = School(network, config, [house], engine=engine)
    found = school.learn(house, Suppliers())
    known = Suppliers({house.key: found.supplier} if found.supplier else {}).as_stored()
    return known, time.perf_counter() - started, time.process_time() - used


def unmoved(
    every: Sequence[Sequence[Lesson]],
    mine: Sequence[Lesson],
    plain: Engine,
    taught: Sequence[Engine],
) -> int:
    """Return how many papers, one of each other, were compared; ends if one is read otherwise."""
    others = [lessons[0].reading for lessons in every if lessons is not mine]
    before = [plain.extract([replace(r, record=None)]) for r in others]
    for engine in taught:
        for reading, (one,) in zip(others, before, strict=True):
            (two,) = engine.extract([replace(reading, record=None)])
            if one != two:
                raise SystemExit(f"another supplier's paper is read otherwise: {one} {two}")
    return len(others) * len(taught)


if __name__ == "__main__":
    main()

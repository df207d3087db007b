"""How fast a supplier is learnt: wrong fields on its other papers after 0, 1, 3, 5 corrected ones.

    python benchmarks/learning.py [--houses 12] [--others 5] [--seed 7] [--threads 2]
    python benchmarks/learning.py --adbuy ../shared/data/adbuy    # held-out stations

A house is a synthetic supplier whose papers look alike (``synth.house``), or a station of the
held-out part of the set. The first papers are corrected, the others judge. Error: wrong values of
the header and the type against all that either side has. The seconds are those of learning one
supplier from five papers, cross-check included, with the machine as busy as it was; beside them
the processor's own seconds.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from doctally.pages import Reading
from doctally.results import FieldValue
from doctally.schemas import all_header_fields, item_fields
from extractors.read import read
from flows.practice import as_lesson
from models.backbone import load_backbone, use_threads
from models.bank import active, load, packaged_bank
from models.calibration import Calibration
from models.config import Config
from models.documents import LIMITS, split, truths
from models.engine import Engine
from models.houses import School, houses
from models.lessons import Lesson
from models.network import Network
from models.owned import Suppliers
from models.trial import compare, sheet
from synth.house import house_paper

CORRECTED = (1, 3, 5)
_SIGN = re.compile(r"\b([KW][A-Z]{2,3})(?:-(?:TV|DT|FM|AM|CD|LD))?\b")


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

    Only five fields of these are labelled; all others are left open.
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
    for station, lessons in sorted(groups.items()):
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
    given = parser.parse_args()
    use_threads(given.threads)
    version = active(given.bank)
    network = load(version, load_backbone("packaged"))
    config = Config(**version.card["config"])
    lines = {name: (a, b) for name, (a, b) in version.card.get("calibration", {}).items()}

    def engine(known: Suppliers) -> Engine:
        return Engine(network, config, version.name, Calibration(lines), known)

    most = max(CORRECTED)
    source = (
        stations(given.adbuy, most + 2)
        if given.adbuy
        else synthetic(given.seed, given.houses, most + given.others)
    )
    total: dict[int, int] = dict.fromkeys((0, *CORRECTED), 0)
    fields, told = 0, 0
    took: list[float] = []
    cost: list[float] = []
    every = list(source)
    for lessons in every:
        first, others = lessons[:most], lessons[most:]
        plain = engine(Suppliers())
        before = [headers_only(lesson, plain) for lesson in others]
        line = [f"{sum(not r for s in before for r in s.values())}"]
        size = sum(map(len, before))
        total[0] += int(line[0])
        fields += size
        for count in CORRECTED:
            known, seconds, processor = learnt(first[:count], network, config, engine)
            if count == most:
                took.append(seconds)
                cost.append(processor)
            after = [headers_only(lesson, engine(known)) for lesson in others]
            got = compare("", before, after)
            total[count] += got.new_wrong
            line.append(f"{got.new_wrong}")
        told += unmoved(every, lessons, plain, engine(known))
        name = first[0].fields.get("supplier_name")
        title = name.value if name else first[0].supplier
        about = f"{title[:40]:40s} {first[0].document_type:16s}"
        print(f"{about} {' -> '.join(line)} of {size}", flush=True)
    report = {
        "bank": version.name,
        "suppliers": len(took),
        "fields": fields,
        "error": {str(n): round(wrong / max(fields, 1), 4) for n, wrong in total.items()},
        "learn_seconds_worst": round(max(took, default=0), 1),
        "learn_processor_seconds_worst": round(max(cost, default=0), 1),
        "papers_of_others_read_the_same": told,
    }
    print(json.dumps(report))


def learnt(
    first: Sequence[Lesson], network: Network, config: Config, engine: Callable[[Suppliers], Engine]
) -> tuple[Suppliers, float, float]:
    """Return what is learnt of a supplier, and the seconds and processor seconds it took."""
    started, used = time.perf_counter(), time.process_time()
    (house,) = houses(first)
    school = School(network, config, [house], engine=engine)
    found = school.learn(house, Suppliers())
    known = Suppliers({house.key: found.supplier} if found.supplier else {}).as_stored()
    return known, time.perf_counter() - started, time.process_time() - used


def unmoved(
    every: Sequence[Sequence[Lesson]], mine: Sequence[Lesson], plain: Engine, taught: Engine
) -> int:
    """Return how many papers of others were compared; ends if one is read otherwise."""
    others = [lessons[0].reading for lessons in every if lessons is not mine][:2]
    readings = [replace(r, record=None) for r in (*others, mine[-1].reading)]
    for one, two in zip(plain.extract(readings)[:-1], taught.extract(readings)[:-1], strict=True):
        if one != two:
            raise SystemExit(f"another supplier's paper is read otherwise: {one} {two}")
    return len(others)


if __name__ == "__main__":
    main()

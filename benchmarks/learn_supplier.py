"""From five corrected papers to a bank that serves: the seconds of ``doctally learn``, end to end.

    python -m benchmarks.learn_supplier [--seed 7] [--house 1] [--threads 2] [--keep FOLDER]

A home gets papers of one synthetic supplier that the bank has never seen (``synth.house``), five
of them are corrected as a person does on the review page, then ``doctally learn --no-tasks`` runs
as a process of its own. Printed are its seconds from start to end, those of the processor, and
the wrong header values on five further papers before and after.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.learning import headers_only
from db.database import open_database
from doctally.edits import Edits, Given, Row
from doctally.results import FieldValue, State
from doctally.schemas import DocumentType
from doctally.settings import Settings
from extractors.read import read
from flows.engine import shared_engine
from flows.home import open_home
from flows.once import process_files
from flows.practice import as_lesson
from flows.review import Desk, confirm
from models.documents import LIMITS
from models.lessons import Lesson
from synth.house import house_paper

CORRECTED, OTHERS = 5, 5


def papers(folder: Path, seed: int, house: int) -> list[tuple[Path, Lesson]]:
    """Return the supplier's papers and what is right of them."""
    found = []
    for index in range(CORRECTED + OTHERS):
        paper = house_paper(seed, house, index)
        path = folder / f"paper{index}.pdf"
        path.write_bytes(paper.ink.pdf(title=path.stem))
        reading = read(path, LIMITS, pages_only=True)
        found.append((path, as_lesson(index + 1, reading, paper.labels(path.name))))
    return found


def edits_of(lesson: Lesson, read_fields: Sequence[str]) -> Edits:
    """Return what a person types who corrects everything."""
    gone: dict[str, Given | None] = dict.fromkeys(read_fields)
    return Edits(
        document_type=DocumentType(lesson.document_type),
        fields=gone | {name: _given(value) for name, value in lesson.fields.items()},
        rows=tuple(
            Row(cells={name: _given(value) for name, value in line.items()})
            for line in lesson.line_items
        ),
    )


def _given(value: FieldValue) -> Given:
    box = value.box
    place = (box.x0, box.y0, box.x1, box.y1) if box else None
    return Given(value=value.value, page=value.page, box=place, text=value.text)


def wrong(lessons: Sequence[Lesson], settings: Settings) -> tuple[int, int]:
    """Return the wrong header values on papers, and all of them."""
    engine = shared_engine(settings)
    sheets = [headers_only(lesson, engine) for lesson in lessons]  # type: ignore[arg-type]
    return sum(not right for one in sheets for right in one.values()), sum(map(len, sheets))


def main() -> None:
    """Print the figures as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--house", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a new folder for papers and home, to look at")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = given.keep or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(home=folder / "home", settle_s=0, readers=1, threads=given.threads)
        every = papers(folder, given.seed, given.house)
        with open_home(settings) as home:
            files = [path for path, _ in every[:CORRECTED]]
            for _ in process_files(home, files, told=lambda _: None):
                pass
        others = [lesson for _, lesson in every[CORRECTED:]]
        before, size = wrong(others, settings)
        with open_database(settings.url) as database:
            corrected = sum(
                _correct(Desk(database), path.name, lesson) for path, lesson in every[:CORRECTED]
            )
        seconds, processor, report = learnt(settings)
        after, _ = wrong(others, settings)
    told = {
        "papers": CORRECTED,
        "values_corrected": corrected,
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "seconds_of_learning_itself": report["seconds"],
        "promoted": report["promoted"],
        "why": report["why"],
        "wrong_before": before,
        "wrong_after": after,
        "of": size,
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(told))


def _correct(desk: Desk, name: str, lesson: Lesson) -> int:
    from db import documents

    row = next(d for d in documents.recent(desk.database, limit=100) if d.name == name)
    stored = documents.document(desk.database, row.document_id).extraction
    edits = edits_of(lesson, list(stored.fields) if stored else [])
    done = confirm(desk, row.document_id, edits, who="clerk", now=datetime.now(UTC))
    if done.state is not State.CONFIRMED:
        raise SystemExit(f"{name} was not confirmed")
    return done.changed


def learnt(settings: Settings) -> tuple[float, float, dict[str, object]]:
    """Return the seconds and processor seconds of ``doctally learn``, and its report."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "doctally.cli", "learn", "--no-tasks", "--json"],
        env={
            **os.environ,
            "DOCTALLY_HOME": str(settings.home),
            "DOCTALLY_THREADS": str(settings.threads),
        },
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds = time.perf_counter() - started
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    report: dict[str, object] = json.loads(done.stdout)
    return seconds, processor, report


if __name__ == "__main__":
    main()

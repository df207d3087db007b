"""A review page with our own samples in it, in a process of its own, and a real browser before it.

The samples are read and stored by the real flows; only the model is replaced by the known right
values, found on the page, of which some are made doubtful or wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEngine
from playwright.sync_api import Browser, Page, sync_playwright
from ports import free_port

from db import documents
from db.database import Database, open_database
from doctally.pages import Reading
from doctally.pick import Picked, joined
from doctally.results import Extraction, FieldValue
from doctally.schemas import Kind, all_header_fields, item_fields
from doctally.settings import Settings
from doctally.values import Locale, infer_locale, same
from flows.home import open_home
from flows.once import process_files

SAMPLES = Path(__file__).parent / "documents"
SURE, DOUBTFUL = 0.97, 0.4
START_S = 120.0
_LONGEST = 9


@dataclass(frozen=True, slots=True)
class Sample:
    """One of our documents, and which of its values are made doubtful or wrong.

    ``cells`` are wrong ones of its lines, by line (from 0) and column.
    """

    name: str
    doubtful: tuple[str, ...] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[tuple[int, str], str] = field(default_factory=dict)


class KnowingEngine:
    """Finds in our samples what is expected there."""

    version = "known-1"

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.known = [(sample, _expected(sample.name)) for sample in samples]

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        return [self._one(reading) for reading in readings]

    def _one(self, reading: Reading) -> Extraction:
        if reading.record is not None:
            values = {n: FieldValue(v, 1.0, source="xml") for n, v in reading.record.fields.items()}
            return Extraction(reading.record.document_type, 1.0, values, (), "")

        def printed(known: tuple[Sample, dict[str, Any]]) -> int:
            return sum(value in reading.text for value in known[1]["fields"].values())

        known = [one for one in self.known if one[1]["fields"]["document_number"] in reading.text]
        if known:
            sample, row = max(known, key=printed)
            return _extraction(reading, sample, row, self.version)
        (other,) = FakeEngine().extract([reading])
        return replace(other, fields={n: _seen(reading, n, c) for n, c in other.fields.items()})


def _expected(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SAMPLES / f"{name}.expected.json").read_text("utf-8"))
    return loaded


def _extraction(
    reading: Reading, sample: Sample, row: Mapping[str, Any], version: str
) -> Extraction:
    locale = infer_locale(reading.text)
    kinds = {spec.name: spec.kind for spec in all_header_fields()}
    cells = {spec.name: spec.kind for spec in item_fields()}
    fields = {}
    for name, value in row["fields"].items():
        sure = DOUBTFUL if name in sample.doubtful or name in sample.wrong else SURE
        found = _value(reading, kinds[name], value, sure, locale)
        if name in sample.wrong:
            found = FieldValue(sample.wrong[name], sure, found.page, found.box, text=found.text)
        fields[name] = found
    lines = tuple(
        {n: _value(reading, cells[n], v, SURE, locale) for n, v in line.items()}
        for line in row["line_items"]
    )
    for (number, name), value in sample.cells.items():
        lines[number][name] = replace(lines[number][name], value=value)
    return Extraction(row["document_type"], SURE, fields, lines, version)


def _value(reading: Reading, kind: Kind, value: str, sure: float, locale: Locale) -> FieldValue:
    found = _place(reading, kind, value, locale)
    if found is None:
        return FieldValue(value, sure)
    return FieldValue(value, sure, found.page, found.box, text=found.text)


def _place(reading: Reading, kind: Kind, value: str, locale: Locale) -> Picked | None:
    for page in reading.pages:
        for start in range(len(page.words)):
            for end in range(start + 1, min(start + _LONGEST, len(page.words)) + 1):
                found = joined(page.words[start:end], page.number, kind, locale)
                if found.value is not None and same(kind, found.value, value):
                    return found
    return None


def _seen(reading: Reading, name: str, cell: FieldValue) -> FieldValue:
    kind = next(spec.kind for spec in all_header_fields() if spec.name == name)
    return _value(reading, kind, cell.value, cell.confidence, infer_locale(reading.text))


def fill(home: Path, samples: Sequence[Sample], *more: Path) -> dict[str, int]:
    """Process samples and further files into a home; return each document's id by its name."""
    settings = Settings(home=home, settle_s=0, readers=1, threads=1)
    files = [next(p for p in SAMPLES.glob(f"{s.name}.*") if p.suffix != ".json") for s in samples]
    with open_home(settings, load_engine=lambda _: KnowingEngine(samples)) as opened:
        for _ in process_files(opened, [*files, *more], told=lambda _: None):
            pass
    with open_database(settings.url) as database:
        return {d.name: d.document_id for d in documents.recent(database, limit=1000)}


class Served:
    """A running review page; it can be stopped and started again at the same address."""

    def __init__(self, home: Path, **more: str) -> None:
        self.home = home
        self.more = more
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        given = {
            "DOCTALLY_HOME": str(self.home),
            "DOCTALLY_REVIEW_PORT": str(self.port),
            "PYTHONPATH": os.pathsep.join(sys.path),
            **self.more,
        }
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DOCTALLY_")}
        with (self.home / "page.log").open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "doctally.review.serve"],
                env={**environment, **given},
                stdout=sink,
                stderr=sink,
                cwd=self.home,
            )
        deadline = time.monotonic() + START_S
        while True:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.2)

    def stop(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(60)

    def log(self) -> str:
        return (self.home / "page.log").read_text(errors="replace")[-4000:]

    @contextmanager
    def database(self) -> Iterator[Database]:
        with open_database(f"sqlite:///{self.home / 'doctally.db'}") as opened:
            yield opened


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give a browser; skips without one, fails on CI."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        reason = "no Chromium is installed (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def opened(browser: Browser, *, width: int = 1366, height: int = 768, dark: bool = False) -> Page:
    """Return a page of a browser of its own (its own cookies), quick to fail."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(30_000)
    return context.new_page()

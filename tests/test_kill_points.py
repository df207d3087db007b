"""Every point at which a kill can fall between two effects, one after the other, in one process."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from fakes import FakeEngine, invoice_pdf
from kills import kill_everywhere

from db import documents
from doctally.settings import Settings
from flows.home import open_home

FILES = {
    "good.pdf": invoice_pdf("R-1"),
    "unsure.pdf": invoice_pdf("R-2", words="UNSURE"),
    "poison.pdf": invoice_pdf("R-3", words="POISON"),
    "broken.pdf": b"%PDF-1.7 and nothing more",
    "acme/twin.pdf": invoice_pdf("R-1"),
}


def contents(home: Path) -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    for folder in ("inbox", "processing", "processed", "review", "failed"):
        for path in (home / folder).rglob("*"):
            if path.is_file() and not path.name.endswith(".reason.txt"):
                found[path.read_bytes()] += 1
    return found


def test_a_kill_at_any_point_loses_nothing_and_does_nothing_twice(
    settings: Settings, tmp_path: Path
) -> None:
    points = kill_everywhere(settings, tmp_path, FILES, assert_all_is_well)
    assert points > 40  # four files filed with two effects each way, and their claims


def assert_all_is_well(settings: Settings, when: str) -> None:
    assert contents(settings.home) == Counter(FILES.values()), when
    for folder in ("inbox", "processing"):
        assert not [p for p in (settings.home / folder).rglob("*") if p.is_file()], when
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        rows = documents.recent(home.database)
        states = Counter(str(row.state) for row in rows)
        assert states == {"accepted": 1, "review": 1, "failed": 2}, when
        for row in rows:
            path = home.folders.home / row.location
            assert path.is_file(), when
            reason = path.with_name(f"{path.name}.reason.txt")
            assert reason.is_file() == (row.state == "failed"), when
        assert len(list(home.folders.failed.iterdir())) == 4, when

"""Every point at which a kill can fall between two effects, one after the other, in one process."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEngine, drop, invoice_pdf

from db import documents
from doctally.errors import DoctallyError, UnreadableDocument
from doctally.pages import Reading
from doctally.settings import Settings
from extractors.read import ReadLimits, read
from flows import claims, filing, recovery
from flows.home import open_home
from flows.once import process_all

FILES = {
    "good.pdf": invoice_pdf("R-1"),
    "unsure.pdf": invoice_pdf("R-2", words="UNSURE"),
    "poison.pdf": invoice_pdf("R-3", words="POISON"),
    "broken.pdf": b"%PDF-1.7 and nothing more",
    "acme/twin.pdf": invoice_pdf("R-1"),
}
EFFECTS: tuple[tuple[Any, str], ...] = (
    (documents, "claim"),
    (documents, "relocate"),
    (documents, "store"),
    (documents, "fail"),
    (claims, "move"),
    (claims, "forget_failure"),
    (filing, "move"),
    (filing, "write_reason"),
    (recovery, "move"),
)


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


class Killer:
    """Lets effects happen and kills before or after the n-th."""

    def __init__(self, point: int | None) -> None:
        self.point = point
        self.seen = 0

    def around(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            self._pass()
            result = effect(*given, **named)
            self._pass()
            return result

        return call

    def _pass(self) -> None:
        self.seen += 1
        if self.seen == self.point:
            raise Killed


class HereReaders:
    """Reads in this process, so that nothing outlives a kill that is only played."""

    def __call__(self, paths: list[Path]) -> Iterator[tuple[Path, Reading | DoctallyError]]:
        for path in paths:
            try:
                yield path, read(path, ReadLimits())
            except UnreadableDocument as error:
                yield path, error

    def close(self) -> None:
        return None


def once(settings: Settings, killer: Killer) -> None:
    with pytest.MonkeyPatch.context() as patched:
        for module, name in EFFECTS:
            patched.setattr(module, name, killer.around(getattr(module, name)))
        with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
            here = replace(home, readers=HereReaders())  # type: ignore[arg-type]
            for _ in process_all(here, told=lambda _: None):
                pass


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
    with open_home(settings, load_engine=lambda _: FakeEngine()):
        pass
    for name, content in FILES.items():
        drop(settings.home / "inbox", name, content)
    point, killed = 0, True
    while killed:
        point += 1
        home = tmp_path / f"point-{point}"
        shutil.copytree(settings.home, home)
        here = settings.model_copy(update={"home": home})
        try:
            once(here, Killer(point))
            killed = False
        except Killed:
            once(here, Killer(None))
        assert_all_is_well(here, f"killed at point {point}")
    assert point > 40  # four files filed with two effects each way, and their claims


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

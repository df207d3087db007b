"""Kills at every point between two effects, one after the other, in one process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEngine, drop

from db import documents
from doctally.errors import DoctallyError, UnreadableDocument
from doctally.pages import Reading
from doctally.settings import Settings
from extractors.read import ReadLimits, read
from flows import claims, filing, recovery
from flows.home import open_home
from flows.once import process_all

Effects = tuple[tuple[Any, str], ...]

EFFECTS: Effects = (
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

    def __call__(self, paths: Sequence[Path]) -> Iterator[tuple[Path, Reading | DoctallyError]]:
        for path in paths:
            try:
                yield path, read(path, ReadLimits())
            except UnreadableDocument as error:
                yield path, error

    def cut(self, path: Path, starts: Sequence[int]) -> Reading:
        return read(path, ReadLimits(cut_at=tuple(starts)))

    def close(self) -> None:
        return None


def once(settings: Settings, killer: Killer, effects: Effects) -> None:
    """Process everything there is, or as much as the killer allows."""
    with pytest.MonkeyPatch.context() as patched:
        for owner, name in effects:
            patched.setattr(owner, name, killer.around(getattr(owner, name)))
        with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
            here = replace(home, readers=HereReaders())  # type: ignore[arg-type]
            for _ in process_all(here, told=lambda _: None):
                pass


def kill_everywhere(
    settings: Settings,
    folder: Path,
    files: Mapping[str, bytes],
    check: Callable[[Settings, str], None],
    effects: Effects = EFFECTS,
) -> int:
    """Return the number of points; at each a home is killed, started again, and checked."""
    with open_home(settings, load_engine=lambda _: FakeEngine()):
        pass
    for name, content in files.items():
        drop(settings.home / "inbox", name, content)
    point, killed = 0, True
    while killed:
        point += 1
        home = folder / f"point-{point}"
        shutil.copytree(settings.home, home)
        here = settings.model_copy(update={"home": home})
        try:
            once(here, Killer(point), effects)
            killed = False
        except Killed:
            once(here, Killer(None), effects)
        check(here, f"killed at point {point}")
        shutil.rmtree(home)
    return point

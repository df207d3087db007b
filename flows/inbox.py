"""The inbox as one look sees it: complete files, problems, and how many still wait."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from flows.folders import Folders, Found, Problem, scan
from flows.settling import Settling


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the inbox found; ``waiting`` counts files that are not complete yet."""

    ready: tuple[Found, ...]
    problems: tuple[Problem, ...]
    waiting: int


class Inbox:
    """Looks at the inbox and remembers what it saw: growing files and told problems."""

    def __init__(self, folders: Folders, *, settle_s: float) -> None:
        self._folders = folders
        self._settling = Settling(settle_s)
        self._told: dict[Path, tuple[str, int]] = {}

    def look(self, *, limit: int | None = None) -> Look:
        """Return what is there now, at most ``limit`` ready files, each problem only once.

        Raises AccessDenied when the inbox cannot be listed.
        """
        ready: list[Found] = []
        problems: list[Problem] = []
        seen: set[Path] = set()
        waiting = 0
        self._settling.look()
        for entry in scan(self._folders.inbox):
            seen.add(entry.path)
            if isinstance(entry, Problem):
                if self.tell(entry.path, entry.code):
                    problems.append(entry)
            elif not _changeable(entry.path.parent):
                if self.tell(entry.path.parent, "access_denied"):
                    problems.append(_locked_folder(entry))
                seen.add(entry.path.parent)
            elif self._told.get(entry.path) == ("stuck", entry.ctime_ns):
                continue
            elif self._complete(entry) and (limit is None or len(ready) < limit):
                ready.append(entry)
            else:
                waiting += 1
        self._settling.forget_all_but(seen)
        self._told = {path: told for path, told in self._told.items() if path in seen}
        return Look(tuple(ready), tuple(problems), waiting)

    @property
    def soonest_s(self) -> float:
        """Return how long after the latest look the next file may be complete, at most settle_s."""
        return self._settling.soonest_s

    def _complete(self, entry: Found) -> bool:
        return self._settling.complete(entry, wall=time.time(), steady=time.monotonic())

    def tell(self, path: Path, code: str, *, mark: int = 0) -> bool:
        """Tell whether this is news about a path, and remember it as told."""
        news = self._told.get(path) != (code, mark)
        self._told[path] = (code, mark)
        return news

    def leave(self, found: Found) -> None:
        """Do not offer a file again until it changes: it cannot be moved."""
        self.tell(found.path, "stuck", mark=found.ctime_ns)


def _changeable(folder: Path) -> bool:
    mode = os.W_OK | os.X_OK
    if os.access in os.supports_effective_ids:
        return os.access(folder, mode, effective_ids=True)
    return os.access(folder, mode)


def _locked_folder(entry: Found) -> Problem:
    folder = entry.path.parent
    return Problem(
        folder,
        entry.tags[-1] if entry.tags else folder.name,
        entry.tags[:-1],
        "access_denied",
        "files cannot be moved out of this folder; give doctally the right to change it, "
        "then they are taken",
        movable=False,
    )

"""Suppliers with their spend category, and lines as they write them, from ``wording/spend.txt``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Billed:
    """A supplier's name, its lines, and the key of the category it belongs to."""

    category: str
    name: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the lines below each other."""
        return "\n".join(self.lines)


def billed(path: Path = Path(__file__).parent / "wording" / "spend.txt") -> list[Billed]:
    """Return the suppliers of a file of ``category | name | line; line`` lines."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            category, name, lines = (part.strip() for part in line.split(" | "))
            found.append(Billed(category, name, tuple(x.strip() for x in lines.split(";"))))
    return found

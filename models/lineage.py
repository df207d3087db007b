"""Which bank an installation uses, and the way back: learnt versions lie in its home.

Until something was learnt the packaged bank serves. The first learning copies its version to
``<home>/bank``, so that there is always a version to go back to; the package is never written to.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from doctally.errors import ConfigurationError
from doctally.settings import Settings
from models.cards import ACTIVE, Version, active, packaged_bank, promote

FOLDER = "bank"
REFUSED = "REFUSED"
"""A file of version names, one a line: those that a person rolled back from."""


def bank_of(settings: Settings) -> Path:
    """Return the bank that serves: the setting's, the home's if it has learnt, the packaged one."""
    if settings.bank is not None:
        return settings.bank
    own = settings.home / FOLDER
    return own if (own / ACTIVE).is_file() else packaged_bank()


def learning_bank(settings: Settings) -> Path:
    """Return the bank that learning writes to, begun with the version that serves now.

    Raises ConfigurationError if there is no version to begin with.
    """
    target = settings.bank or settings.home / FOLDER
    if not (target / ACTIVE).is_file():
        first = active(bank_of(settings))
        if not (target / first.name).exists():
            part = target / f".{first.name}.{os.getpid()}"
            shutil.copytree(first.folder, part)
            part.rename(target / first.name)
        promote(target, first.name)
    return target


def ancestors(of: Version) -> tuple[str, ...]:
    """Return the names of the versions that a version came from, nearest first."""
    return tuple(str(told["version"]) for told in of.card.get("ancestors", []))


def roll_back(bank: Path) -> Version:
    """Return the version before the active one, which serves from now on.

    The one left behind is remembered: learning does not come back to it by itself. Raises
    ConfigurationError if there is no version to go back to.
    """
    left = active(bank)
    for name in ancestors(left):
        if (bank / name).is_dir():
            before = promote(bank, name)
            with (bank / REFUSED).open("a", encoding="utf-8") as file:
                file.write(left.name + "\n")
            return before
    raise ConfigurationError(f"version {left.name} has no earlier version in {bank}")


def refused(bank: Path) -> frozenset[str]:
    """Return the versions that a person rolled back from."""
    listed = bank / REFUSED
    return frozenset(listed.read_text("utf-8").split()) if listed.is_file() else frozenset()

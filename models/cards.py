"""The versions of the prompt bank as their cards tell of them; reading these needs no torch.

``ACTIVE`` names the version in use and moves by an atomic rename.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doctally.errors import ConfigurationError

CARD = "card.json"
ACTIVE = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Version:
    """A bank version on disk and its card."""

    name: str
    folder: Path
    card: Mapping[str, Any]


def packaged_bank() -> Path:
    """Return the folder of the bank that ships with doctally."""
    return Path(__file__).parent / "bank"


def descended(card: Mapping[str, Any], parent: Version) -> dict[str, Any]:
    """Return a card that names the version it came from, and what that one came from, in short."""
    told = ("version", "created", "steps", "minutes", "adapted", "config", "data", "calibrated_on")
    short = {name: parent.card[name] for name in told if name in parent.card}
    earlier = parent.card.get("ancestors", [])
    return {**card, "parent": parent.name, "ancestors": [short, *earlier]}


def versions(bank: Path) -> list[Version]:
    """Return every version of a bank, oldest card first."""
    cards = sorted(bank.glob(f"*/{CARD}"))
    read = [_version(card.parent) for card in cards]
    return sorted(read, key=lambda v: str(v.card.get("created", "")))


def active(bank: Path) -> Version:
    """Return the version in use; raises ConfigurationError when there is none."""
    try:
        name = (bank / ACTIVE).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(
            f"no prompt bank at {bank}: run `doctally train` or set DOCTALLY_BANK"
        ) from error
    return version(bank, name)


def version(bank: Path, name: str) -> Version:
    """Return a version by its name; raises ConfigurationError if it is not there."""
    return _version(bank / Path(name).name)


def promote(bank: Path, name: str) -> Version:
    """Make a version the one in use; raises ConfigurationError if it is not there."""
    chosen = version(bank, name)
    temporary = bank / f".{ACTIVE}.{os.getpid()}"
    temporary.write_text(chosen.name + "\n", encoding="utf-8")
    temporary.replace(bank / ACTIVE)
    return chosen


def _version(folder: Path) -> Version:
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"bank version {folder.name} is not readable: {error}") from error
    return Version(folder.name, folder, card)

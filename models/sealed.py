"""The seal of a bank version: hashes of its files in its card, checked before any of them is read.

A version of earlier days has no seal; then its name, which is a hash of its numbers and its
calibration, is checked, unless it knows suppliers. A seal tells damage and a swapped file; whoever
may write the card as well is to be kept out by the folder's rights.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from doctally.errors import ConfigurationError
from models.cards import CARD, Version
from models.owned import NUMBERS

WEIGHTS = "prompts.safetensors"
_CALIBRATION = "calibration"


def seal(folder: Path, card: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each file of a version but its card, and of the card's calibration."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != CARD)
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    if _CALIBRATION in card:
        told = json.dumps(card[_CALIBRATION], sort_keys=True).encode()
        found[_CALIBRATION] = hashlib.sha256(told).hexdigest()
    return found


def digest(numbers: Mapping[str, torch.Tensor], card: Mapping[str, Any], beside: str) -> str:
    """Return the hash whose first 12 digits name a version: numbers, calibration, the rest."""
    hashed = hashlib.sha256()
    for name in sorted(numbers):
        hashed.update(name.encode())
        hashed.update(numbers[name].contiguous().view(torch.uint8).numpy().data)
    if _CALIBRATION in card:
        hashed.update(json.dumps(card[_CALIBRATION], sort_keys=True).encode())
    hashed.update(beside.encode())
    return hashed.hexdigest()


def check(version: Version) -> None:
    """Raise ConfigurationError if a file of the version is not what it was when it was made."""
    sealed = version.card.get("files")
    try:
        if sealed is not None:
            found = seal(version.folder, version.card)
            added = {name for name in found if name.endswith(".safetensors")}
            wrong = sorted(n for n in {*sealed, *added} if found.get(n) != sealed.get(n))
        elif (version.folder / NUMBERS).exists():
            wrong = []
        else:
            named = digest(load_file(version.folder / WEIGHTS), version.card, "")
            wrong = [] if named.startswith(str(version.card["version"])) else [WEIGHTS]
    except (OSError, SafetensorError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"bank version {version.name}: {error}") from error
    if wrong:
        raise ConfigurationError(
            f"bank version {version.name} is not as it was made ({', '.join(wrong)}): damaged or "
            "changed by somebody; go back to another (doctally bank rollback) or restore it",
            code="bank_changed",
        )

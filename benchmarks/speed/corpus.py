"""Text PDFs without end: invoices of the generator, each its own supplier, number and layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from synth.generate import write

SEED = 8_008
_ONLY = {"invoice": 1.0}


def corpus(folder: Path, count: int) -> list[tuple[Path, dict[str, Any]]]:
    """Return so many PDFs, written to a folder, each with what is printed on it."""
    write(folder, count=count, seed=SEED, jobs=2, shares=_ONLY)
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    found = [(folder / label["file"], label) for label in map(json.loads, lines)]
    return [(path, label) for path, label in found if path.read_bytes()]

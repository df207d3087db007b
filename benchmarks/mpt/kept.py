"""Results that outlive an interruption: one JSON line each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Kept:
    """The lines of ``results.jsonl`` in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "results.jsonl"
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        self.rows: list[dict[str, Any]] = [json.loads(line) for line in lines if line.strip()]

    def has(self, wanted: Mapping[str, Any]) -> bool:
        """Tell whether a row agrees with all that is wanted."""
        return any(all(row.get(k) == v for k, v in wanted.items()) for row in self.rows)

    def add(self, row: dict[str, Any]) -> None:
        """Write a row."""
        self.rows.append(row)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")

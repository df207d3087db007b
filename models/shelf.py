"""What the backbone said of windows, kept in files: training above it takes up where it ended.

An entry is named by what it depends on (the window's words and places, the task, the numbers of
backbone, prompts and layout), so entries are never stale and every run may use the same folder.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.windows import Encoded, Window

_DATA = "states.f16"
_INDEX = "states.jsonl"


class Shelf:
    """Tensors [words, width] in half precision by name, in one file that only grows."""

    def __init__(self, folder: Path, width: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._width = width
        self._data = (folder / _DATA).open("a+b")
        self._index = (folder / _INDEX).open("a+", encoding="utf-8")
        self._places: dict[str, tuple[int, int]] = {}
        self._index.seek(0)
        size = (folder / _DATA).stat().st_size
        for line in self._index:
            try:
                name, first, words = json.loads(line)
            except ValueError:
                continue  # a line that a kill cut off
            if first + words * width * 2 <= size:
                self._places[name] = (first, words)
        self._index.write("\n")  # ends a line that a kill cut off
        self._mapped = np.empty(0, dtype=np.uint8)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __len__(self) -> int:
        return len(self._places)

    def put(self, name: str, states: Tensor) -> None:
        """Keep a tensor [words, width]."""
        self._data.seek(0, 2)
        first = self._data.tell()
        self._data.write(states.half().contiguous().cpu().numpy().tobytes())
        self._places[name] = (first, len(states))
        self._index.write(json.dumps([name, first, len(states)]) + "\n")

    def get(self, name: str) -> Tensor:
        """Return a tensor that was put; raises KeyError for another name."""
        first, words = self._places[name]
        last = first + words * self._width * 2
        if last > len(self._mapped):
            self.flush()
            self._mapped = np.memmap(self._data.name, dtype=np.uint8, mode="r")
        raw = np.array(self._mapped[first:last]).view(np.float16)
        return torch.from_numpy(raw).view(words, self._width).float()

    def flush(self) -> None:
        """Write what was put to the files, states before the entries that name them."""
        self._data.flush()
        self._index.flush()

    def close(self) -> None:
        """Flush and close the files."""
        self.flush()
        self._data.close()
        self._index.close()


def window_name(encoded: Encoded, window: Window, task: str, network: str) -> str:
    """Return the name of a window's states under a task and a network's fingerprint."""
    part = slice(window.first, window.last)
    known = hashlib.sha256(f"{network} {task} {encoded.pieces[part]}".encode())
    for array in (encoded.boxes[part], encoded.flags[part], encoded.shapes[part]):
        known.update(np.ascontiguousarray(array).tobytes())
    return known.hexdigest()[:32]

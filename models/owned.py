"""What a bank has learnt of single suppliers: numbers on top of a task's, for their papers alone.

For each task a supplier may have deltas of its label vectors and biases. They are used for a paper
whose supplier is surely known (``models.marks``); every other paper is read as if there were no
suppliers, bit for bit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from doctally.errors import ConfigurationError
from doctally.pages import Reading
from models.marks import Marks, face, recognise

NUMBERS = "suppliers.safetensors"
TOLD = "suppliers.json"


@dataclass(frozen=True, slots=True)
class Own:
    """A supplier's numbers for a task: deltas of label vectors [labels, size] and biases."""

    delta: Tensor
    bias: Tensor

    def __call__(self, states: Tensor) -> Tensor:
        """Return what is added to the label logits [..., labels] of states [..., size]."""
        return states @ self.delta.T + self.bias


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier as learning knows it; ``papers`` are the documents it was learnt from."""

    title: str
    marks: Marks
    tasks: Mapping[str, Own]
    papers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Suppliers:
    """Every supplier of a bank by its key."""

    known: Mapping[str, Supplier] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many suppliers there are."""
        return len(self.known)

    def of(self, reading: Reading) -> Supplier | None:
        """Return the supplier of a reading, None where that is not sure."""
        if not self.known or not reading.pages:
            return None
        name = recognise(face(reading), {key: s.marks for key, s in self.known.items()})
        return None if name is None else self.known[name]

    def with_(self, changed: Mapping[str, Supplier]) -> Suppliers:
        """Return these suppliers and the changed ones."""
        return Suppliers({**self.known, **changed})

    def as_stored(self) -> Suppliers:
        """Return the suppliers as they are after being saved: in half precision."""

        def half(own: Own) -> Own:
            return Own(own.delta.half().float(), own.bias.half().float())

        return Suppliers(
            {
                key: Supplier(s.title, s.marks, {t: half(o) for t, o in s.tasks.items()}, s.papers)
                for key, s in self.known.items()
            }
        )

    def digest(self) -> str:
        """Return a hash of all numbers and marks; empty without suppliers."""
        if not self.known:
            return ""
        hashed = hashlib.sha256(json.dumps(self._told(), sort_keys=True).encode())
        for name, tensor in self._tensors():
            hashed.update(name.encode())
            hashed.update(tensor.view(torch.uint8).numpy().data)
        return hashed.hexdigest()

    def save(self, folder: Path) -> None:
        """Write the suppliers into a version's folder; nothing without suppliers."""
        if self.known:
            save_file(dict(self._tensors()), folder / NUMBERS)
            (folder / TOLD).write_text(json.dumps(self._told(), indent=1) + "\n", encoding="utf-8")

    def _told(self) -> dict[str, Any]:
        return {
            key: {
                "title": s.title,
                "papers": list(s.papers),
                "tasks": sorted(s.tasks),
                "marks": s.marks.as_json(),
            }
            for key, s in sorted(self.known.items())
        }

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        for key, supplier in sorted(self.known.items()):
            for task, own in sorted(supplier.tasks.items()):
                yield f"{key}/{task}/delta", own.delta.detach().half().contiguous()
                yield f"{key}/{task}/bias", own.bias.detach().half().contiguous()


def load_suppliers(folder: Path, shapes: Mapping[str, Sequence[int]]) -> Suppliers:
    """Return the suppliers of a version's folder, none where it has none.

    ``shapes`` are [labels, size] of each task. Raises ConfigurationError if a file is broken or
    belongs to other labels.
    """
    if not (folder / TOLD).is_file():
        return Suppliers()
    try:
        told = json.loads((folder / TOLD).read_text(encoding="utf-8"))
        tensors = {n: t.to(torch.float32) for n, t in load_file(folder / NUMBERS).items()}
        return Suppliers({key: _supplier(key, one, tensors, shapes) for key, one in told.items()})
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
        raise ConfigurationError(f"suppliers of version {folder.name}: {error!r}") from error


def _supplier(
    key: str,
    told: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    shapes: Mapping[str, Sequence[int]],
) -> Supplier:
    tasks = {}
    for task in told["tasks"]:
        own = Own(tensors[f"{key}/{task}/delta"], tensors[f"{key}/{task}/bias"])
        if tuple(own.delta.shape) != tuple(shapes[task]) or own.bias.shape[0] != shapes[task][0]:
            raise ValueError(f"{task} of {key} has other labels")
        tasks[task] = own
    papers = tuple(int(number) for number in told["papers"])
    return Supplier(str(told["title"]), Marks.from_json(told["marks"]), tasks, papers)

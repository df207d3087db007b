"""What changed between two versions of a bank: tasks, numbers part by part, settings, scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from models.bank import tensors
from models.captions import load_captions
from models.cards import Version

Changed = tuple[Any, Any]
_CAPTIONS = "captions"


@dataclass(frozen=True, slots=True)
class Part:
    """Numbers that belong together: how many there are, how many moved and how far.

    ``moved`` is the norm of the difference over the norm of what was there before, or 1 if nothing
    was.
    """

    name: str
    numbers: int
    changed: int
    moved: float


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is different from the first version to the second."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    settings: Mapping[str, Changed] = field(default_factory=dict)
    scores: Mapping[str, Changed] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Tell whether both answer alike as far as their numbers go."""
        return not self.added and not self.removed and not any(p.changed for p in self.parts)


def difference(first: Version, second: Version) -> Difference:
    """Return what is different; raises ConfigurationError if a version's numbers are unreadable."""
    ours, theirs = set(first.card["tasks"]), set(second.card["tasks"])
    return Difference(
        added=tuple(sorted(theirs - ours)),
        removed=tuple(sorted(ours - theirs)),
        parts=_parts(_numbers(first), _numbers(second), ours | theirs),
        settings=_changed(first.card.get("config", {}), second.card.get("config", {})),
        scores=_changed(_flat(first.card.get("held_out")), _flat(second.card.get("held_out"))),
    )


def _numbers(version: Version) -> dict[str, Tensor]:
    """Return a version's numbers with those of its captions."""
    captions = load_captions(version.folder)
    numbers = torch.from_numpy(captions.weights * captions.scale)
    return {**tensors(version), **({_CAPTIONS: numbers} if captions.labels else {})}


def _parts(
    before: Mapping[str, Tensor], after: Mapping[str, Tensor], tasks: set[str]
) -> tuple[Part, ...]:
    """Return the parts in both versions; rows of labels that only one knows are left out."""
    found: dict[str, list[tuple[Tensor, Tensor]]] = defaultdict(list)
    if (before.keys() ^ after.keys()) & {_CAPTIONS}:  # none are as good as such that say nothing
        nothing = torch.zeros_like({**before, **after}[_CAPTIONS])
        before, after = {_CAPTIONS: nothing, **before}, {_CAPTIONS: nothing, **after}
    for name in before.keys() & after.keys():
        if before[name].shape == after[name].shape:
            found[_part_of(name, tasks)].append((before[name], after[name]))
    return tuple(
        Part(
            name,
            sum(one.numel() for one, _ in pairs),
            sum(int((one != other).sum()) for one, other in pairs),
            _norm(other - one for one, other in pairs)
            / (_norm(one for one, _ in pairs) or _norm(other for _, other in pairs) or 1.0),
        )
        for name, pairs in sorted(found.items())
    )


def _norm(parts: Iterable[Tensor]) -> float:
    return float(torch.stack([part.norm() for part in parts]).norm())


def _part_of(name: str, tasks: set[str]) -> str:
    named = name.split(".")
    own = [part for part in named if part in tasks]
    return f"task {own[0]}" if own else ".".join(named[:2])


def _flat(told: Any, prefix: str = "") -> dict[str, Any]:
    """Return nested mappings as one, keys joined by dots."""
    if not isinstance(told, Mapping):
        return {prefix: told} if prefix else {}
    flat: dict[str, Any] = {}
    for name, value in told.items():
        flat |= _flat(value, f"{prefix}.{name}" if prefix else str(name))
    return flat


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Changed]:
    names = dict.fromkeys([*before, *after])
    return {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}

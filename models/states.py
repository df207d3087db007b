"""The state of a shipment from one line of a carrier: sentence embedding and words, no prompt.

The bank's task ``status`` reads whole messages; a scan event is a few words, for which the
embedding that the backbone was pre-trained for is the better judge, together with the words
themselves (so that "not delivered" is no delivery): softmax(W [e(text); words; 1]).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import cross_entropy

from doctally.categories import folded
from doctally.errors import ConfigurationError
from doctally.said import state_said
from doctally.schemas import ShipmentState
from models.backbone import Backbone
from models.sentences import embedded

NAMES = tuple(str(state) for state in ShipmentState)
STEM = 6
"""Letters of a word that count."""
HOLD = 0.1
SAID = 0.95
"""How sure a set phrase is at least (132 of 133 in the phrases and the training carriers)."""
TWICE = 2
"""Texts that a word or pair of words must stand in."""


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a carrier, and the state it means."""

    text: str
    state: str


def grams(text: str) -> set[str]:
    """Return a text's words, cut to their stems, and the pairs that stand side by side or near."""
    words = [word[:STEM] for word in folded(text)]
    near = pairwise(words)
    apart = zip(words, words[2:], strict=False)
    return {*words, *(f"{a} {b}" for a, b in near), *(f"{a} _ {b}" for a, b in apart)}


class StateJudge:
    """Tells the state of single events; ``weights`` are [d + words + 1, 9]."""

    def __init__(self, backbone: Backbone, words: Sequence[str], weights: Tensor) -> None:
        self._backbone = backbone
        self._words = {word: n for n, word in enumerate(words)}
        self._weights = weights

    def answers(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """Return for each text the state and its probability; set phrases decide alone."""
        if not texts:
            return []
        seen = features(self._backbone, self._words, texts)
        answers = []
        for text, chances in zip(texts, (seen @ self._weights).softmax(-1), strict=True):
            said = state_said(text)
            best = int(chances.argmax()) if said is None else NAMES.index(said)
            sure = float(chances[best])
            answers.append((NAMES[best], sure if said is None else max(sure, SAID)))
        return answers

    def save(self, path: Path) -> None:
        """Write the judge; nothing is pickled."""
        told = {"backbone": self._backbone.sha256, "words": json.dumps(list(self._words))}
        save_file({"weights": self._weights.half().contiguous()}, path, metadata=told)


def features(backbone: Backbone, words: dict[str, int], texts: Sequence[str]) -> Tensor:
    """Return what the judge sees of texts [n, d + words + 1]."""
    bags = torch.zeros(len(texts), len(words))
    for row, text in zip(bags, texts, strict=True):
        row[[words[gram] for gram in grams(text) if gram in words]] = 1
    bags = bags / bags.norm(dim=-1, keepdim=True).clamp_min(1)
    return torch.cat((embedded(backbone, texts), bags, torch.ones(len(texts), 1)), -1)


def taught(backbone: Backbone, examples: Sequence[Told]) -> StateJudge:
    """Return the judge of examples (multinomial logistic regression with L2)."""
    counted = Counter(gram for one in examples for gram in grams(one.text))
    words = {g: n for n, g in enumerate(sorted(g for g, c in counted.items() if c >= TWICE))}
    seen = features(backbone, words, [one.text for one in examples])
    right = torch.tensor([NAMES.index(one.state) for one in examples])
    often = torch.bincount(right, minlength=len(NAMES)).clamp_min(1)
    balance = (often.float().mean() / often) ** 0.5  # most events are in transit
    weights = torch.zeros(seen.shape[1], len(NAMES), requires_grad=True)
    descent = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        descent.zero_grad()
        each = cross_entropy(seen @ weights, right, reduction="none")
        total = ((each * balance[right]).sum() + HOLD * weights[:-1].square().sum()) / len(right)
        total.backward()  # type: ignore[no-untyped-call]  # torch's has no types
        return total

    descent.step(loss)  # type: ignore[no-untyped-call, unused-ignore]
    return StateJudge(backbone, list(words), weights.detach())


def packaged_judge() -> Path:
    """Return the judge that comes with doctally."""
    return Path(str(files("models"))) / "states.safetensors"


def load_judge(backbone: Backbone, path: Path | None = None) -> StateJudge | None:
    """Return the packaged judge, or that of a file, None if it belongs to another backbone.

    Raises ConfigurationError if the file is damaged.
    """
    source = path or packaged_judge()
    try:
        with safe_open(source, framework="pt") as stored:
            told = stored.metadata() or {}
            words = json.loads(told["words"])
            weights = stored.get_tensor("weights").float()
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ConfigurationError(f"states: {source} is damaged: {error}") from error
    fits = told.get("backbone") == backbone.sha256
    return StateJudge(backbone, words, weights) if fits else None

"""The task ``supplier``: which spend category a supplier's name, lines and text speak for.

Judges add up, per category c, for the parts p (name and lines) of a text:

    s(c) = SAID cos(e(text), e(c's description)) + WORDS weight of c's words in the parts
           + v(c) . (mean e(p) + e(text) / 2)  [ + GUIDED sum over d of P(d) B(d, c) ]

e is the backbone's sentence embedding. A list of your own has no vectors v until examples give
them (``models.spend_training``); there the packaged list guides: the probability of each of its
categories d goes to those of yours that are described alike, B = softmax_c(ALIKE cos(d, c)). So a
category works from its description alone, in the languages that the packaged list knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from doctally.categories import Category, Vocabulary, fingerprint, load_categories
from doctally.errors import ConfigurationError
from models.backbone import Backbone
from models.sentences import embedded

SAID = 8.0
WORDS, FEW_WORDS = 4.0, 1.0
"""Weight of words, for a list that has words and for one of descriptions alone."""
GUIDED, ALIKE = 8.0, 20.0
MOST_PARTS = 24
VECTORS = "categories.safetensors"
_BETWEEN = re.compile(r"\s*(?:[;\n\r|]|\s/\s|(?<=\D),\s)\s*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a supplier: its name, and its lines or other text."""

    name: str
    text: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Return name and lines, each once, those without words left out."""
        every = [self.name, *_BETWEEN.split(self.text)]
        kept = [part.strip() for part in every if sum(c.isalpha() for c in part) > 1]
        return tuple(dict.fromkeys(kept))[:MOST_PARTS]


@dataclass(frozen=True, slots=True)
class Vectors:
    """What examples have taught: a vector per category [categories, d], and how sure to be."""

    weights: Tensor
    sharpness: float = 0.6
    examples: int = 0

    def save(self, path: Path, *, categories: Sequence[Category], backbone: Backbone) -> None:
        """Write the vectors, whole or not at all; nothing is pickled."""
        told = {
            "categories": fingerprint(categories),
            "backbone": backbone.sha256,
            "sharpness": str(self.sharpness),
            "examples": str(self.examples),
        }
        part = path.with_suffix(".part")
        save_file({"weights": self.weights.half().contiguous()}, part, metadata=told)
        part.replace(path)


def load_vectors(
    path: Path, *, categories: Sequence[Category], backbone: Backbone
) -> Vectors | None:
    """Return a file's vectors, None if they belong to another list or backbone.

    Raises ConfigurationError if the file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as stored:
            told = stored.metadata() or {}
            weights = stored.get_tensor("weights").float()
            sharpness, examples = float(told["sharpness"]), int(told["examples"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ConfigurationError(f"spend categories: {path} is damaged: {error}") from error
    theirs = (told.get("categories"), told.get("backbone"), tuple(weights.shape))
    ours = (fingerprint(categories), backbone.sha256, (len(categories), backbone.width))
    return Vectors(weights, sharpness, examples) if theirs == ours else None


def packaged_vectors() -> Path:
    """Return the vectors of the default list that come with doctally."""
    return Path(str(files("models"))) / VECTORS


class Spend:
    """Chooses spend categories from a list."""

    def __init__(
        self,
        categories: Sequence[Category],
        backbone: Backbone,
        vectors: Vectors | None = None,
        *,
        guide: Spend | None = None,
    ) -> None:
        self.categories = tuple(categories)
        self.backbone = backbone
        self.vectors = vectors or Vectors(torch.zeros(len(categories), backbone.width))
        self._vocabulary = Vocabulary(categories)
        self._words = WORDS if any(category.words for category in categories) else FEW_WORDS
        self._said = embedded(backbone, [category.said for category in categories])
        self._guide = guide
        if guide is not None:
            self._bridge = (ALIKE * guide._said @ self._said.T).softmax(-1)

    @classmethod
    def load(cls, categories: Sequence[Category], backbone: Backbone, *own: Path) -> Spend:
        """Return the classifier with the first vectors that fit: one's own, the packaged ones."""
        packaged = load_categories()
        guide = None if tuple(categories) == packaged else cls.load(packaged, backbone)
        for path in (*own, packaged_vectors()):
            if path.is_file():
                found = load_vectors(path, categories=categories, backbone=backbone)
                if found is not None:
                    return cls(categories, backbone, found, guide=guide)
        return cls(categories, backbone, guide=guide)

    def features(self, asked: Sequence[Asked]) -> tuple[Tensor, Tensor]:
        """Return what vectors see [n, d], and the untaught scores [n, categories]."""
        parts = [one.parts or (" ",) for one in asked]
        whole = embedded(self.backbone, ["; ".join(p) for p in parts])
        each = embedded(self.backbone, [text for p in parts for text in p])
        means = torch.stack([rows.mean(0) for rows in torch.split(each, [len(p) for p in parts])])
        words = torch.tensor([self._vocabulary.weights(p) for p in parts])
        seen = means + 0.5 * whole
        scores = SAID * whole @ self._said.T + self._words * words
        if self._guide is not None:
            scores = scores + GUIDED * self._guide.chances(asked) @ self._bridge
        return seen, scores

    def chances(self, asked: Sequence[Asked]) -> Tensor:
        """Return the probability of every category [n, categories]."""
        seen, untaught = self.features(asked)
        scores = self.vectors.sharpness * (untaught + seen @ self.vectors.weights.T)
        return scores.softmax(-1)

    def answers(self, asked: Sequence[Asked]) -> list[tuple[str, float]]:
        """Return for each supplier the category's key and its probability; no words: ("", 0)."""
        if not asked:
            return []
        chances, best = self.chances(asked).max(-1)
        return [
            (self.categories[int(b)].key, float(c)) if one.parts else ("", 0.0)
            for one, c, b in zip(asked, chances, best, strict=True)
        ]

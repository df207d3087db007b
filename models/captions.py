"""A second opinion: which field a value is by the captions around it, beside the network's.

The words left of a value and above it, pieces of them, its shape and where it stands are hashed
signs (Weinberger et al. 2009); a linear model gives each label a log-probability. It knows no
layout, so it errs elsewhere than the network does, and the log-odds of both are added up.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from doctally.errors import ConfigurationError
from doctally.pages import Page
from models.blocks import Blocks
from models.decode import Option
from models.odds import logistic, odds
from models.tasks import PARTY_FIELDS

TRUST, SAY, MOST = 0.7, 0.3, 6.0
"""Weights of the network's log-odds and of the captions', which count up to ``MOST``."""
FILE = "captions.safetensors"
WORDS = 5
"""Words of a caption that are looked at, the nearest first."""
_NEAR, _FAR = 1.5, 4.0  # heights of the value between it and what stands above it
_GAP = 0.25  # of the page's width, between a caption and its value on the same line
_FLUSH, _MOST_LINES = 0.01, 12
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[#%@€$£]")
_PIECE = 4
_SHAPES = (("9", re.compile(r"\d")), ("A", re.compile(r"[^\W\d_a-z]")), ("a", re.compile(r"[a-z]")))

Signs = NDArray[np.int32]


@dataclass(frozen=True)
class Around:
    """What stands around the words of a page."""

    page: Page
    blocks: Blocks

    @cached_property
    def _edges(self) -> NDArray[np.float64]:
        """Return the segments' boxes [segments, 4]."""
        rows = [(b.x0, b.y0, b.x1, b.y1) for b in self.blocks.boxes]
        return np.array(rows, dtype=float).reshape(-1, 4)

    def signs(self, word: int, task: str, size: int) -> Signs:
        """Return the signs of a value that begins at a word, as rows of a table of ``size``."""
        told = [f"task {task}", *self._said(word), *self._place(word)]
        return np.array([crc32(sign.encode()) % size for sign in told], dtype=np.int32)

    def _said(self, word: int) -> Iterator[str]:
        before = self._before(word)
        if len(before) < WORDS - 2 and (left := self._left(word)) is not None:
            near, tokens = left
            yield from _caption("left" if near else "far left", tokens)
        yield from _caption("before", before)
        above = self._above(word)
        if above is None:
            yield "nothing above"
        else:
            near, tokens = above
            yield from _caption("above", tokens)
            yield f"above near {near}"
        lines, top = self._top(self.blocks.segment_of[word])
        yield f"lines from top {lines}"
        if lines > 1:
            yield from _caption("top", self._tokens(self.blocks.segments[top])[:WORDS])

    def _before(self, word: int) -> list[str]:
        """Return the words before a word in its own segment, the nearest first."""
        start = self.blocks.segments[self.blocks.segment_of[word]].start
        return self._tokens(range(max(start, word - WORDS), word))[::-1][:WORDS]

    def _left(self, word: int) -> tuple[bool, list[str]] | None:
        """Return the end of the next segment to the left on the line, and whether it is near."""
        box, edges = self.page.words[word].box, self._edges
        middle = (box.y0 + box.y1) / 2
        beside = (edges[:, 1] < middle) & (edges[:, 3] > middle) & (edges[:, 2] <= box.x0 + 0.005)
        beside[self.blocks.segment_of[word]] = False
        if not beside.any():
            return None
        nearest = int(np.where(beside, edges[:, 2], -1.0).argmax())
        tokens = self._tokens(self.blocks.segments[nearest][-WORDS:])[::-1][:WORDS]
        return bool(box.x0 - edges[nearest, 2] < _GAP), tokens

    def _above(self, word: int) -> tuple[bool, list[str]] | None:
        """Return what the next segment above says over the word, and whether it is near."""
        box, edges = self.page.words[word].box, self._edges
        height = box.y1 - box.y0
        over = (
            (edges[:, 3] <= (box.y0 + box.y1) / 2)
            & (box.y0 - edges[:, 3] < _FAR * height)
            & (edges[:, 0] < box.x1)
            & (edges[:, 2] > box.x0)
        )
        if not over.any():
            return None
        nearest = int(np.where(over, edges[:, 3], -1.0).argmax())
        words: Sequence[int] = self.blocks.segments[nearest]
        if len(words) > WORDS + 1:  # a table's head, a sentence: only what is right above
            boxes = [(i, self.page.words[i].box) for i in words]
            words = [i for i, b in boxes if b.x0 < box.x1 + 0.05 and b.x1 > box.x0 - 0.05]
        return bool(box.y0 - edges[nearest, 3] < _NEAR * height), self._tokens(words)[:WORDS]

    def _top(self, segment: int) -> tuple[int, int]:
        """Return how many lines, at most ``_MOST_LINES``, up its block begins, and with what."""
        edges = self._edges
        lines = 0
        while lines < _MOST_LINES:
            x0, y0, _, y1 = edges[segment]
            height = y1 - y0
            gap = y0 - edges[:, 3]
            flush = (np.abs(edges[:, 0] - x0) < _FLUSH) & (gap > -height / 2) & (gap < height)
            flush &= edges[:, 1] < y0 - height / 2
            if not flush.any():
                break
            segment = int(np.where(flush, edges[:, 1], -1.0).argmax())
            lines += 1
        return lines, segment

    def _place(self, word: int) -> Iterator[str]:
        segment = self.blocks.segments[self.blocks.segment_of[word]]
        box, text = self.page.words[word].box, self.page.words[word].text
        yield f"down {int(box.y0 * 8)} {self.page.number == 1}"
        yield f"across {int(box.x0 * 5)}"
        yield f"shape {_shape(text)}"
        if letters := re.match(r"[^\W\d_]+", text):
            yield f"starts {letters[0].casefold()[:4]}"
        yield f"stands {min(segment.stop - word, 4)} {min(word - segment.start, 2)}"

    def _tokens(self, words: Sequence[int]) -> list[str]:
        texts = (self.page.words[i].text.casefold() for i in words)
        return ["0" if t.isdigit() else t for text in texts for t in _TOKEN.findall(text)]


def _caption(side: str, tokens: Sequence[str]) -> Iterator[str]:
    """Yield the signs of a caption: its words, near and anywhere, their pieces, its first two."""
    for place, token in enumerate(tokens):
        yield f"{side} {min(place, 2)} {token}"
        yield f"{side} {token}"
        yield f"near {token}"
        whole = f"^{token}$"
        if len(token) >= _PIECE:
            for start in range(len(whole) - _PIECE + 1):
                yield f"{side} piece {whole[start : start + _PIECE]}"
    if len(tokens) > 1:
        yield f"{side} both {tokens[0]} {tokens[1]}"
    if not tokens:
        yield f"{side} nothing"


def _shape(text: str) -> str:
    """Return a word's shape: AB-12.3 as A-9999.9, letters once, digits up to nine of them."""
    kinds = "".join(next((k for k, p in _SHAPES if p.match(c)), c) for c in text)
    return re.sub(r"9{10,}", "9" * 9, re.sub(r"([Aa])\1+", r"\1", kinds))[:14]


@dataclass(frozen=True)
class Captions:
    """The linear model: ``weights`` int8 [signs, labels] times ``scale`` [labels], ``bias``."""

    labels: tuple[str, ...]
    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]

    @cached_property
    def _rivals(self) -> tuple[NDArray[np.int64], ...]:
        """Return the labels that a value is one of: all of them, and those of one kind of party."""
        of_kind = [
            [i for i, n in enumerate(self.labels) if n in PARTY_FIELDS and n.endswith(end)]
            for end in ("_name", "_address")
        ]
        return tuple(np.array(group) for group in (range(len(self.labels)), *of_kind) if group)

    def log_odds(self, signs: Signs) -> Mapping[str, float]:
        """Return each label's log-odds, within ``MOST`` on both sides.

        That a text is a name is for the network to see; what captions tell is whose name it is.
        """
        logits = self.weights[signs].sum(0, dtype=np.int32) * self.scale + self.bias
        told = np.zeros(len(self.labels))
        for group in self._rivals:
            chances = np.exp(logits[group] - logits[group].max())
            chances = np.clip(chances / chances.sum(), 1e-6, 1 - 1e-6)
            told[group] = np.clip(np.log(chances / (1 - chances)), -MOST, MOST)
        return dict(zip(self.labels, told.tolist(), strict=True))

    def weigh(
        self, found: Mapping[str, Sequence[Option]], around: Sequence[Around], task: str
    ) -> dict[str, list[Option]]:
        """Return the options with both opinions in their scores, likeliest first.

        A field that the captions do not know keeps its scores.
        """
        told: dict[tuple[int, int], Mapping[str, float]] = {}

        def weighed(name: str, option: Option) -> Option:
            key = (option.page, option.word)
            if key not in told:
                told[key] = self.log_odds(
                    around[option.page].signs(option.word, task, len(self.weights))
                )
            score = logistic(TRUST * odds(option.score) + SAY * told[key][name])
            return replace(option, score=score)

        known = frozenset(self.labels)
        return {
            name: sorted((weighed(name, o) for o in options), key=lambda o: -o.score)
            if name in known
            else list(options)
            for name, options in found.items()
        }

    def digest(self) -> str:
        """Return a hash of the model, "" of one that knows no label."""
        if not self.labels:
            return ""
        hashed = sha256(json.dumps(self.labels).encode())
        for part in (self.weights, self.scale, self.bias):
            hashed.update(np.ascontiguousarray(part).tobytes())
        return hashed.hexdigest()

    def save(self, folder: Path) -> None:
        """Write the model, packed, into a version's folder; no file if it is silent."""
        if self.labels:
            packed = lzma.compress(np.ascontiguousarray(self.weights.T).tobytes(), preset=9)
            tensors: dict[str, NDArray[Any]] = {
                "packed": np.frombuffer(packed, dtype=np.uint8),
                "scale": self.scale,
                "bias": self.bias,
            }
            told = {"labels": json.dumps(self.labels), "signs": str(len(self.weights))}
            save_file(tensors, folder / FILE, metadata=told)


SILENT = Captions(
    (),
    np.zeros((1, 0), dtype=np.int8),
    np.zeros(0, dtype=np.float32),
    np.zeros(0, dtype=np.float32),
)
"""Says nothing of any field."""


def load_captions(folder: Path) -> Captions:
    """Return the captions of a version's folder, ``SILENT`` if it has none.

    Raises ConfigurationError if they are damaged.
    """
    source = folder / FILE
    if not source.exists():
        return SILENT
    try:
        with safe_open(source, framework="numpy") as stored:
            told = stored.metadata() or {}
            labels, signs = tuple(json.loads(told["labels"])), int(told["signs"])
            packed, scale, bias = (stored.get_tensor(n) for n in ("packed", "scale", "bias"))
        raw = lzma.LZMADecompressor().decompress(packed.tobytes(), len(labels) * signs)
        weights = np.frombuffer(raw, dtype=np.int8).reshape(len(labels), signs).T
    except (OSError, SafetensorError, lzma.LZMAError, KeyError, ValueError, TypeError) as error:
        raise ConfigurationError(f"captions: {source} is damaged: {error!r}") from error
    if not len(labels) == len(scale) == len(bias):
        raise ConfigurationError(f"captions: {source} is damaged: {len(labels)} labels")
    return Captions(labels, np.ascontiguousarray(weights), scale, bias)

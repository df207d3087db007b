"""Where training takes the states of a batch's words from: the backbone, or what it said before.

Above the frozen backbone stands a small network of our own (``models.heads``, ``models.mixer``).
Once prompts and layout are trained, what the backbone says of a window never changes; so that
network goes on learning from stored states at a fraction of the time of a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from models.config import Config
from models.network import Batch, Network, collate
from models.sampling import Draw

View = Callable[[Sequence[Draw]], tuple[Tensor, Tensor]]
"""Draws in; projected word states [batch, words, size] and their mask [batch, words] out."""


class Live:
    """States from a pass through the backbone, boxes jittered."""

    def __init__(self, network: Network, config: Config) -> None:
        self._network = network
        self._config = config
        self._order = {name: i for i, name in enumerate(network.prompt.names)}

    def __call__(self, draws: Sequence[Draw]) -> tuple[Tensor, Tensor]:
        """Return states and mask of the draws' windows."""
        prefixes = self._network.prompt.prefixes()
        ids = torch.tensor([self._order[d.task] for d in draws])
        config = self._config
        return self._network.states(
            _batch(self._network, draws), prefixes, ids, shift=config.shift, scale=config.scale
        )


class Stored:
    """States from the first pass over each window, kept in half precision.

    They take 0.2 MB a window; prompts and layout must not change meanwhile.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._order = {name: i for i, name in enumerate(network.prompt.names)}
        self._kept: dict[tuple[int, int, int, str], Tensor] = {}
        with torch.no_grad():
            self._prefixes = network.prompt.prefixes()

    def __call__(self, draws: Sequence[Draw]) -> tuple[Tensor, Tensor]:
        """Return states and mask of the draws' windows."""
        new = {_key(d): d for d in draws if _key(d) not in self._kept}
        if new:
            self._pass(list(new.values()))
        words = pad_sequence([self._kept[_key(d)].float() for d in draws], batch_first=True)
        batch = _batch(self._network, draws)
        spelt, present = self._network.spelt(batch), batch.present
        return self._network.head.states(words, spelt, batch.places, present), present

    @torch.no_grad()
    def _pass(self, draws: Sequence[Draw]) -> None:
        batch = _batch(self._network, draws)
        ids = torch.tensor([self._order[d.task] for d in draws])
        words = self._network.words(batch, self._prefixes, ids).half()
        for draw, row, count in zip(draws, words, batch.counts, strict=True):
            self._kept[_key(draw)] = row[:count].clone()


def _key(draw: Draw) -> tuple[int, int, int, str]:
    return id(draw.example), draw.window.page, draw.window.first, draw.task


def _batch(network: Network, draws: Sequence[Draw]) -> Batch:
    pad = network.backbone.tokenizer.pad_token_id
    return collate([(d.example.encoded[d.window.page], d.window) for d in draws], pad=pad)

"""Where training takes the states of a batch's words from: the backbone, or what it said before.

Above the frozen backbone stands a small network of our own (``models.heads``, ``models.mixer``).
Once prompts and layout are trained, what the backbone says of a window never changes; so that
network goes on learning from stored states at a fraction of the time of a pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from models.config import Config
from models.network import Batch, Network, collate
from models.objective import Objective, batch_loss
from models.sampling import Draw
from models.shelf import Shelf, window_name

View = Callable[[Sequence[Draw]], tuple[Tensor, Tensor]]
"""Draws in; projected word states [batch, words, size] and their mask [batch, words] out."""


def labelled(network: Network, view: View, config: Config) -> Objective:
    """Return the objective that asks for the tasks' labels alone, of the states of a view."""
    return lambda draws: batch_loss(network, draws, *view(draws), config)


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
    """States from the first pass over each window, kept in files in half precision.

    They take 0.15 MB a window; prompts and layout must not change meanwhile. A later run on the
    same ``folder`` finds them again; without one they are gone when the view is closed.
    """

    def __init__(self, network: Network, folder: Path | None = None) -> None:
        self._network = network
        self._order = {name: i for i, name in enumerate(network.prompt.names)}
        self._open = ExitStack()
        home = folder or self._open.enter_context(TemporaryDirectory(prefix="doctally-states-"))
        self._shelf = self._open.enter_context(closing(Shelf(Path(home), network.backbone.width)))
        with torch.no_grad():
            self._prefixes = network.prompt.prefixes()
        self._below = _fingerprint(network, self._prefixes)
        self._names: dict[tuple[int, int, int, str], str] = {}

    def __call__(self, draws: Sequence[Draw]) -> tuple[Tensor, Tensor]:
        """Return states and mask of the draws' windows."""
        names = [self._name(d) for d in draws]
        new = {name: d for name, d in zip(names, draws, strict=True) if name not in self._shelf}
        if new:
            self._pass(new)
        words = pad_sequence([self._shelf.get(name) for name in names], batch_first=True)
        batch = _batch(self._network, draws)
        spelt, present = self._network.spelt(batch), batch.present
        return self._network.head.states(words, spelt, batch.places, present), present

    def close(self) -> None:
        """Close the files; delete them if no folder was given."""
        self._open.close()

    @torch.no_grad()
    def _pass(self, new: Mapping[str, Draw]) -> None:
        draws = list(new.values())
        batch = _batch(self._network, draws)
        ids = torch.tensor([self._order[d.task] for d in draws])
        words = self._network.words(batch, self._prefixes, ids)
        for name, row, count in zip(new, words, batch.counts, strict=True):
            self._shelf.put(name, row[:count])

    def _name(self, draw: Draw) -> str:
        key = (id(draw.example), draw.window.page, draw.window.first, draw.task)
        if key not in self._names:
            encoded = draw.example.encoded[draw.window.page]
            self._names[key] = window_name(encoded, draw.window, draw.task, self._below)
        return self._names[key]


def _fingerprint(network: Network, prefixes: Tensor) -> str:
    """Return a digest of all that the states of words depend on."""
    known = hashlib.sha256(network.backbone.sha256.encode())
    for part in (prefixes, *network.layout.state_dict().values()):
        known.update(part.detach().contiguous().cpu().numpy().tobytes())
    return known.hexdigest()


def _batch(network: Network, draws: Sequence[Draw]) -> Batch:
    pad = network.backbone.tokenizer.pad_token_id
    return collate([(d.example.encoded[d.window.page], d.window) for d in draws], pad=pad)

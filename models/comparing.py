"""The pair task at work: the probability that two records are the same thing.

Every title passes through the backbone once, with the task's own prompt, however many pairs ask
for it; what is compared are the states of its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from doctally.values import infer_locale
from models.config import Config
from models.events import as_reading
from models.likeness import likeness
from models.network import Network, collate
from models.pairing import PairHead
from models.pairs import TASK, Pair
from models.rarity import Rarity, found_words
from models.windows import Encoded, Window, batches, cut, encode_reading

WORDS = 28
"""Words of a title that are read."""
_AT_ONCE = 256

States = Mapping[str, Tensor]
"""The states of a title's words [words, width], in half precision."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the head is shown of some pairs, one row a pair."""

    numbers: Tensor
    moments: Tensor
    means: Tensor


@torch.no_grad()
def title_states(
    network: Network, prefixes: Tensor, titles: Iterable[str], config: Config
) -> dict[str, Tensor]:
    """Return the states of the titles' words, each title from one pass; "" has no words."""
    tokenizer = network.backbone.tokenizer
    encoded: list[tuple[str, Encoded]] = []
    windows: list[Window] = []
    for title in dict.fromkeys(titles):
        reading = as_reading(" ".join(title.split()[:WORDS]))
        pages = encode_reading(reading, tokenizer, infer_locale(reading.text))
        cuts = cut(pages, document=len(encoded), size=config.window, overlap=0)
        if (window := next(cuts, None)) is not None:
            encoded.append((title, pages[window.page]))
            windows.append(window)
    place = list(network.prompt.names).index(TASK)
    pad = network.backbone.tokenizer.pad_token_id
    found: dict[str, Tensor] = {}
    for group in batches(windows, pieces=config.pieces_per_batch):
        batch = collate([(encoded[i][1], windows[i]) for i in group], pad=pad)
        states = network.words(batch, prefixes, torch.full((len(group),), place))
        for i, row, count in zip(group, states, batch.counts, strict=True):
            found[encoded[i][0]] = row[:count].half()
    return found


@torch.no_grad()
def sight(pairs: Sequence[Pair], states: States, rarity: Rarity, middle: Tensor) -> Sight:
    """Return what the head is shown of the pairs."""
    numbers = [list(likeness(p.left, p.right, rarity).values()) for p in pairs]
    moments = torch.zeros(len(pairs), 4, len(middle))
    means = torch.zeros(len(pairs), 2, len(middle))
    for row, pair in enumerate(pairs):
        for side, (one, other) in enumerate(((pair.left, pair.right), (pair.right, pair.left))):
            if one.title not in states:
                continue
            words = states[one.title].float()
            means[row, side] = words.mean(0)
            there, anywhere = (
                torch.tensor(found[: len(words)]) for found in found_words(one.title, WORDS, other)
            )
            unit = functional.normalize(words[: len(there)] - middle, dim=-1)
            moments[row, side] = there @ unit
            moments[row, 2 + side] = (1 - anywhere) @ unit
    return Sight(torch.tensor(numbers), moments, means)


@torch.inference_mode()
def pair_scores(
    network: Network, prefixes: Tensor, asked: Sequence[Pair], config: Config
) -> list[float]:
    """Return the probability of "the same" for each pair."""
    head: PairHead = network.head.pair[TASK]  # type: ignore[assignment]  # a ModuleDict's module
    titles = [record.title for pair in asked for record in (pair.left, pair.right)]
    states = title_states(network, prefixes, titles, config)
    rarity = head.rarity
    scores: list[float] = []
    for first in range(0, len(asked), _AT_ONCE):
        shown = sight(asked[first : first + _AT_ONCE], states, rarity, head.middle)
        scores += head(shown.numbers, shown.moments, shown.means).sigmoid().tolist()
    return scores

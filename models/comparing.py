"""The pair task at work: the probability that two records of one window are the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from models.config import Config
from models.network import Network, collate
from models.pairs import SAME, TASK, sides
from models.windows import Encoded, Window, batches, cut


@torch.inference_mode()
def pair_scores(
    network: Network,
    prefixes: Tensor,
    encoded: Mapping[int, Sequence[Encoded]],
    config: Config,
) -> list[float]:
    """Return the probability of "the same" for each pair 0..n, similar lengths together."""
    windows: list[Window] = []
    for number, pages in encoded.items():
        windows.append(next(cut(pages, document=number, size=config.window, overlap=0)))
    order = {name: i for i, name in enumerate(network.prompt.names)}
    column = network.tasks[TASK].names.index(SAME)
    pad = network.backbone.tokenizer.pad_token_id
    scores = [0.0] * len(windows)
    for group in batches(windows, pieces=config.pieces_per_batch):
        parts = [(encoded[windows[i].document][windows[i].page], windows[i]) for i in group]
        ids = torch.full((len(parts),), order[TASK])
        states, present = network.states(collate(parts, pad=pad), prefixes, ids)
        chances = network.compare(states, present, sides(parts), TASK).softmax(-1)
        for i, chance in zip(group, chances[:, column], strict=True):
            scores[windows[i].document] = float(chance)
    return scores

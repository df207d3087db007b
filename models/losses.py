"""Losses for labels that are partial and may have several places on the page.

A word carries a set of labels it may have. What a source does not label is in the set, so it
is never taught as a negative; a value printed several times puts its label into the sets of
all its words, and one more term asks that at least one of the places be found.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def allowed_loss(logits: Tensor, allowed: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean of -log of the probability in each word's allowed set.

    ``logits`` and ``allowed`` are [words, labels], ``weights`` [words].
    """
    inside = torch.where(allowed, logits, logits.new_full((), -1e9))
    losses = torch.logsumexp(logits, -1) - torch.logsumexp(inside, -1)
    return (losses * weights).sum() / weights.sum().clamp_min(1)


def somewhere_loss(logits: Tensor, places: Sequence[tuple[int, Sequence[Tensor]]]) -> Tensor:
    """Return the mean of -log(1 - Π(1 - q)) over fields, q the mean probability of a place.

    ``places`` holds, per field, its label and the word rows of each of its spans.
    """
    logs = functional.log_softmax(logits, -1)
    terms = []
    for label, spans in places:
        found = torch.stack([logs[rows, label].mean() for rows in spans])
        missed = torch.log1p(-found.exp().clamp(max=1 - 1e-6)).sum()
        terms.append(-torch.log1p(-missed.exp().clamp(max=1 - 1e-6)))
    return torch.stack(terms).mean() if terms else logits.sum() * 0.0

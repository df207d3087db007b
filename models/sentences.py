"""Sentence embeddings of the bare backbone: no prompt, mean over the word pieces, length 1.

This is what sentence-transformer encoders like the packaged one were trained for: texts of like
meaning lie near each other, without a task of ours having been trained.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from models.backbone import Backbone

LONGEST = 128
"""Word pieces of a text that are looked at."""
AT_ONCE = 64


@torch.inference_mode()
def embedded(backbone: Backbone, texts: Sequence[str]) -> Tensor:
    """Return the texts' embeddings [texts, d], each of length 1."""
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    found = torch.zeros(len(texts), backbone.width)
    for first in range(0, len(order), AT_ONCE):
        rows = order[first : first + AT_ONCE]
        encoded = backbone.tokenizer(
            [texts[n] or " " for n in rows],
            padding=True,
            truncation=True,
            max_length=LONGEST,
            return_tensors="pt",
        )
        mask = encoded["attention_mask"].bool()
        states = backbone(backbone.embed(encoded["input_ids"]), mask, None)
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        found[rows] = normalize(mean, dim=-1)
    return found

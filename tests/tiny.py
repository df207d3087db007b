"""A tiny random BERT with its own vocabulary: real model code in milliseconds."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from doctally.pages import Box, Page, Word
from models.backbone import Backbone, attach, weights_sha256

_PIECES = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
    *"abcdefghijklmnopqrstuvwxyz0123456789.,:/-#$%&@()",
    *[f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789"],
    "invoice", "total", "date", "number", "order", "receipt",
]  # fmt: skip


def tiny_backbone(folder: Path, *, seed: int = 0) -> Backbone:
    """Return a 3-layer, 48-wide encoder with random weights."""
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(_PIECES), encoding="utf-8")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(_PIECES),
        hidden_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=512,
    )
    model = BertModel(config, add_pooling_layer=False)
    return attach(
        model,
        BertTokenizerFast(vocab=str(vocabulary)),
        sha256=weights_sha256(model),
    )


def page_of(*lines: str, number: int = 1) -> Page:
    """Return a page with one line of words per text; two spaces or more make a wide gap."""
    words = []
    for row, line in enumerate(lines):
        column = 0
        for part in line.split(" "):
            if part:
                x = 0.05 + column * 0.009
                y = 0.05 + row * 0.025
                words.append(Word(part, Box(x, y, x + len(part) * 0.009, y + 0.012)))
            column += len(part) + 1
    return Page(number, 595.0, 842.0, tuple(words))

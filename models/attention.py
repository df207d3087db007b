"""How prefixes enter a frozen model's attention: one way for every family of transformers 5.

A deep prompt is a set of extra key/value pairs per layer (prefix tuning, Li & Liang 2021;
P-tuning v2, Liu et al. 2022). They are joined to a layer's own keys and values inside the
attention function that the library lets us register, behind whatever the family does before
(rotary positions, a cache, fewer key than query heads) and outside of its mask: a prefix has no
position, and stays visible where a layer attends to its neighbourhood only. Families with an
attention of their own kind (DeBERTa, T5) cannot be steered and are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from doctally.errors import ConfigurationError

NAME = "doctally_prefix"
LAYER = "prefix_layer"


@dataclass(frozen=True, slots=True)
class Pass:
    """What the layers share while a model runs: the prefix of all of them, and what they saw."""

    prefix: Tensor | None = None  # [layers, 2, batch, heads, p, d_head]
    seen: list[tuple[nn.Module, Tensor, Tensor]] | None = field(default=None)


_RUNNING: ContextVar[Pass | None] = ContextVar("running", default=None)


@contextmanager
def running(shared: Pass) -> Iterator[None]:
    """Let every steerable model that runs inside this block share a pass."""
    token = _RUNNING.set(shared)
    try:
        yield
    finally:
        _RUNNING.reset(token)


def prefix_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **kwargs: Any,
) -> tuple[Tensor, Tensor | None]:
    """Return the attention over prefix and sequence: softmax(q [Pk; K]^T) [Pv; V].

    ``key`` and ``value`` are [batch, heads, sequence, d_head].
    """
    shared = _RUNNING.get()
    if shared is not None and shared.seen is not None:
        shared.seen.append((module, key, value))
    if shared is not None and shared.prefix is not None:
        keys, values = shared.prefix[getattr(module, LAYER)]
        key, value = torch.cat((keys, key), dim=2), torch.cat((values, value), dim=2)
        if attention_mask is not None:
            attention_mask = nn.functional.pad(attention_mask, (keys.shape[2], 0), value=True)
    return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)


def _whole_mask(*arguments: Any, **kwargs: Any) -> Tensor | None:
    """Return the mask written out, [batch, 1, queries, keys], so that prefixes can be added."""
    skipped = {"allow_is_causal_skip": False, "allow_is_bidirectional_skip": False}
    return sdpa_mask(*arguments, **{**kwargs, **skipped})


def steer(model: Any) -> tuple[int, int]:
    """Make a model's attention take prefixes; return its key/value heads and their width.

    One pass over two pieces finds the layers. Raises ConfigurationError if not every layer uses
    the attention interface, or if they differ in size.
    """
    AttentionInterface.register(NAME, prefix_attention)
    AttentionMaskInterface.register(NAME, _whole_mask)
    layers = int(model.config.num_hidden_layers)
    shared = Pass(seen=[])
    try:
        model.set_attn_implementation(NAME)
        with running(shared), torch.no_grad():
            model(input_ids=torch.zeros(1, 2, dtype=torch.long))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{type(model).__name__} cannot take prefixes: {error}") from error
    seen = shared.seen or []
    if len({id(module) for module, _, _ in seen}) != layers or len(seen) != layers:
        raise ConfigurationError(
            f"backbone: {type(model).__name__} has {len(seen)} attention modules for "
            f"{layers} layers; it cannot take prefixes"
        )
    sizes = {(key.shape[1], key.shape[3]) for _, key, _ in seen}
    if len(sizes) != 1:
        raise ConfigurationError(
            f"backbone: {type(model).__name__} has layers of several sizes; it cannot take prefixes"
        )
    for number, (module, _, _) in enumerate(seen):
        setattr(module, LAYER, number)
    return sizes.pop()

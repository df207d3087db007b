"""The prompt bank: immutable versions of trained numbers, each with its card.

A version is a folder ``<version>/`` with ``prompts.safetensors`` (half precision) and
``card.json``; ``ACTIVE`` names the version in use and moves by an atomic rename. Nothing is ever
pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from doctally.errors import ConfigurationError
from models.backbone import Backbone
from models.network import Network
from models.tasks import TASKS

WEIGHTS = "prompts.safetensors"
CARD = "card.json"
ACTIVE = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Version:
    """A bank version on disk and its card."""

    name: str
    folder: Path
    card: Mapping[str, Any]


def packaged_bank() -> Path:
    """Return the folder of the bank that ships with doctally."""
    return Path(__file__).parent / "bank"


def save(network: Network, bank: Path, card: Mapping[str, Any]) -> Version:
    """Write a new version and return it; its name is a hash of its numbers."""
    tensors = {
        name: value.detach().to(torch.float16).contiguous()
        for name, value in network.state_dict().items()
    }
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].view(torch.uint8).numpy().data)
    name = digest.hexdigest()[:12]
    folder = bank / name
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / WEIGHTS)
    full = {
        "version": name,
        "backbone_sha256": network.backbone.sha256,
        "tasks": {t.name: list(t.names) for t in network.tasks.values()},
        "trained_numbers": sum(t.numel() for t in tensors.values()),
        **card,
    }
    (folder / CARD).write_text(json.dumps(full, indent=1) + "\n", encoding="utf-8")
    return Version(name, folder, full)


def versions(bank: Path) -> list[Version]:
    """Return every version of a bank, oldest card first."""
    cards = sorted(bank.glob(f"*/{CARD}"))
    read = [_version(card.parent) for card in cards]
    return sorted(read, key=lambda v: str(v.card.get("created", "")))


def active(bank: Path) -> Version:
    """Return the version in use; raises ConfigurationError when there is none."""
    try:
        name = (bank / ACTIVE).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(
            f"no prompt bank at {bank}: run `doctally train` or set DOCTALLY_BANK"
        ) from error
    return version(bank, name)


def version(bank: Path, name: str) -> Version:
    """Return a version by its name; raises ConfigurationError if it is not there."""
    return _version(bank / Path(name).name)


def promote(bank: Path, name: str) -> Version:
    """Make a version the one in use; raises ConfigurationError if it is not there."""
    chosen = version(bank, name)
    temporary = bank / f".{ACTIVE}.{os.getpid()}"
    temporary.write_text(chosen.name + "\n", encoding="utf-8")
    temporary.replace(bank / ACTIVE)
    return chosen


def _version(folder: Path) -> Version:
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"bank version {folder.name} is not readable: {error}") from error
    return Version(folder.name, folder, card)


def load(version: Version, backbone: Backbone) -> Network:
    """Return the network of a version on its backbone, ready to serve.

    Raises ConfigurationError if the version belongs to another backbone or other labels.
    """
    card = version.card
    if card["backbone_sha256"] != backbone.sha256:
        raise ConfigurationError(
            f"bank version {version.name} was trained on backbone {card['backbone_sha256'][:12]}, "
            f"not on {backbone.sha256[:12]}; train a bank for this backbone: doctally train"
        )
    known = {name: list(TASKS[name].names) for name in card["tasks"] if name in TASKS}
    if known != card["tasks"]:
        raise ConfigurationError(
            f"bank version {version.name} has other tasks or labels than this doctally; "
            "train it anew: doctally train"
        )
    config = card["config"]
    network = Network(
        backbone,
        {name: TASKS[name] for name in card["tasks"]},
        prompt_length=config["prompt_length"],
        label_size=config["label_size"],
    )
    try:
        tensors = load_file(version.folder / WEIGHTS)
        network.load_state_dict({n: t.to(torch.float32) for n, t in tensors.items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ConfigurationError(f"bank version {version.name}: {error}") from error
    return network.requires_grad_(False).eval()

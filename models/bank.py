"""The prompt bank: immutable versions of trained numbers, each with its card.

A version is a folder ``<version>/`` with ``prompts.safetensors`` (half precision), the captions
(``models.captions``) if it has any, and ``card.json`` (``models.cards``). Nothing is ever pickled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from doctally.errors import ConfigurationError
from models import sealed
from models.backbone import Backbone
from models.captions import load_captions
from models.cards import (
    ACTIVE,
    CARD,
    Version,
    active,
    descended,
    packaged_bank,
    promote,
    version,
    versions,
)
from models.config import Config
from models.network import Network
from models.owned import Suppliers
from models.sealed import WEIGHTS
from models.tasks import TASKS, Task

__all__ = [
    "ACTIVE",
    "CARD",
    "WEIGHTS",
    "Version",
    "active",
    "continued",
    "descended",
    "load",
    "packaged_bank",
    "promote",
    "save",
    "tensors",
    "version",
    "versions",
]
LATER = ("head.spell.",)  # what banks of earlier days lack starts without effect


def save(
    network: Network, bank: Path, card: Mapping[str, Any], suppliers: Suppliers | None = None
) -> Version:
    """Write a new version and return it; its name is a hash of all that it answers by."""
    halves = {
        name: value.detach().to(torch.float16).contiguous()
        for name, value in network.state_dict().items()
    }
    owned = suppliers or Suppliers()
    name = sealed.digest(halves, card, owned.digest() + network.captions.digest())[:12]
    folder = bank / name
    folder.mkdir(parents=True, exist_ok=True)
    save_file(halves, folder / WEIGHTS)
    owned.save(folder)
    network.captions.save(folder)
    full = {
        "version": name,
        "backbone_sha256": network.backbone.sha256,
        "tasks": {t.name: list(t.names) for t in network.tasks.values()},
        "trained_numbers": sum(t.numel() for t in halves.values()),
        **card,
        "files": sealed.seal(folder, card),
    }
    (folder / CARD).write_text(json.dumps(full, indent=1) + "\n", encoding="utf-8")
    return Version(name, folder, full)


def load(version: Version, backbone: Backbone) -> Network:
    """Return the network of a version on its backbone, ready to serve.

    Raises ConfigurationError if the version belongs to another backbone or other labels.
    """
    _check(version, backbone)
    config = version.card["config"]
    tasks = {name: TASKS[name] for name in version.card["tasks"]}
    try:
        network = _empty(backbone, tasks, config, mixers=config["mixers"])
        stored = tensors(version)
        _make_private(network, stored)
        missing, unknown = network.load_state_dict(stored, strict=False)
        if unknown or not all(name.startswith(LATER) for name in missing):
            raise KeyError(*unknown, *missing)
        network.captions = load_captions(version.folder)
    except (RuntimeError, KeyError) as error:
        raise ConfigurationError(
            f"bank version {version.name} was made by another doctally: {error}"
        ) from error
    return network.requires_grad_(False).eval()


def continued(
    version: Version, backbone: Backbone, config: Config, *, also: Iterable[str] = ()
) -> Network:
    """Return a version's network to train on; the tasks of ``also`` that it lacks start fresh.

    What is not trained must not be in a bank. Raises ConfigurationError like ``load``, if the
    sizes of ``config`` are others, or for a task that does not exist.
    """
    _check(version, backbone)
    wanted = {*version.card["tasks"], *also}
    if unknown := wanted - TASKS.keys():
        raise ConfigurationError(f"there is no task {', '.join(sorted(unknown))}")
    tasks = {name: task for name, task in TASKS.items() if name in wanted}
    network = _empty(backbone, tasks, config.as_dict(), mixers=config.mixers)
    network.start()
    network.captions = load_captions(version.folder)
    stored = tensors(version)
    _make_private(network, stored)
    names = sorted({name for labels in version.card["tasks"].values() for name in labels})
    index = network.head.index
    try:
        with torch.no_grad():
            rows = stored.pop("head.base")
            network.load_state_dict(stored, strict=False)
            network.head.start_from(backbone, tasks, frozenset(index) - frozenset(names))
            network.head.base[[index[name] for name in names]] = rows
    except (RuntimeError, KeyError) as error:
        raise ConfigurationError(f"bank version {version.name}: {error}") from error
    return network


def _make_private(network: Network, stored: Mapping[str, torch.Tensor]) -> None:
    """Make room for the prompts that tasks have for themselves."""
    for task in network.tasks:
        if f"prompt.private.{task}" in stored:
            network.prompt.make_private(task)


def tensors(version: Version) -> dict[str, torch.Tensor]:
    """Return a version's numbers in float32; raises ConfigurationError if they are unreadable."""
    try:
        stored = load_file(version.folder / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise ConfigurationError(f"bank version {version.name}: {error}") from error
    return {name: tensor.to(torch.float32) for name, tensor in stored.items()}


def _check(version: Version, backbone: Backbone) -> None:
    card = version.card
    if card["backbone_sha256"] != backbone.sha256:
        raise ConfigurationError(
            f"bank version {version.name} was trained on backbone {card['backbone_sha256'][:12]}, "
            f"not on {backbone.sha256[:12]}; set DOCTALLY_BACKBONE to that one, or train a bank on "
            "this one: doctally train FOLDERS --bank NEW"
        )
    known = {name: list(TASKS[name].names) for name in card["tasks"] if name in TASKS}
    if known != card["tasks"]:
        raise ConfigurationError(
            f"bank version {version.name} has other tasks or labels than this doctally; "
            "train it anew: doctally train"
        )
    sealed.check(version)


def _empty(
    backbone: Backbone, tasks: Mapping[str, Task], config: Mapping[str, Any], *, mixers: int
) -> Network:
    return Network(
        backbone,
        tasks,
        prompt_length=config["prompt_length"],
        label_size=config["label_size"],
        mixers=mixers,
    )

"""Where and how precisely the frozen backbone computes; what is trained stays in float32.

Neither is free: half precision and 8-bit weights change the answers (docs/model.md has the
measured cost), and processors without instructions for them are slower, not quicker.
"""

from __future__ import annotations

import copy
import warnings
from dataclasses import replace
from typing import Any, Literal

import torch
from torch import nn
from torch.ao.quantization import quantize_dynamic

from doctally.errors import ConfigurationError
from models.backbone import Backbone

Precision = Literal["float32", "bfloat16", "int8"]


def placed(
    backbone: Backbone, *, precision: Precision = "float32", device: str = "cpu"
) -> Backbone:
    """Return the backbone computing there and so; the one given is not changed.

    ``device`` is one of torch's names: ``cpu``, ``cuda``, ``cuda:1``. Raises ConfigurationError
    for a device that is not there, or 8-bit weights elsewhere than on the processor.
    """
    if precision == "float32" and device == "cpu":
        return backbone
    _check(precision, device)
    model: Any = copy.deepcopy(backbone.model)
    if precision == "int8":
        quantise: Any = quantize_dynamic  # torch.ao has no types
        with warnings.catch_warnings():  # torch announces a successor that is not part of it
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", UserWarning)
            model = quantise(model, {nn.Linear}, dtype=torch.qint8)
    elif precision == "bfloat16":
        model = model.to(torch.bfloat16)
    return replace(backbone, model=model.to(device))


def _check(precision: str, device: str) -> None:
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigurationError(f"device {device!r} cannot be used: {error}") from error
    if precision == "int8" and torch.device(device).type != "cpu":
        raise ConfigurationError("precision int8 is for the device cpu; use bfloat16 there")

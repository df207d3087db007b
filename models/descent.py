"""Gradient descent on some of a model's numbers, with a moving average of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import nn

from models.config import Config
from models.objective import Objective
from models.sampling import Sampler

Progress = Callable[[int, float], None]


def descend(
    groups: Sequence[dict[str, Any]],
    sampler: Sampler,
    config: Config,
    *,
    objective: Objective,
    steps: int,
    progress: Progress,
    minutes: float,
) -> None:
    """Train the parameters of ``groups`` (AdamW) and leave their moving average in them.

    The learning rate falls to zero over ``steps`` or ``minutes``, whichever ends first.
    """
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    peaks = [group["lr"] for group in optimiser.param_groups]
    moving = [p for group in optimiser.param_groups for p in group["params"]]
    average = _Average(moving, config.average)
    batches = sampler.batches()
    started = time.monotonic()
    for step in range(steps):
        done = max(step / steps, (time.monotonic() - started) / (60 * minutes))
        if done >= 1:
            break
        warm = min(1.0, (step + 1) / (config.warmup * steps))
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * warm * 0.5 * (1 + math.cos(math.pi * done))
        loss = objective(next(batches))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(moving, config.clip)
        optimiser.step()
        average.update()
        progress(step + 1, float(loss.detach()))
    average.take()


class _Average:
    """Moving average of parameters (Polyak & Juditsky 1992), warmed up over the first steps."""

    def __init__(self, parameters: Iterable[nn.Parameter], decay: float) -> None:
        self._moving = list(parameters)
        self._values = [p.detach().clone() for p in self._moving]
        self._decay = decay
        self._steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take a step's values into the average."""
        self._steps += 1
        decay = min(self._decay, self._steps / (self._steps + 10))
        for kept, value in zip(self._values, self._moving, strict=True):
            kept.lerp_(value, 1 - decay)

    @torch.no_grad()
    def take(self) -> None:
        """Give the parameters their average."""
        for kept, value in zip(self._values, self._moving, strict=True):
            value.copy_(kept)

"""Where a word stands on its page, as a small learned addition to its embedding.

Sinusoids of the box through a narrow projection hold 30 K numbers; tables of binned
coordinates (LayoutLM style) hold 1.5 M and memorised the training pages when measured.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from models.figures import FIGURE_FLAGS
from models.shapes import SHAPES

FREQUENCIES = 6
COORDINATES = 6  # x0, y0, x1, y1, height, page
FLAGS = ("line", "segment", "page", "bold", *FIGURE_FLAGS)


class LayoutEmbedding(nn.Module):
    """Sinusoids of 6 coordinates -> 72 -> 64 -> d, plus one vector per flag and word shape.

    The output layer starts at zero: training starts from the untouched backbone.
    """

    def __init__(self, width: int, hidden: int = 64) -> None:
        super().__init__()
        self.inner = nn.Linear(2 * FREQUENCIES * COORDINATES, hidden)
        self.outer = nn.Linear(hidden, width, bias=False)
        self.flags = nn.Parameter(torch.zeros(len(FLAGS), width))
        self.shapes = nn.Parameter(torch.zeros(len(SHAPES), width))
        nn.init.zeros_(self.outer.weight)

    def forward(self, boxes: Tensor, flags: Tensor, shapes: Tensor) -> Tensor:
        """Return additions [batch, sequence, d].

        ``boxes`` [batch, sequence, 6] in 0..1, ``flags`` [batch, sequence, 9] of 0/1,
        ``shapes`` [batch, sequence] indices.
        """
        scale = math.pi * 2.0 ** torch.arange(FREQUENCIES, device=boxes.device)
        angles = boxes[..., None] * scale
        waves = torch.cat((angles.sin(), angles.cos()), dim=-1).flatten(-2)
        placed: Tensor = self.outer(nn.functional.gelu(self.inner(waves)))
        return placed + flags @ self.flags + self.shapes[shapes]


def jitter(boxes: Tensor, *, shift: float, scale: float) -> Tensor:
    """Return boxes [batch, sequence, 6] moved and stretched at random, one draw per row."""
    rows = boxes.shape[0]
    stretch = 1 + scale * (2 * torch.rand(rows, 1, 2) - 1)
    move = shift * (2 * torch.rand(rows, 1, 2) - 1)
    moved = boxes.clone()
    moved[..., 0:2] = boxes[..., 0:2] * stretch + move
    moved[..., 2:4] = boxes[..., 2:4] * stretch + move
    moved[..., 4] = boxes[..., 4] * stretch[..., 1]
    return moved

"""Words hear what stands around them on the page: attention among words, steered by geometry.

The backbone reads lines from left to right and was never shown a page; a caption above its
value is far away in that order. These small layers, shared by all tasks, let each word attend to
the others with a learned bias per spatial relation (2-D relative positions, LayoutLMv2, Xu et al.
2021), at a third of the backbone's width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

ACROSS = ("far left", "left", "next left", "flush left", "flush right", "over", "next right",
          "right", "far right")  # fmt: skip
DOWN = (-20.0, -8.0, -4.0, -2.0, -0.5, 0.5, 2.0, 4.0, 8.0, 20.0)  # in heights of the word
RELATIONS = len(ACROSS) * (len(DOWN) + 1)
SAME_LINE = 5
_NEXT, _NEAR = 0.02, 0.12  # of the page's width
_FLUSH = 0.012
_ELSEWHERE = -4.0


def relations(boxes: Tensor) -> Tensor:
    """Return for each word where each other stands, [batch, words, words] in 0..RELATIONS.

    ``boxes`` [batch, words, 4] are x0, y0, x1, y1 in fractions of the page.
    """
    x0, y0, x1, y1 = boxes.unbind(-1)
    height = (y1 - y0).clamp_min(1e-3)
    middle = (y0 + y1) / 2
    heights = (middle[:, None, :] - middle[:, :, None]) / height[:, :, None]
    down = torch.bucketize(heights, torch.tensor(DOWN, device=boxes.device))
    left = x0[:, :, None] - x1[:, None, :]  # how far the other ends before the word
    right = x0[:, None, :] - x1[:, :, None]
    flush_left = (x0[:, None, :] - x0[:, :, None]).abs() < _FLUSH
    flush_right = (x1[:, None, :] - x1[:, :, None]).abs() < _FLUSH
    across = torch.full_like(down, 5)
    across[flush_right] = 4
    across[flush_left] = 3
    for distance, near, middling, far in ((left, 2, 1, 0), (right, 6, 7, 8)):
        across[distance > -1e-4] = near
        across[distance > _NEXT] = middling
        across[distance > _NEAR] = far
    return across * (len(DOWN) + 1) + down


class Mixer(nn.Module):
    """One layer: attention among a window's words with a bias per relation, then a small MLP.

    Four heads start out looking left, right, up and down; the others anywhere. What is heard
    starts at zero, so that a layer can join a network that is trained already.
    """

    def __init__(self, size: int, heads: int = 8, dropout: float = 0.1) -> None:
        super().__init__()
        self.heads = heads
        self.heed = nn.LayerNorm(size)
        self.attend = nn.Linear(size, 3 * size)
        self.out = nn.Linear(size, size)
        self.bias = nn.Parameter(_looking(heads))
        self.drop = nn.Dropout(dropout)
        narrow = nn.Linear(2 * size, size)
        self.think = nn.Sequential(nn.LayerNorm(size), nn.Linear(size, 2 * size), nn.GELU(), narrow)
        for last in (self.out, narrow):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, states: Tensor, relation: Tensor, present: Tensor) -> Tensor:
        """Return new states [batch, words, size]; ``present`` [batch, words] tells real words."""
        rows, words, size = states.shape
        split = self.attend(self.heed(states)).view(rows, words, 3, self.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        unseen = self.bias.new_full((1, self.heads), -1e4)  # the bias of what is no word
        where = relation.masked_fill(~present[:, None, :], RELATIONS)
        bias = functional.embedding(where, torch.cat((self.bias, unseen))).permute(0, 3, 1, 2)
        heard = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        states = states + self.drop(self.out(heard.transpose(1, 2).reshape(rows, words, size)))
        thought: Tensor = states + self.drop(self.think(states))
        return thought


def _looking(heads: int) -> Tensor:
    """Return the starting bias [RELATIONS, heads]."""
    across = torch.arange(RELATIONS) // (len(DOWN) + 1)
    down = torch.arange(RELATIONS) % (len(DOWN) + 1)
    over = (across >= 3) & (across <= 5)
    views = (
        (down == SAME_LINE) & (across < 3),
        (down == SAME_LINE) & (across > 5),
        (down < SAME_LINE) & over,
        (down > SAME_LINE) & over,
    )
    bias = torch.zeros(RELATIONS, heads)
    for head, view in enumerate(views[:heads]):
        bias[~view, head] = _ELSEWHERE
    return bias

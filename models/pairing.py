"""The head of a pair task: what words, codes and prices say, and two reads of the backbone.

The first read adds up, word by word, what it means that the other record has it or lacks it
("upgrade" missing is another article, "inc" missing is nothing). The second one compares the
records' mean states. Both are linear in the states of the frozen backbone; trees judge them
beside the numbers of ``models.likeness``. Everything is a buffer: fitted (``models.acquaint``),
never moved by a gradient, so training of other tasks leaves it as it is.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.forest import Forest
from models.likeness import names
from models.rarity import GRAM_ROWS, WORD_ROWS, Rarity

MOMENTS = 4
"""Found words of the left and right record, then their missing words."""
_FARTHEST = 4.0


class PairHead(nn.Module):
    """A logit for "the same" of pairs of records; a task's own numbers."""

    middle: Tensor
    weigh: Tensor
    usual: Tensor
    spread: Tensor
    lexical: Tensor
    compare: Tensor
    start: Tensor
    words: Tensor
    grams: Tensor
    records: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        numbers = len(names())
        for name, shape in {
            "middle": (width,),
            "weigh": (MOMENTS, width),
            "usual": (numbers,),
            "spread": (numbers,),
            "lexical": (numbers,),
            "compare": (2, width),
            "start": (2,),
            "words": (WORD_ROWS,),
            "grams": (GRAM_ROWS,),
            "records": (1,),
        }.items():
            self.register_buffer(name, torch.zeros(*shape))
        self.forest = Forest()

    @property
    def rarity(self) -> Rarity:
        """Return how often words were seen in training."""
        words, grams = self.words.half().numpy(), self.grams.half().numpy()
        return Rarity(words, grams, float(self.records))

    def scaled(self, numbers: Tensor) -> Tensor:
        """Return likeness numbers [pairs, numbers] around their usual value, none far off."""
        apart = (numbers - self.usual) / self.spread.clamp_min(1e-3)
        return apart.clamp(-_FARTHEST, _FARTHEST)

    def reads(self, numbers: Tensor, moments: Tensor, means: Tensor) -> Tensor:
        """Return the logits of both reads, [pairs, 2]."""
        said = (moments * self.weigh).sum((1, 2)) + self.scaled(numbers) @ self.lexical
        alike = (both(means) * self.compare).sum((1, 2))
        return torch.stack((said, alike), -1) + self.start

    def forward(self, numbers: Tensor, moments: Tensor, means: Tensor) -> Tensor:
        """Return logits [pairs].

        ``numbers`` [pairs, numbers] are likenesses, ``moments`` [pairs, 4, width] the sums of the
        found and the missing words' states, ``means`` [pairs, 2, width] the records' mean states.
        """
        reads = self.reads(numbers, moments, means)
        logits: Tensor = self.forest(torch.cat((numbers, reads), -1))
        return logits


def both(means: Tensor) -> Tensor:
    """Return how two mean states [pairs, 2, width] differ and agree, in the same shape."""
    left, right = means[:, 0], means[:, 1]
    return torch.stack(((left - right).abs(), left * right), 1)

"""The whole model: frozen backbone, deep prompts, layout, heads; a batch mixes tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from models.backbone import Backbone
from models.captions import SILENT, Captions
from models.heads import LabelHead
from models.layout import FLAGS, LayoutEmbedding, jitter
from models.prompts import DeepPrompt, batch_prefix
from models.tasks import Task
from models.windows import Encoded, Window

PROMPT_TEXT = (
    "read the business document: find its number, dates, supplier, customer, order, amounts, "
    "tax, total and the lines of its table"
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows padded to one length; ``words`` maps each piece to its word's row, -1 = padding."""

    pieces: Tensor  # [batch, sequence]
    mask: Tensor  # [batch, sequence]
    words: Tensor  # [batch, sequence]
    boxes: Tensor  # [batch, sequence, 6]
    flags: Tensor  # [batch, sequence, 9]
    shapes: Tensor  # [batch, sequence]
    places: Tensor  # [batch, words, 4], the words' boxes
    counts: tuple[int, ...]  # words per row

    @property
    def present(self) -> Tensor:
        """Return which words are real, [batch, words]."""
        return torch.arange(max(self.counts)) < torch.tensor(self.counts)[:, None]

    def rows(self, chosen: Sequence[int]) -> Batch:
        """Return some of the rows, padded as they are but for the words."""
        index = list(chosen)
        counts = tuple(self.counts[i] for i in index)
        pieces, mask, words = self.pieces[index], self.mask[index], self.words[index]
        boxes, flags, shapes = self.boxes[index], self.flags[index], self.shapes[index]
        places = self.places[index, : max(counts)]
        return Batch(pieces, mask, words, boxes, flags, shapes, places, counts)

    def moved(self, boxes: Tensor) -> Batch:
        """Return the batch with other boxes of its pieces [batch, sequence, 6]."""
        return replace(self, boxes=boxes)


def collate(parts: Sequence[tuple[Encoded, Window]], *, pad: int) -> Batch:
    """Return the windows as one padded batch."""
    length = max(window.length for _, window in parts)
    rows = len(parts)
    most = max(window.last - window.first for _, window in parts)
    places = np.zeros((rows, most, 4), dtype=np.float32)
    pieces = np.full((rows, length), pad, dtype=np.int64)
    words = np.full((rows, length), -1, dtype=np.int64)
    boxes = np.zeros((rows, length, 6), dtype=np.float32)
    flags = np.zeros((rows, length, len(FLAGS)), dtype=np.float32)
    shapes = np.zeros((rows, length), dtype=np.int64)
    for row, (page, window) in enumerate(parts):
        span = page.pieces[window.first : window.last]
        index = np.repeat(np.arange(len(span)), [len(p) for p in span])
        end = len(index)
        pieces[row, :end] = [i for p in span for i in p]
        words[row, :end] = index
        places[row, : len(span)] = page.boxes[window.first : window.last, :4]
        boxes[row, :end] = page.boxes[window.first : window.last][index]
        flags[row, :end] = page.flags[window.first : window.last][index]
        shapes[row, :end] = page.shapes[window.first : window.last][index]
        # starts are marked at the first piece of a word, the other flags at every piece
        later = np.r_[False, index[1:] == index[:-1]] if end else np.zeros(0, dtype=bool)
        flags[row, :end][later, :3] = 0
    return Batch(
        torch.from_numpy(pieces),
        torch.from_numpy(words >= 0),
        torch.from_numpy(words),
        torch.from_numpy(boxes),
        torch.from_numpy(flags),
        torch.from_numpy(shapes),
        torch.from_numpy(places),
        tuple(w.last - w.first for _, w in parts),
    )


class Network(nn.Module):
    """Everything that is trained, around the backbone that is not."""

    def __init__(
        self,
        backbone: Backbone,
        tasks: Mapping[str, Task],
        *,
        prompt_length: int,
        label_size: int,
        mixers: int,
    ) -> None:
        super().__init__()
        self._backbone = (backbone,)  # a tuple: not registered, never trained or saved
        self.tasks = dict(tasks)
        self.prompt = DeepPrompt(backbone, tuple(tasks), prompt_length)
        self.layout = LayoutEmbedding(backbone.width)
        self.head = LabelHead(backbone.width, tasks, label_size, mixers)
        self.captions: Captions = SILENT

    @property
    def backbone(self) -> Backbone:
        """Return the frozen encoder."""
        return self._backbone[0]

    def start(self) -> None:
        """Set prompt and label vectors to their informed starting points."""
        self.prompt.start_from(self.backbone, PROMPT_TEXT)
        self.head.start_from(self.backbone, self.tasks)

    @property
    def shapes(self) -> dict[str, tuple[int, int]]:
        """Return [labels, size] of each task's label vectors."""
        return {n: (delta.shape[0], delta.shape[1]) for n, delta in self.head.delta.items()}

    def own(self, task: str) -> dict[str, list[nn.Parameter]]:
        """Return the numbers of one task alone: factors, label vectors, a prompt if it has one."""
        head = self.head
        labels = [head.delta[task], head.bias[task]]
        labels += [head.focus[task]] if task in head.focus else []
        private = self.prompt.private
        return {
            "factors": [self.prompt.u[task], self.prompt.v[task]],
            "labels": labels,
            "prompt": [private[task]] if task in private else [],
        }

    def words(
        self,
        batch: Batch,
        prefixes: Tensor,
        task_ids: Tensor,
        *,
        shift: float = 0.0,
        scale: float = 0.0,
    ) -> Tensor:
        """Return word states [batch, words, d]: the mean of their pieces' last hidden states."""
        embedded = self.placed(batch, shift=shift, scale=scale)
        hidden = self.backbone(embedded, batch.mask, batch_prefix(prefixes, task_ids))
        return by_word(hidden, batch)

    def placed(self, batch: Batch, *, shift: float, scale: float) -> Tensor:
        """Return the pieces' embeddings with their layout, [batch, sequence, d]."""
        boxes = jitter(batch.boxes, shift=shift, scale=scale) if shift or scale else batch.boxes
        layout: Tensor = self.layout(boxes, batch.flags, batch.shapes)
        return self.backbone.embed(batch.pieces) + layout

    def spelt(self, batch: Batch) -> Tensor:
        """Return how words are written [batch, words, d]: the mean of their pieces' embeddings."""
        with torch.no_grad():
            return by_word(self.backbone.embed(batch.pieces), batch)

    def states(
        self,
        batch: Batch,
        prefixes: Tensor,
        task_ids: Tensor,
        *,
        shift: float = 0.0,
        scale: float = 0.0,
    ) -> tuple[Tensor, Tensor]:
        """Return projected, mixed word states [batch, words, size] and their mask."""
        words = self.words(batch, prefixes, task_ids, shift=shift, scale=scale)
        present = batch.present
        return self.head.states(words, self.spelt(batch), batch.places, present), present

    def tag(self, states: Tensor, task: str) -> tuple[Tensor, Tensor]:
        """Return label logits [..., words, labels] and begin logits [..., words]."""
        scored: tuple[Tensor, Tensor] = self.head(states, task)
        return scored

    def classify(self, states: Tensor, present: Tensor, task: str) -> Tensor:
        """Return label logits [batch, labels] from a weighted mean of a window's word states."""
        logits: Tensor = self.head(self.head.whole(states, present, task), task)[0]
        return logits


def by_word(hidden: Tensor, batch: Batch) -> Tensor:
    """Return the mean [batch, words, d] of the states [batch, sequence, d] of a word's pieces."""
    rows, _, width = hidden.shape
    most = max(batch.counts)
    index = torch.where(batch.mask, batch.words, torch.full_like(batch.words, most))
    sums = hidden.new_zeros(rows, most + 1, width)
    sums.scatter_add_(1, index[..., None].expand(-1, -1, width), hidden)
    sizes = hidden.new_zeros(rows, most + 1)
    sizes.scatter_add_(1, index, torch.ones_like(index, dtype=hidden.dtype))
    return sums[:, :most] / sizes[:, :most, None].clamp_min(1)

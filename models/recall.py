"""What a network says of windows, kept while one supplier is learnt: each is read only once.

Keys are what a window holds and its task, so that batches of any make-up find it again. One
network's, with prompts that do not change meanwhile.
"""

from __future__ import annotations

from hashlib import blake2b

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from models.network import Batch, Network

MOST = 240
"""Windows kept, about 0.8 MB each."""


class Recall:
    """Computes a network's word states, or gives those that it gave before."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._kept: dict[bytes, Tensor] = {}

    def clear(self) -> None:
        """Forget all windows."""
        self._kept.clear()

    def states(self, batch: Batch, prefixes: Tensor, task_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Return word states [batch, words, size] and their mask, as ``Network.states`` does."""
        keys = [_key(batch, row, int(task)) for row, task in enumerate(task_ids.tolist())]
        found = {key: self._kept[key] for key in keys if key in self._kept}
        new = [row for row, key in enumerate(keys) if key not in found]
        if new:
            # not in inference mode, where a caller may be: what is kept is learnt from as well
            with torch.inference_mode(mode=False), torch.no_grad():
                part = batch.rows(new)
                states, _ = self._network.states(part, prefixes.clone(), task_ids[new].clone())
            for row, one in zip(new, states, strict=True):
                found[keys[row]] = self._kept[keys[row]] = one[: batch.counts[row]].clone()
        while len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        return pad_sequence([found[key] for key in keys], batch_first=True), batch.present


def _key(batch: Batch, row: int, task: int) -> bytes:
    end = int(batch.mask[row].sum())
    told = blake2b(f"{task} {batch.counts[row]}".encode(), digest_size=16)
    for part in (batch.pieces, batch.words, batch.boxes, batch.flags, batch.shapes):
        told.update(part[row, :end].contiguous().numpy().tobytes())
    told.update(batch.places[row, : batch.counts[row]].contiguous().numpy().tobytes())
    return told.digest()

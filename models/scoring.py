"""Windows of documents through the network: which type, which words, many documents in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

import numpy as np
import torch

from models.config import Config
from models.decode import Begins, Scores
from models.network import Batch, Network, collate
from models.owned import Own, Supplier
from models.tasks import task_for
from models.windows import Encoded, Window, batches, cut, opening

States = Callable[[Batch, torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
"""What reads a batch of windows: ``Network.states``, or what remembers them."""
Tagged = tuple[list[Scores], list[Begins]]
"""What the network says of a document's words, page by page."""


class Scorer:
    """A network with its prompts' keys and values, computed once.

    ``states`` reads in the network's place, with its numbers (``models.recall``).
    """

    def __init__(self, network: Network, config: Config, states: States | None = None) -> None:
        self._network = network
        self._config = config
        self._read: States = states or network.states
        self._order = {name: i for i, name in enumerate(network.prompt.names)}
        with torch.inference_mode():
            self.prefixes = network.prompt.prefixes().contiguous()

    @torch.inference_mode()
    def judge(
        self,
        task: str,
        encoded: Mapping[int, Sequence[Encoded]],
        whose: Mapping[int, Supplier] = MappingProxyType({}),
        hints: Mapping[int, Sequence[float]] = MappingProxyType({}),
        beside: float = 1.0,
    ) -> dict[int, tuple[str, float]]:
        """Return a classifying task's answer and its probability, from the opening windows.

        ``hints`` are log-odds per label that speak for it beside the model, whose own count
        ``beside`` times.
        """
        windows: list[Window] = []
        for number, pages in encoded.items():
            cuts = cut(
                pages, document=number, size=self._config.window, overlap=self._config.overlap
            )
            windows += opening(list(islice(cuts, 2)))
        logs: dict[int, list[torch.Tensor]] = {}
        for group in batches(windows, pieces=self._config.pieces_per_batch):
            states, present = self._states(encoded, [windows[i] for i in group], [task])
            rows = self._network.classify(states, present, task)
            for i, row, state, real in zip(group, rows, states, present, strict=True):
                if own := _own(whose, windows[i].document, task):
                    row = row + own(self._network.head.whole(state, real, task))
                logs.setdefault(windows[i].document, []).append(row.log_softmax(-1))
        names = self._network.tasks[task].names
        answers = {}
        for number, rows_of in logs.items():
            mean = beside * torch.stack(rows_of).mean(0)
            chances = (mean + torch.tensor(hints.get(number, [0.0] * len(names)))).softmax(-1)
            best = int(chances.argmax())
            answers[number] = (names[best], float(chances[best]))
        return answers

    @torch.inference_mode()
    def tag(
        self,
        encoded: Mapping[int, Sequence[Encoded]],
        types: Mapping[int, str],
        whose: Mapping[int, Supplier],
    ) -> dict[int, Tagged]:
        """Return per document and page the probabilities of labels and of beginnings."""
        tasks = {n: t for n, kind in types.items() if (t := task_for(kind)) is not None}
        windows = [
            window
            for number in tasks
            for window in cut(
                encoded[number],
                document=number,
                size=self._config.window,
                overlap=self._config.overlap,
            )
        ]
        scores: dict[int, list[Scores]] = {}
        begins: dict[int, list[Begins]] = {}
        depth: dict[int, list[Begins]] = {}
        for number, task in tasks.items():
            sizes = [len(p.pieces) for p in encoded[number]]
            scores[number] = [np.zeros((s, len(task.labels)), dtype=np.float32) for s in sizes]
            begins[number] = [np.zeros(s, dtype=np.float32) for s in sizes]
            depth[number] = [np.full(s, -1, dtype=np.float32) for s in sizes]
        for group in batches(windows, pieces=self._config.pieces_per_batch):
            chosen = [windows[i] for i in group]
            states, _ = self._states(encoded, chosen, [tasks[w.document].name for w in chosen])
            for row, window in enumerate(chosen):
                count = window.last - window.first
                task = tasks[window.document]
                logits, begin = self._network.tag(states[row, :count], task.name)
                if own := _own(whose, window.document, task.name):
                    logits = logits + own(states[row, :count])
                chance = logits.softmax(-1).numpy()
                place = np.arange(count, dtype=np.float32)
                edge = np.minimum(place, count - 1 - place)
                target = scores[window.document][window.page][window.first : window.last]
                deepest = depth[window.document][window.page][window.first : window.last]
                better = edge > deepest
                target[better] = chance[better]
                begun = begins[window.document][window.page][window.first : window.last]
                begun[better] = begin.sigmoid().numpy()[better]
                deepest[better] = edge[better]
        return {number: (scores[number], begins[number]) for number in tasks}

    def _states(
        self,
        encoded: Mapping[int, Sequence[Encoded]],
        windows: Sequence[Window],
        names: Sequence[str],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        pad = self._network.backbone.tokenizer.pad_token_id
        batch = collate([(encoded[w.document][w.page], w) for w in windows], pad=pad)
        every = names if len(names) == len(windows) else list(names) * len(windows)
        ids = torch.tensor([self._order[name] for name in every])
        return self._read(batch, self.prefixes, ids)


def _own(whose: Mapping[int, Supplier], document: int, task: str) -> Own | None:
    return whose[document].tasks.get(task) if document in whose else None

"""F1 of a source task on documents that no method has seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.mpt.data import Source
from models.config import Config
from models.examples import Example
from models.network import Network, collate
from models.tasks import OUTSIDE
from models.windows import Window, batches, cut, opening

Span = tuple[int, tuple[int, ...]]


@torch.no_grad()
def f1(network: Network, source: Source, config: Config) -> float:
    """Return the score of a source task's held-out examples.

    Tag tasks: micro-F1 over values. A value is found if one of its places is tagged from its first
    word to its last and no further; a tagged run that is no place of its value is a false one.
    Pairs: F1 of "same". Type and status: the share of right answers, micro-F1 of one label each.
    """
    network.eval()
    if source.task.head == "tag":
        return _tag_f1(network, source, config)
    return _class_f1(network, source, config)


def _class_f1(network: Network, source: Source, config: Config) -> float:
    windows, owners = [], []
    for number, example in enumerate(source.test):
        opened = opening(list(cut(example.encoded, document=number, size=config.window, overlap=0)))
        windows += opened
        owners += [number] * len(opened)
    names = source.task.names
    sums = np.zeros((len(source.test), len(names)))
    for index, states, present in _states(network, source, windows, config):
        logits = network.classify(states, present, source.name).softmax(-1).numpy()
        for row, said in zip(index, logits, strict=True):
            sums[owners[row]] += said
    said = [names[i] for i in sums.argmax(1)]
    truth = [example.answers(source.name) for example in source.test]
    if "same" in names:
        right = sum(s == "same" and "same" in t for s, t in zip(said, truth, strict=True))
        asked = sum("same" in t for t in truth)
        return 2 * right / max(said.count("same") + asked, 1)
    return sum(s in t for s, t in zip(said, truth, strict=True)) / len(truth)


def _tag_f1(network: Network, source: Source, config: Config) -> float:
    windows = [
        window
        for number, example in enumerate(source.test)
        for window in cut(example.encoded, document=number, size=config.window, overlap=0)
    ]
    names = source.task.names
    said: list[list[NDArray[np.int64]]] = [
        [np.zeros(len(page.page.words), dtype=np.int64) for page in example.encoded]
        for example in source.test
    ]
    for index, states, _ in _states(network, source, windows, config):
        columns = network.tag(states, source.name)[0].argmax(-1).numpy()
        for row, labels in zip(index, columns, strict=True):
            window = windows[row]
            count = window.last - window.first
            said[window.document][window.page][window.first : window.last] = labels[:count]
    runs_right = runs = found = wanted = 0
    for example, pages in zip(source.test, said, strict=True):
        truth = _truth(example, names)
        tagged = {(names[c], span) for c, span in _runs(pages) if names[c] in truth}
        hits = {(name, span) for name, span in tagged if span in truth[name]}
        runs, runs_right = runs + len(tagged), runs_right + len(hits)
        wanted, found = wanted + len(truth), found + len({name for name, _ in hits})
    precision, recall = runs_right / max(runs, 1), found / max(wanted, 1)
    return 2 * precision * recall / max(precision + recall, 1e-9)


def _truth(example: Example, names: Sequence[str]) -> dict[str, set[Span]]:
    """Return the places of each value of an example, by label."""
    truth: dict[str, set[Span]] = {n: set(spans) for n, spans in (example.places or {}).items()}
    for column, name in enumerate(names):
        if name == OUTSIDE or name in truth:
            continue
        for number, (allowed, begins) in enumerate(
            zip(example.allowed, example.begins, strict=True)
        ):
            certain = np.flatnonzero(allowed[:, column] & (begins >= 0) & ~allowed[:, 0])
            for words in _parts(certain, begins):
                truth.setdefault(name, set()).add((number, words))
    return truth


def _parts(words: NDArray[np.int64], begins: NDArray[np.int8]) -> Iterator[tuple[int, ...]]:
    part: list[int] = []
    for word in words.tolist():
        if part and begins[word] == 1:
            yield tuple(part)
            part = []
        part.append(word)
    if part:
        yield tuple(part)


def _runs(pages: Sequence[NDArray[np.int64]]) -> Iterator[tuple[int, Span]]:
    for number, labels in enumerate(pages):
        first = 0
        for last in range(1, len(labels) + 1):
            if last == len(labels) or labels[last] != labels[first]:
                if labels[first]:
                    yield int(labels[first]), (number, tuple(range(first, last)))
                first = last


def _states(
    network: Network, source: Source, windows: Sequence[Window], config: Config
) -> Iterator[tuple[list[int], torch.Tensor, torch.Tensor]]:
    """Return rows, projected states and masks of the windows, in batches of like length."""
    place = network.prompt.names.index(source.name)
    prefixes = network.prompt.prefixes()
    pad = network.backbone.tokenizer.pad_token_id
    for index in batches(windows, pieces=8 * config.window):
        part = [windows[i] for i in index]
        batch = collate([(source.test[w.document].encoded[w.page], w) for w in part], pad=pad)
        ids = torch.full((len(part),), place)
        states, present = network.states(batch, prefixes, ids)
        yield index, states, present

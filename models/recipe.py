"""The bank's recipe: which labelled folders are read, how they weigh, what the card says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from doctally.errors import ConfigurationError
from doctally.pages import Reading
from extractors.read import ReaderPool
from models.acquaint import acquaint
from models.backbone import Backbone
from models.calibration import Judgement
from models.captions_training import captions_of
from models.config import Config
from models.documents import Truth, read_all, split, truths
from models.engine import Engine
from models.evaluate import score_file
from models.events import as_example, event_files, events, split_carriers
from models.examples import Example, example
from models.network import Network
from models.pairs import TASK as MATCH
from models.pairs import TRAIN, VALID, Pair, pair_files, read_pairs
from models.stages import steps, tuned
from models.tasks import TASKS, Task
from models.train import adapt, train, train_above

# a source's share of the windows, times the square root of its size; einvoice has many
# renderings of few invoices
WEIGHTS: Mapping[str, float] = {"synth": 0.5, "adbuy": 1.0, "einvoice": 0.9}

UNSCORED = frozenset({MATCH})
"""Tasks that no labelled value depends on: adapting them leaves every score as it was."""
KEPT = ("held_out", "calibration", "calibrated_on")
"""What stays true on the card then."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Training examples, and how many of the labelled values were found on their pages."""

    examples: tuple[Example, ...]
    alignment: Mapping[str, tuple[int, int]]
    unread: int
    pairs: tuple[Pair, ...] = ()
    judged_pairs: tuple[Pair, ...] = ()

    @property
    def tasks(self) -> frozenset[str]:
        """Return the tasks that the examples teach."""
        tagged = {e.task.name for e in self.examples if e.task is not None}
        return frozenset(
            n
            for n in TASKS
            if n in tagged
            or (n == MATCH and self.pairs)
            or any(e.answers(n) for e in self.examples)
        )

    def summary(self) -> dict[str, Any]:
        """Return documents per source and type, and the aligned share, for the card."""
        counts = Counter(
            (e.source, e.types[0] if e.types else e.status or "unknown") for e in self.examples
        )
        return {
            "documents": {f"{s}/{t}": n for (s, t), n in sorted(counts.items())},
            "aligned": {s: round(a / max(b, 1), 4) for s, (a, b) in self.alignment.items()},
            "unread": self.unread,
            "pairs": len(self.pairs),
        }


def label_files(folders: Sequence[Path]) -> list[Path]:
    """Return the labels files in the folders or one level below them.

    Raises ConfigurationError naming a folder that has none.
    """
    found: list[Path] = []
    for folder in folders:
        here = sorted(folder.glob("labels*.jsonl")) or sorted(folder.glob("*/labels*.jsonl"))
        if not here and not event_files([folder]) and not pair_files([folder]):
            raise ConfigurationError(f"{folder} holds no labels*.jsonl; see the label contract")
        found += here
    return found


def gather(
    folders: Sequence[Path],
    backbone: Backbone,
    pool: ReaderPool,
    *,
    images: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Corpus:
    """Return the training examples of the labelled folders; held-out documents are left out.

    ``images`` False skips documents that need OCR.
    """
    documents: list[Truth] = []
    for path in label_files(folders):
        chosen, _ = split(truths(path))
        documents += [t for t in chosen if images or t.path.suffix in (".pdf", ".csv")]
    examples: list[Example] = []
    alignment: dict[str, tuple[int, int]] = {}
    unread = 0
    for done, (truth, reading) in enumerate(read_all(documents, pool=pool), 1):
        progress(done, len(documents))
        if not isinstance(reading, Reading):
            unread += 1
            continue
        one = example(truth, reading, backbone.tokenizer)
        a, b = alignment.get(one.source, (0, 0))
        alignment[one.source] = (a + one.found, b + one.wanted)
        examples.append(one)
    for path in event_files(folders):
        examples += [as_example(e, backbone.tokenizer) for e in split_carriers(events(path))[0]]
    learnt, judged = (
        tuple(pair for path in pair_files(folders, name) for pair in read_pairs(path))
        for name in (TRAIN, VALID)
    )
    return Corpus(tuple(examples), alignment, unread, learnt, judged)


def held_out_scores(
    folders: Sequence[Path],
    engine: Engine,
    pool: ReaderPool,
    *,
    images: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Return type accuracy and micro-F1 per set on documents that were not trained on.

    Folders without held-out documents (synthetic ones) are left out.
    """
    report: dict[str, Any] = {}
    for path in label_files(folders):
        _, test = split(truths(path))
        if not test or not (images or test[0].path.suffix in (".pdf", ".csv")):
            continue
        name, scores = score_file(path, engine, pool, progress=progress)
        full = scores.as_dict()
        report[name] = {
            "documents": full["documents"],
            "document_type_accuracy": full["document_type_accuracy"],
            "header": full["header"],
            "line_items": full["line_items"],
        }
    return report


def judge(
    folders: Sequence[Path],
    engine: Engine,
    pool: ReaderPool,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Judgement]:
    """Return what an engine said on labelled folders and whether it was right.

    Held-out documents of the known sets are left out: they are for the final figures alone.
    """
    judged: list[Judgement] = []
    for path in label_files(folders):
        if split(truths(path))[1]:
            continue
        judged += score_file(path, engine, pool, progress=progress)[1].judged
    return judged


def planned_steps(corpus: Corpus, config: Config, *, start: bool, task: bool) -> int:
    """Return how many steps ``train_bank`` will take; ``start`` and ``task`` if it gets them."""
    if task:
        return config.steps
    staged = config.teacher_steps and not start
    below = steps(corpus.examples, config, _trained(corpus)) if staged else config.steps
    return below + config.above_steps


def _trained(corpus: Corpus) -> dict[str, Task]:
    """Return the tasks of a bank that is trained on a corpus."""
    return {n: t for n, t in TASKS.items() if n in corpus.tasks or n not in UNSCORED | {MATCH}}


def train_bank(
    backbone: Backbone,
    corpus: Corpus,
    config: Config,
    *,
    progress: Callable[[int, float], None] = lambda step, loss: None,
    minutes: float = float("inf"),
    start: Network | None = None,
    task: str | None = None,
    weights: Mapping[str, float] = WEIGHTS,
    states: Path | None = None,
) -> tuple[Network, dict[str, Any]]:
    """Return the trained network and its card (data, seed, configuration, loss).

    Everything is trained for ``config.steps`` (from teachers too with ``config.teacher_steps``:
    ``models.stages``; not when it goes on from ``start``), then what stands above the backbone
    alone for ``config.above_steps`` on states kept in the folder ``states``, if given. With
    ``task`` only that task of ``start`` is trained. Raises ConfigurationError without ``start`` or
    for a task that does not exist.
    """
    losses: list[float] = []
    parts: dict[str, int] = {}

    def note(step: int, loss: float) -> None:
        losses.append(loss)
        progress(step, loss)

    started = datetime.now(UTC)
    if task is None:
        tasks = _trained(corpus)
        if config.teacher_steps and start is None:
            network = tuned(
                backbone,
                corpus.examples,
                config,
                weights=weights,
                tasks=tasks,
                progress=note,
                minutes=minutes,
            )
        else:
            network = train(
                backbone,
                corpus.examples,
                config,
                weights=weights,
                tasks=tasks,
                progress=note,
                minutes=minutes,
                start=start,
            )
        parts["steps"] = len(losses)
        left = minutes - (datetime.now(UTC) - started).total_seconds() / 60
        if config.above_steps and left > 0:
            network = train_above(
                network,
                corpus.examples,
                config,
                weights=weights,
                progress=lambda step, loss: note(parts["steps"] + step, loss),
                minutes=left,
                states=states,
            )
        parts["above_steps"] = len(losses) - parts["steps"]
        network.captions = captions_of(corpus.examples, seed=config.seed)
        if MATCH in network.tasks and corpus.pairs:
            network = acquaint(network, corpus.pairs, corpus.judged_pairs, config)
    elif start is None or task not in start.tasks:
        raise ConfigurationError(f"there is no task {task!r} to adapt in a version to start from")
    else:
        if task == MATCH:
            network = acquaint(start, corpus.pairs, corpus.judged_pairs, config, progress=note)
        else:
            network = adapt(start, task, corpus.examples, config, progress=note, minutes=minutes)
    last = losses[-100:]
    card = {
        "created": started.isoformat(timespec="seconds"),
        "config": config.as_dict(),
        **(parts or {"steps": len(losses)}),
        **({"adapted": task} if task else {}),
        "minutes": round((datetime.now(UTC) - started).total_seconds() / 60, 1),
        "threads": torch.get_num_threads(),
        "last_loss": round(sum(last) / max(len(last), 1), 4),
        "data": corpus.summary(),
    }
    return network, card

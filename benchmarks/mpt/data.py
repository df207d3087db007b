"""The source tasks of the comparison: training and held-out examples of every real set."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from doctally.pages import Reading
from doctally.values import infer_locale
from extractors.read import ReaderPool
from models.backbone import Backbone
from models.documents import LIMITS, read_all, split, truths
from models.events import as_example, as_reading, event_files, events, split_carriers
from models.examples import Example, example
from models.pairs import Pair, pair_files, read_pairs
from models.recipe import label_files
from models.sources import source_tasks
from models.tasks import TASKS, Label, Task
from models.windows import encode_reading

PAIRS = 600
"""Of the test pairs of a set, drawn once; all are asked of every method."""
PAGES = 1
"""Of a document: all methods learn from and are asked about its first page alone."""

_CHARACTERS = 160  # of a record
_SEED = 5


@dataclass(frozen=True, slots=True)
class Source:
    """A task with what it is trained on and what it is judged on (other suppliers or carriers)."""

    task: Task
    train: tuple[Example, ...]
    test: tuple[Example, ...]

    @property
    def name(self) -> str:
        """Return the task's name."""
        return self.task.name


def sources(folder: Path, backbone: Backbone, synthetic: Path | None = None) -> list[Source]:
    """Return the source tasks of the shared sets, and those of a synthetic folder, if given.

    Documents are split by the ids in models/splits (station, seller, shop), events by carrier,
    pairs by the sets' own files.
    """
    examples, held = _documents([folder, *([synthetic] if synthetic else [])], backbone)
    tokenizer = backbone.tokenizer
    for path in event_files([folder]):
        learnt, judged = split_carriers(events(path))
        examples += [as_example(event, tokenizer) for event in learnt]
        held += [as_example(event, tokenizer) for event in judged]
    kinds: dict[str, Task] = {name: task for name, task in TASKS.items() if task.head != "pair"}
    for path in pair_files([folder, folder / "matching"]):
        name = path.parent.name
        kinds[name] = Task(name, "classify", _SAME)
        examples += [_pair(pair, name, tokenizer) for pair in read_pairs(path)]
        asked = read_pairs(path.with_name("test.csv"))
        random.Random(_SEED).shuffle(asked)
        held += [_pair(pair, name, tokenizer) for pair in asked[:PAIRS]]
    both, tasks = source_tasks([*examples, *held], kinds)
    learnt_all, held_all = both[: len(examples)], both[len(examples) :]
    return [Source(task, _of(task, learnt_all), _of(task, held_all)) for task in tasks.values()]


_SAME = (
    Label("different", "another item, another size or model"),
    Label("same", "the same item in other words"),
)


def _of(task: Task, examples: Sequence[Example]) -> tuple[Example, ...]:
    """Return the examples of one task, without what they teach other tasks."""
    return tuple(
        owned(e, task)
        for e in examples
        if (
            e.task is not None and e.task.name == task.name
            if task.head == "tag"
            else e.answers(task.name)
        )
    )


def owned(example: Example, task: Task) -> Example:
    """Return an example that teaches one task; its source begins with the task's name."""
    if task.head == "tag":
        return replace(example, source=task.name, types=(), status=None, verdicts={})
    return replace(example, source=f"{task.name}/{example.source}", task=None)


def _documents(folders: Sequence[Path], backbone: Backbone) -> tuple[list[Example], list[Example]]:
    learnt: list[Example] = []
    held: list[Example] = []
    with closing(ReaderPool(LIMITS, workers=2)) as pool:
        for path in label_files(folders):
            parts = split(truths(path))
            for found, documents in zip((learnt, held), parts, strict=True):
                known = [t for t in documents if t.path.suffix in (".pdf", ".csv")]
                for truth, reading in read_all(known, pool=pool):
                    if isinstance(reading, Reading):
                        short = replace(reading, pages=reading.pages[:PAGES])
                        found.append(example(truth, short, backbone.tokenizer))
    return learnt, held


def _pair(pair: Pair, name: str, tokenizer: object) -> Example:
    text = "\n".join(" ".join(r.title.split())[:_CHARACTERS] for r in (pair.left, pair.right))
    reading = as_reading(text)
    encoded = tuple(encode_reading(reading, tokenizer, infer_locale(text)))
    answer = "same" if pair.same else "different"
    # a source of its own for either answer: few pairs are the same
    return Example(encoded, (), f"{name}/{answer}", None, verdicts={name: answer})

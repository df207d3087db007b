"""Scores on labelled folders: document type, header fields, line items, per set and field.

A value counts only if the set labels its name (and, for hybrids, prints it): a wrong value is both
a false positive and a false negative. Equality is ``doctally.values.same``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from doctally.errors import ConfigurationError, DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction, FieldValue
from doctally.schemas import Kind, all_header_fields, item_fields
from doctally.values import same
from extractors.read import ReaderPool
from models.calibration import LINE, TYPE, Judgement, accepted_share, calibration_error
from models.documents import Truth, read_all, split, truths
from models.engine import Engine
from models.events import as_reading, event_files, events, split_carriers

_KINDS = {spec.name: spec.kind for spec in all_header_fields()}
_ITEM_KINDS = {spec.name: spec.kind for spec in item_fields()}


@dataclass(slots=True)
class Counts:
    """True positives, false positives and false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def add(self, other: Counts) -> None:
        """Add another's counts to these."""
        self.tp, self.fp, self.fn = self.tp + other.tp, self.fp + other.fp, self.fn + other.fn

    @property
    def precision(self) -> float:
        """Return tp / (tp + fp)."""
        return self.tp / max(self.tp + self.fp, 1)

    @property
    def recall(self) -> float:
        """Return tp / (tp + fn)."""
        return self.tp / max(self.tp + self.fn, 1)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.tp / max(2 * self.tp + self.fp + self.fn, 1)

    def as_dict(self) -> dict[str, float]:
        """Return counts and rates, rounded, for a report."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "values": self.tp + self.fn,
        }


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong value, for a person to look at; ``found`` is None where none was read."""

    path: Path
    field: str
    expected: str
    found: FieldValue | None

    def as_dict(self) -> dict[str, str]:
        """Return a row of a table."""
        return {
            "file": self.path.name,
            "field": self.field,
            "expected": self.expected,
            "found": self.found.value if self.found else "",
            "confidence": f"{self.found.confidence:.2f}" if self.found else "",
        }


@dataclass(slots=True)
class Scores:
    """The scores of one set; ``wrong`` lists each wrong value for a person to look at."""

    documents: int = 0
    typed: int = 0
    typed_right: int = 0
    unread: int = 0
    header: Counts = field(default_factory=Counts)
    items: Counts = field(default_factory=Counts)
    fields: dict[str, Counts] = field(default_factory=dict)
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[Wrong] = field(default_factory=list)
    judged: list[Judgement] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the report of the set."""
        return {
            "documents": self.documents,
            "unread": self.unread,
            "document_type_accuracy": round(self.typed_right / max(self.typed, 1), 4),
            "header": self.header.as_dict(),
            "macro_f1": round(self.macro_f1, 4),
            "calibration_error": round(calibration_error(self.values), 4),
            "accepted_at_1_percent_error": round(accepted_share(self.values, 0.01), 4),
            "line_items": self.items.as_dict(),
            "fields": {n: c.as_dict() for n, c in sorted(self.fields.items())},
            "type_confusion": {f"{a} -> {b}": n for (a, b), n in self.confusion.most_common()},
        }

    @property
    def values(self) -> list[Judgement]:
        """Return the judged header values, without document types and line cells."""
        return [j for j in self.judged if j.name not in (TYPE, LINE)]

    @property
    def macro_f1(self) -> float:
        """Return the mean of the fields' F1, or of the classes' where a set asks for a class."""
        return sum(c.f1 for c in self.fields.values()) / max(len(self.fields), 1)

    def table(self) -> pd.DataFrame:
        """Return one row per field."""
        return pd.DataFrame.from_dict(
            {n: c.as_dict() for n, c in sorted(self.fields.items())}, orient="index"
        )


def score(truth: Truth, found: Extraction, into: Scores) -> None:
    """Add one document's result to the scores of its set."""
    into.documents += 1
    if truth.types:
        into.typed += 1
        right = found.document_type in truth.types
        into.typed_right += right
        into.judged.append(Judgement(TYPE, found.route_confidence, right))
        if not right:
            into.confusion[(truth.types[0], found.document_type)] += 1
    for name in sorted(truth.scorable):
        counts = _field(truth, name, found.fields.get(name))
        into.fields.setdefault(name, Counts()).add(counts)
        into.header.add(counts)
        value = found.fields.get(name)
        if value is not None:
            into.judged.append(Judgement(name, value.confidence, bool(counts.tp)))
        if counts.fp or counts.fn:
            into.wrong.append(Wrong(truth.path, name, truth.fields.get(name, ""), value))
    if truth.line_items:
        counts, judged = _items(truth.printed_items, found.line_items)
        into.items.add(counts)
        into.judged += judged


def _field(truth: Truth, name: str, found: FieldValue | None) -> Counts:
    expected = [v for v in (truth.fields.get(name), *truth.alternatives.get(name, ())) if v]
    if found is None:
        return Counts(fn=int(bool(expected)))
    if any(same(_KINDS.get(name, Kind.TEXT), v, found.value) for v in expected):
        return Counts(tp=1)
    return Counts(fp=1, fn=int(bool(expected)))


def _items(
    expected: Sequence[Mapping[str, str]], found: Sequence[Mapping[str, FieldValue]]
) -> tuple[Counts, list[Judgement]]:
    """Return cell counts and judgements after aligning rows greedily by equal cells."""

    def right(row: Mapping[str, str], other: Mapping[str, FieldValue], name: str) -> bool:
        kind = _ITEM_KINDS.get(name, Kind.TEXT)
        return name in row and name in other and same(kind, row[name], other[name].value)

    pairs = sorted(
        (
            (sum(right(a, b, n) for n in a), -i, -j)
            for i, a in enumerate(expected)
            for j, b in enumerate(found)
        ),
        reverse=True,
    )
    left, over, counts = set(range(len(expected))), set(range(len(found))), Counts()
    judged: list[Judgement] = []
    for hits, i, j in pairs:
        if hits and -i in left and -j in over:
            left.discard(-i)
            over.discard(-j)
            row, other = expected[-i], found[-j]
            scored = [n for n in other if n in row]
            counts.add(Counts(tp=hits, fp=len(scored) - hits, fn=len(row) - hits))
            judged += [Judgement(LINE, other[n].confidence, right(row, other, n)) for n in scored]
    names = {n for row in expected for n in row}
    counts.fn += sum(len(expected[i]) for i in left)
    for j in over:
        judged += [Judgement(LINE, v.confidence, False) for n, v in found[j].items() if n in names]
        counts.fp += sum(n in names for n in found[j])
    return counts, judged


def evaluate(
    folder: Path,
    engine: Engine,
    pool: ReaderPool,
    *,
    held_out_only: bool = True,
    limit: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Scores]:
    """Return the scores of every labels file under ``folder``, by set.

    Known sets are scored on their held-out documents only, others whole. Raises
    ConfigurationError if there is no labels file.
    """
    files = sorted(folder.glob("labels*.jsonl")) or sorted(folder.glob("*/labels*.jsonl"))
    said = event_files([folder])
    if not files and not said:
        raise ConfigurationError(f"{folder} holds no labels*.jsonl; see the label contract")
    found = dict(
        score_file(path, engine, pool, held_out_only=held_out_only, limit=limit, progress=progress)
        for path in files
    )
    for path in said if "status" in engine.tasks else ():
        found[path.parent.name] = score_events(path, engine, held_out_only=held_out_only)
    return found


def score_events(path: Path, engine: Engine, *, held_out_only: bool = True) -> Scores:
    """Return the scores of the status of carrier events, a field for each status."""
    every = events(path)
    chosen = split_carriers(every)[1] if held_out_only else every
    scores = Scores(documents=len(chosen), typed=len(chosen))
    answers = engine.answers("status", [as_reading(event.text) for event in chosen])
    for event, (answer, confidence) in zip(chosen, answers, strict=True):
        wanted = str(event.status)
        right = answer == wanted
        scores.typed_right += right
        scores.header.add(Counts(tp=right, fp=not right, fn=not right))
        scores.fields.setdefault(wanted, Counts()).add(Counts(tp=right, fn=not right))
        if not right:
            scores.fields.setdefault(answer, Counts()).add(Counts(fp=1))
            scores.confusion[(wanted, answer)] += 1
            said = FieldValue(answer, confidence)
            scores.wrong.append(Wrong(Path(event.carrier), event.text, wanted, said))
    return scores


def score_file(
    path: Path,
    engine: Engine,
    pool: ReaderPool,
    *,
    held_out_only: bool = True,
    limit: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[str, Scores]:
    """Return the name and scores of one labels file."""
    train, test = split(truths(path))
    documents = (test if held_out_only and test else train + test)[:limit]
    scores, done = Scores(), 0
    for batch in _chunks(read_all(documents, pool=pool), 32):
        good = [(t, r) for t, r in batch if isinstance(r, Reading)]
        for (truth, _), found in zip(good, engine.extract([r for _, r in good]), strict=True):
            score(truth, found, scores)
        for truth, error in batch:
            if isinstance(error, DoctallyError):
                _count_unread(truth, scores)
        done += len(batch)
        progress(done, len(documents))
    return path.parent.name + path.stem.removeprefix("labels"), scores


def _count_unread(truth: Truth, into: Scores) -> None:
    into.unread += 1
    score(truth, Extraction("", 0.0, {}), into)


def _chunks(
    pairs: Iterator[tuple[Truth, Reading | DoctallyError]], size: int
) -> Iterator[list[tuple[Truth, Reading | DoctallyError]]]:
    batch: list[tuple[Truth, Reading | DoctallyError]] = []
    for pair in pairs:
        batch.append(pair)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch

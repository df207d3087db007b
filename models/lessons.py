"""Confirmed documents as training examples: every value in its place, corrected ones weigh more.

A person has looked at the whole document, so what is no value is known to be none; only the words
that might be a value which was not found, or which is in doubt, are left open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from doctally.pages import Page, Reading
from doctally.results import FieldValue
from doctally.values import infer_locale
from models.blocks import Blocks
from models.examples import Example
from models.labels import Span
from models.placing import Placed, Where, place
from models.tasks import ITEM, OUTSIDE, task_for
from models.windows import encode_reading

SOURCE = "confirmed"
CORRECTED = 3.0
"""The weight of a corrected value's words against a confirmed one's."""

Key = tuple[str, int | None]
"""A header field, or a column and its line from 1."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A document that a person has confirmed, with its final values.

    ``corrected`` are the values that were wrong before, ``doubtful`` those not to learn from;
    ``supplier`` names the supplier, empty where it is not known.
    """

    document_id: int
    reading: Reading
    document_type: str
    fields: Mapping[str, FieldValue]
    line_items: tuple[Mapping[str, FieldValue], ...] = ()
    corrected: frozenset[Key] = frozenset()
    doubtful: frozenset[Key] = frozenset()
    supplier: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson's example and how each value's place was found."""

    lesson: Lesson
    example: Example
    places: Mapping[Key, Placed] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[Where]:
        """Return how many values were found which way."""
        return Counter(placed.where for placed in self.places.values())


def taught(lesson: Lesson, tokenizer: Any) -> Taught:
    """Return the training example of a confirmed document; without a task it teaches its type."""
    reading = lesson.reading
    locale = infer_locale(reading.text)
    encoded = tuple(encode_reading(reading, tokenizer, locale))
    types = (lesson.document_type,)
    task = task_for(lesson.document_type)
    if task is None:
        return Taught(lesson, Example(encoded, types, SOURCE, None))
    blocks = [Blocks(page) for page in reading.pages]
    kinds = {label.name: label.kind for label in task.labels}
    places: dict[Key, Placed] = {}
    for key, name, value in _values(lesson):
        if name in kinds and key not in lesson.doubtful:
            places[key] = place(reading.pages, blocks, kinds[name], value, locale)
    _narrow(places, reading.pages)
    open_names = {n for key, n, _ in _values(lesson) if key in lesson.doubtful}
    open_names |= {_label(key) for key in lesson.doubtful}
    open_names |= {_label(key) for key, found in places.items() if not found.spans}
    column = {name: i for i, name in enumerate(task.names)}
    background = np.array([n == OUTSIDE or n in open_names for n in task.names])
    allowed = [np.tile(background, (len(page.words), 1)) for page in reading.pages]
    begins = [np.full(len(page.words), -1, dtype=np.int8) for page in reading.pages]
    weights = [np.ones(len(page.words), dtype=np.float32) for page in reading.pages]
    for key, found in places.items():
        for page, words in found.also:
            allowed[page][list(words), column[_label(key)]] = True
        certain = len(found.spans) == 1
        for page, words in found.spans:
            for word in words:
                if certain and begins[page][word] < 0:
                    allowed[page][word] = False
                allowed[page][word, column[_label(key)]] = True
                if certain:
                    begins[page][word] = max(begins[page][word], int(word == words[0]))
                if key in lesson.corrected:
                    weights[page][word] = CORRECTED
    several = {_label(k): p.spans for k, p in places.items() if len(p.spans) > 1 and k[1] is None}
    example = Example(
        encoded=encoded,
        types=types,
        source=SOURCE,
        task=task,
        allowed=tuple(allowed),
        begins=tuple(begins),
        places=several,
        found=sum(bool(p.spans) for p in places.values()),
        wanted=len(places),
        weights=tuple(weights),
    )
    return Taught(lesson, example, places)


def _label(key: Key) -> str:
    return key[0] if key[1] is None else ITEM + key[0]


def _values(lesson: Lesson) -> Iterator[tuple[Key, str, FieldValue]]:
    for name, value in lesson.fields.items():
        yield (name, None), name, value
    for number, row in enumerate(lesson.line_items, 1):
        for name, value in row.items():
            yield (name, number), ITEM + name, value


def _narrow(places: dict[Key, Placed], pages: tuple[Page, ...]) -> None:
    """Let a cell that is printed in several places stand beside its row's other cells."""
    rows: dict[int, list[Span]] = {}
    for (_, row), found in places.items():
        if row is not None and len(found.spans) == 1:
            rows.setdefault(row, []).append(found.spans[0])
    for key, found in list(places.items()):
        if key[1] is None or len(found.spans) < 2:
            continue
        beside = rows.get(key[1], [])
        near = [s for s in found.spans if any(_same_row(pages, s, other) for other in beside)]
        spans = tuple(near) if len(near) == 1 else ()
        places[key] = Placed(found.where if spans else Where.NOWHERE, spans)


def _same_row(pages: tuple[Page, ...], span: Span, other: Span) -> bool:
    if span[0] != other[0]:
        return False
    one, two = (pages[s[0]].words[s[1][0]].box for s in (span, other))
    return min(one.y1, two.y1) - max(one.y0, two.y0) > 0.4 * min(one.y1 - one.y0, two.y1 - two.y0)

"""Documents and their truth -> what each word may be labelled, for every window of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doctally.pages import Page, Reading
from doctally.schemas import Kind
from doctally.values import Locale, infer_locale
from models.blocks import Blocks
from models.documents import Truth
from models.labels import Span, find
from models.tasks import ITEM, OUTSIDE, Task, task_for
from models.windows import Encoded, encode_reading

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Example:
    """A document ready for training; arrays are per page and word.

    ``allowed`` [words, labels], ``begins`` [words] (1, 0, -1 = unknown), ``places`` the spans
    of each field whose true place is for training to choose, ``verdicts`` the answers of
    classifying tasks other than type and status, by task. ``weights`` [words] say how much a
    labelled word counts, 1 where there are none.
    """

    encoded: tuple[Encoded, ...]
    types: tuple[str, ...]
    source: str
    task: Task | None
    allowed: tuple[Mask, ...] = ()
    begins: tuple[NDArray[np.int8], ...] = ()
    places: Mapping[str, tuple[Span, ...]] | None = None
    found: int = 0
    wanted: int = 0
    status: str | None = None
    verdicts: Mapping[str, str] = field(default_factory=dict)
    weights: tuple[NDArray[np.float32], ...] = ()

    def answers(self, task: str) -> tuple[str, ...]:
        """Return what a task that classifies may answer; nothing where it is not known."""
        if task == "route":
            return self.types
        if task == "status" and self.status:
            return (self.status,)
        return (self.verdicts[task],) if task in self.verdicts else ()

    def weight(self, page: int, first: int, last: int) -> NDArray[np.float32]:
        """Return how much the words ``first``..``last`` (exclusive) of a page count."""
        if not self.weights:
            return np.ones(last - first, dtype=np.float32)
        return self.weights[page][first:last]


def example(truth: Truth, reading: Reading, tokenizer: Any) -> Example:
    """Return the training example of a document."""
    locale = infer_locale(reading.text)
    encoded = tuple(encode_reading(reading, tokenizer, locale))
    task = task_for(truth.document_type or _guess(reading))
    if task is None:
        return Example(encoded, truth.types, truth.source, None)
    spans = (
        _exact(truth, reading.pages)
        if truth.boxes is not None
        else _weak(truth, reading, task, locale)
    )
    known = _known(truth, task, spans)
    column = {name: i for i, name in enumerate(task.names)}
    background = np.array([name == OUTSIDE or name not in known for name in task.names])
    allowed = [np.tile(background, (len(p.words), 1)) for p in reading.pages]
    begins = [np.full(len(p.words), -1, dtype=np.int8) for p in reading.pages]
    certain = truth.boxes is not None
    for name, places in spans.items():
        if name not in column:
            continue
        unique = certain or len(places) == 1
        for page, words in places:
            for word in words:
                taught = begins[page][word] >= 0
                if unique and not taught:
                    allowed[page][word] = False
                allowed[page][word, column[name]] = True
                begins[page][word] = max(begins[page][word], int(word == words[0]))
    header = {n: s for n, s in spans.items() if n in column and not n.startswith(ITEM)}
    wanted = [n for n in truth.scorable if n in column and truth.fields.get(n)]
    return Example(
        encoded=encoded,
        types=truth.types,
        source=truth.source,
        task=task,
        allowed=tuple(allowed),
        begins=tuple(begins),
        places={} if certain else {n: tuple(s) for n, s in header.items() if len(s) > 1},
        found=sum(n in header for n in wanted),
        wanted=len(wanted),
        status=truth.fields.get("status"),
    )


def _guess(reading: Reading) -> str:
    """Return the type whose task an untyped document's values can teach: orders are untitled."""
    first = " ".join(word.text for word in reading.pages[0].words) if reading.pages else ""
    return "invoice" if "invoice" in first.casefold() else "purchase_order"


def _known(truth: Truth, task: Task, spans: Mapping[str, Sequence[Span]]) -> frozenset[str]:
    """Return the labels that this document teaches: its absence elsewhere is certain."""
    if truth.boxes is not None:
        return frozenset(task.names)
    return frozenset(n for n in truth.labelled if n in spans or not truth.fields.get(n))


def _weak(truth: Truth, reading: Reading, task: Task, locale: Locale) -> dict[str, list[Span]]:
    blocks = [Blocks(page) for page in reading.pages]
    found: dict[str, list[Span]] = {}
    for label in task.labels:
        value = truth.fields.get(label.name)
        if not value or label.name not in truth.labelled:
            continue
        for text in (value, *truth.alternatives.get(label.name, ())):
            kind = Kind.TEXT if label.kind is Kind.TAX_ID else label.kind
            spans = find(reading.pages, blocks, kind, text, locale)
            if spans:
                found[label.name] = spans
                break
    return found


def _exact(truth: Truth, pages: Sequence[Page]) -> dict[str, list[Span]]:
    """Return the spans of words whose centres lie in the boxes drawn by the generator."""
    centres = [
        np.array(
            [((w.box.x0 + w.box.x1) / 2, (w.box.y0 + w.box.y1) / 2) for w in page.words]
        ).reshape(-1, 2)
        for page in pages
    ]

    def inside(fragments: Sequence[Sequence[float]]) -> list[Span]:
        per_page: dict[int, list[int]] = {}
        for number, x0, y0, x1, y1 in fragments:
            page = int(number) - 1
            if page >= len(pages):
                continue
            at = centres[page]
            hit = (at[:, 0] >= x0) & (at[:, 0] <= x1) & (at[:, 1] >= y0) & (at[:, 1] <= y1)
            per_page.setdefault(page, []).extend(np.flatnonzero(hit).tolist())
        return [(page, tuple(words)) for page, words in per_page.items() if words]

    spans: dict[str, list[Span]] = {}
    for name, occurrences in (truth.boxes or {}).items():
        for fragments in occurrences:
            spans.setdefault(name, []).extend(inside(fragments))
    for row in truth.item_boxes:
        for name, fragments in row.items():
            spans.setdefault(ITEM + name, []).extend(inside(fragments))
    return {name: places for name, places in spans.items() if places}

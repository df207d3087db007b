"""Scores per word -> typed values with page, box and confidence.

Fields with a parser (dates, amounts, ...) choose among the spans that parse; texts take the run
of words that the model labels, with what stands below it for values of several lines.
The second best occurrence of a value supports the best; more do not, or an amount that a table
repeats would win by number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doctally.pages import Box, Page
from doctally.results import FieldValue
from doctally.schemas import Kind
from doctally.values import Locale, normalise
from models.blocks import Blocks
from models.candidates import LONGEST, Candidate, candidates
from models.labels import squash, without_country
from models.tasks import ITEM, OUTSIDE, Label, Task
from models.wholes import whole_address, whole_name

Scores = NDArray[np.float32]  # [words, labels], probabilities
Begins = NDArray[np.float32]  # [words], probability that a value begins at the word

THRESHOLD = 0.35
EDGE = 0.3  # a word joins a run of text when its label's probability is at least this
SUPPORT = 0.3
ANEW = 0.5  # a line that begins a value of its own does not go on with the one above
SEVERAL_LINES = frozenset({Kind.ADDRESS, Kind.NAME, Kind.TEXT})
UNSIGNED = frozenset({"discount", "amount_paid"})  # printed with a minus or without, the same
_RANGES = {"service_start": (1, "service_end"), "service_end": (2, "service_start")}


@dataclass(frozen=True, slots=True)
class Option:
    """A possible value of a field and how likely it is."""

    value: str
    score: float
    text: str
    page: int  # index
    box: Box


_SEPARATOR = re.compile(r"\s*(?:\s[|·•–—*/-]\s)+\s*")


def options(
    pages: Sequence[Page],
    blocks: Sequence[Blocks],
    scores: Sequence[Scores],
    begins: Sequence[Begins],
    task: Task,
    locale: Locale,
) -> dict[str, list[Option]]:
    """Return each header field's possible values, likeliest first."""
    column = {name: i for i, name in enumerate(task.names)}
    spans: dict[tuple[int, Kind], list[Candidate]] = {}
    found: dict[str, list[Option]] = {}
    for label in task.labels:
        if label.name == OUTSIDE or label.name.startswith(ITEM):
            continue
        index = column[label.name]
        seen: dict[str, list[Option]] = {}
        for number, (page, block) in enumerate(zip(pages, blocks, strict=True)):
            if not len(scores[number]) or scores[number][:, index].max() < 0.02:
                continue
            if label.kind in LONGEST:
                key = (number, label.kind)
                if key not in spans:
                    spans[key] = candidates(page, block, label.kind, locale)
                hits = _typed(label, spans[key], scores[number], column, block, number)
            else:
                own = scores[number][:, index]
                hits = _runs(label, page, block, own, begins[number], number, task, locale)
            for option in hits:
                seen.setdefault(squash(option.value) or option.value, []).append(option)
        if seen:
            merged = [_support(same) for same in seen.values()]
            found[label.name] = sorted(merged, key=lambda o: -o.score)[:5]
    return found


def decode(found: Mapping[str, Sequence[Option]]) -> dict[str, FieldValue]:
    """Return the likeliest value of each field that reaches the threshold."""
    return {
        name: as_value(choices[0])
        for name, choices in found.items()
        if choices and choices[0].score >= THRESHOLD
    }


def as_value(option: Option) -> FieldValue:
    """Return an option as a value with its provenance."""
    return FieldValue(
        value=option.value,
        confidence=min(option.score, 0.9999),
        page=option.page + 1,
        box=option.box,
        text=option.text,
    )


def _support(same: Sequence[Option]) -> Option:
    ranked = sorted(same, key=lambda o: -o.score)
    best, second = ranked[0], ranked[1].score if len(ranked) > 1 else 0.0
    score = best.score + SUPPORT * second * (1 - best.score)
    return Option(best.value, score, best.text, best.page, best.box)


def _typed(
    label: Label,
    spans: Sequence[Candidate],
    scores: Scores,
    column: Mapping[str, int],
    blocks: Blocks,
    number: int,
) -> Iterator[Option]:
    for span in spans:
        own = scores[list(span.words), column[label.name]]
        if span.part and label.name in _RANGES:
            part, partner = _RANGES[label.name]
            if part != span.part:
                continue
            own = own + scores[list(span.words), column[partner]]
        score = float(own.mean())
        if score >= 0.02:
            value = span.value.lstrip("-") if label.name in UNSIGNED else span.value
            yield Option(value, min(score, 1.0), span.text, number, blocks.box(span.words))


def _runs(
    label: Label,
    page: Page,
    blocks: Blocks,
    own: Scores,
    begins: Begins,
    number: int,
    task: Task,
    locale: Locale,
) -> Iterator[Option]:
    pieces: dict[int, list[tuple[int, ...]]] = {}
    for index, segment in enumerate(blocks.segments):
        run: list[int] = []
        for word in (*segment, None):
            if word is not None and own[word] >= EDGE:
                run.append(word)
            elif run:
                # a weak word between two strong ones belongs to the value, as does a mark
                if (
                    word is not None
                    and word + 1 < segment.stop
                    and (own[word] >= 0.08 or not any(map(str.isalnum, page.words[word].text)))
                    and own[word + 1] >= EDGE
                ):
                    run.append(word)
                    continue
                pieces.setdefault(index, []).append(tuple(run))
                run = []
    used: set[int] = set()
    for index in sorted(pieces):
        for position, piece in enumerate(pieces[index]):
            if piece[0] in used:
                continue
            chain = [piece]
            used.update(piece)
            if label.kind in SEVERAL_LINES and position == len(pieces[index]) - 1:
                at = blocks.below[index]
                while (
                    at is not None
                    and at in pieces
                    and pieces[at][0][0] not in used
                    and pieces[at][0][0] == blocks.segments[at].start
                    and (label.kind is Kind.ADDRESS or begins[pieces[at][0][0]] < ANEW)
                ):
                    chain.append(pieces[at][0])
                    used.update(pieces[at][0])
                    at = blocks.below[at]
            if label.kind is Kind.ADDRESS:
                chain = whole_address(page, blocks, chain)
            elif label.kind is Kind.NAME and len(chain) == 1:
                chain = [whole_name(page, blocks, piece)]
            yield from _text_option(label, page, blocks, own, number, task, locale, chain)


def _text_option(
    label: Label,
    page: Page,
    blocks: Blocks,
    own: Scores,
    number: int,
    task: Task,
    locale: Locale,
    chain: Sequence[tuple[int, ...]],
) -> Iterator[Option]:
    lines = [" ".join(page.words[i].text for i in piece).strip() for piece in chain]
    if label.kind is Kind.ADDRESS:
        lines = [without_country(_SEPARATOR.sub(", ", line)) for line in lines]
    joint = task.line_break if label.kind is Kind.ADDRESS else " "
    text = lines[0]
    for line in lines[1:]:
        text = text.rstrip(", ") + joint + line if joint == ", " else f"{text} {line}"
    value = normalise(label.kind, text, locale)
    if value is None and label.kind in (Kind.TAX_ID, Kind.PHONE, Kind.BIC):
        value = normalise(Kind.IDENTIFIER, text, locale)
    words = [i for piece in chain for i in piece]
    if value:
        # what was added to make it whole says nothing about how sure the model is
        marked = [i for i in words if own[i] >= EDGE] or words
        yield Option(value, float(own[marked].mean()), text, number, blocks.box(tuple(words)))

"""Scores per word -> typed values with page, box and confidence.

Fields with a parser (dates, amounts, ...) choose among the spans that parse; texts take the run
of words that the model labels, with what stands below it for values of several lines.
The second best occurrence of a value supports the best; more do not, or an amount that a table
repeats would win by number.
"""

from __future__ import annotations

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
from models.labels import squash
from models.runs import EDGE, Chances, Run, chains, text_of
from models.tasks import ITEM, OUTSIDE, PARTY_FIELDS, Label, Task
from models.wholes import is_code

Scores = NDArray[np.float32]  # [words, labels], probabilities
Begins = NDArray[np.float32]  # [words], probability that a value begins at the word

THRESHOLD = 0.35
SUPPORT = 0.3
LEAST = 0.02  # what is less likely is no option
SHORTEST_PHONE = 6  # figures
UNSIGNED = frozenset({"discount", "amount_paid"})  # printed with a minus or without, the same
_LESS = 0.8  # times as likely as its beginning a whole number is at least
_RANGES = {"service_start": (1, "service_end"), "service_end": (2, "service_start")}


@dataclass(frozen=True, slots=True)
class Option:
    """A possible value of a field and how likely it is."""

    value: str
    score: float
    text: str
    page: int  # index
    box: Box
    places: tuple[tuple[int, Box], ...] = ()  # everywhere it is printed
    word: int = 0  # index of its first word on the page


def options(
    pages: Sequence[Page],
    blocks: Sequence[Blocks],
    scores: Sequence[Scores],
    begins: Sequence[Begins],
    task: Task,
    locale: Locale,
) -> dict[str, list[Option]]:
    """Return each header field's possible values, likeliest first.

    Whose a name or an address is may be in doubt though it is clear that it is one: where one
    party's are looked for, all parties' words count (see ``models.parties``).
    """
    column = {name: i for i, name in enumerate(task.names)}
    parties = {
        kind: [column[n] for n in column if n in PARTY_FIELDS and n.endswith(f"_{kind}")]
        for kind in (Kind.NAME, Kind.ADDRESS)
    }
    spans: dict[tuple[int, Kind], list[Candidate]] = {}
    linked: dict[tuple[int, Kind], list[list[Run]]] = {}
    found: dict[str, list[Option]] = {}
    for label in task.labels:
        if label.name == OUTSIDE or label.name.startswith(ITEM):
            continue
        index = column[label.name]
        seen: dict[str, list[Option]] = {}
        for number, (page, block) in enumerate(zip(pages, blocks, strict=True)):
            if not len(scores[number]) or scores[number][:, index].max() < LEAST:
                continue
            key = (number, label.kind)
            if label.kind in LONGEST:
                if key not in spans:
                    spans[key] = candidates(page, block, label.kind, locale)
                hits = _typed(label, page, spans[key], scores[number], column, block, number)
            else:
                own = any_of = scores[number][:, index]
                if label.name in PARTY_FIELDS:
                    any_of = scores[number][:, parties[label.kind]].sum(-1)
                    if key not in linked:
                        linked[key] = chains(label.kind, page, block, any_of, begins[number])
                    chosen = linked[key]
                else:
                    chosen = chains(label.kind, page, block, own, begins[number])
                hits = _texts(label, page, block, own, any_of, number, task, locale, chosen)
            for option in hits:
                seen.setdefault(squash(option.value) or option.value, []).append(option)
        if seen:
            merged = [_support(same) for same in seen.values()]
            if label.kind is Kind.PHONE:
                merged = [o for o in merged if not _is_cut(o, merged)]
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
    places = tuple((o.page, o.box) for o in same)
    return Option(best.value, score, best.text, best.page, best.box, places, best.word)


def _is_cut(option: Option, others: Sequence[Option]) -> bool:
    """Tell whether a telephone number is the beginning of another that is hardly less likely."""
    figures = _figures(option)
    return any(
        len(longer := _figures(other)) > len(figures)
        and longer.startswith(figures)
        and other.score > option.score * _LESS
        for other in others
    )


def _figures(option: Option) -> str:
    return "".join(filter(str.isdigit, option.value))


def _typed(
    label: Label,
    page: Page,
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
        if score >= LEAST:
            value = span.value.lstrip("-") if label.name in UNSIGNED else span.value
            box = blocks.box(span.words)
            first = figure(page, span.words)
            yield Option(value, min(score, 1.0), span.text, number, box, word=first)


def figure(page: Page, words: Sequence[int]) -> int:
    """Return the first of some words that has a figure: a sign of money is said or not."""
    return next((i for i in words if any(map(str.isdigit, page.words[i].text))), words[0])


def _texts(
    label: Label,
    page: Page,
    blocks: Blocks,
    own: Chances,
    any_of: Chances,
    number: int,
    task: Task,
    locale: Locale,
    linked: Sequence[Sequence[Run]],
) -> Iterator[Option]:
    for chain in linked:
        text = text_of(label.kind, page, chain, task.line_break)
        value = normalise(label.kind, text, locale)
        if value is None and label.kind in (Kind.TAX_ID, Kind.PHONE, Kind.BIC):
            value = normalise(Kind.IDENTIFIER, text, locale)
        if label.kind is Kind.PHONE and sum(map(str.isdigit, text)) < SHORTEST_PHONE:
            continue
        words = [i for piece in chain for i in piece]
        if label.kind is Kind.ADDRESS and len(words) < 2:
            continue
        if label.kind is Kind.NAME and any(is_code(page.words[i].text) for i in words):
            continue
        # what was added to make it whole says nothing about how sure the model is
        marked = [i for i in words if any_of[i] >= EDGE] or words
        score = float(own[marked].mean())
        if value and score >= LEAST:
            yield Option(value, score, text, number, blocks.box(tuple(words)), word=words[0])

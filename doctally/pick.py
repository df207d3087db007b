"""What a person points at on a page: the words under a click or inside a rectangle, as a value.

A click takes the words that belong together: the longest run of close words of the line that can
be read as the field's kind, or, for names and texts, the whole phrase. A rectangle takes every
word whose middle lies inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from doctally.locale import Locale
from doctally.pages import Box, Page, Word
from doctally.schemas import Kind
from doctally.values import normalise

LOOSE = frozenset({Kind.TEXT, Kind.NAME, Kind.ADDRESS})
MOST_WORDS = {Kind.IBAN: 9, Kind.IDENTIFIER: 1, Kind.CURRENCY: 1, Kind.EMAIL: 1, Kind.BIC: 2}
USUAL_WORDS = 5
_MISSED = 0.012
"""A click this near a word, in fractions of the page, means it."""


@dataclass(frozen=True, slots=True)
class Picked:
    """Words of one page as a value; ``value`` is None if they cannot be read as the kind."""

    value: str | None
    text: str
    box: Box
    page: int


def at_point(page: Page, x: float, y: float, *, kind: Kind, locale: Locale) -> Picked | None:
    """Return what stands at a point (fractions of the page), None if nothing is near."""
    place = _nearest(page.words, x, y)
    if place is None:
        return None
    line, position = _line(page.words, place)
    most = len(line) if kind in LOOSE else MOST_WORDS.get(kind, USUAL_WORDS)
    gap = 1.6 if kind in LOOSE else 0.9
    runs = _runs(line, position, most=most, gap=gap)
    for run in runs:
        found = joined(run, page.number, kind, locale)
        if found.value is not None:
            return found
    return joined(runs[-1], page.number, kind, locale)


def in_box(page: Page, box: Box, *, kind: Kind, locale: Locale) -> Picked | None:
    """Return the words whose middle lies in the box, in reading order; None if there are none."""
    inside = [word for word in page.words if _holds(box, *_middle(word.box))]
    return joined(inside, page.number, kind, locale) if inside else None


def joined(words: Sequence[Word], page: int, kind: Kind, locale: Locale) -> Picked:
    """Return words as one value."""
    text = " ".join(word.text for word in words)
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    return Picked(normalise(kind, text, locale), text, box, page)


def _nearest(words: Sequence[Word], x: float, y: float) -> int | None:
    """Return the place of the word at or near the point."""

    def distance(word: Word) -> float:
        across = max(word.box.x0 - x, 0.0, x - word.box.x1)
        down = max(word.box.y0 - y, 0.0, y - word.box.y1)
        return max(across, down)

    if not words:
        return None
    place = min(range(len(words)), key=lambda number: distance(words[number]))
    return place if distance(words[place]) <= _MISSED else None


def _line(words: Sequence[Word], place: int) -> tuple[list[Word], int]:
    """Return the words of the same visual line from left to right, and where the word is."""
    mine = words[place]
    _, middle = _middle(mine.box)
    line = [word for word in words if word.box.y0 <= middle <= word.box.y1]
    line.sort(key=lambda word: word.box.x0)
    return line, next(number for number, word in enumerate(line) if word is mine)


def runs_of(line: list[Word], start: int, *, most: int) -> Iterator[list[Word]]:
    """Yield the runs of close words that begin at a place, longest first."""
    end = start
    while end + 1 < len(line) and end - start + 1 < most and _close(line[end], line[end + 1], 0.9):
        end += 1
    for last in range(end, start - 1, -1):
        yield line[start : last + 1]


def _runs(line: list[Word], position: int, *, most: int, gap: float) -> list[list[Word]]:
    """Return the runs of close words that hold the word, longest first."""
    first = last = position
    while first > 0 and _close(line[first - 1], line[first], gap):
        first -= 1
    while last + 1 < len(line) and _close(line[last], line[last + 1], gap):
        last += 1
    spans = [
        (start, end)
        for start in range(first, position + 1)
        for end in range(position + 1, last + 2)
        if end - start <= most
    ]
    spans.sort(key=lambda span: span[0] - span[1])
    return [line[start:end] for start, end in spans]


def _close(left: Word, right: Word, gap: float) -> bool:
    """Tell whether the space between two words is one between words, not between columns."""
    height = min(left.box.y1 - left.box.y0, right.box.y1 - right.box.y0)
    return right.box.x0 - left.box.x1 <= gap * height * 1.4  # a page is higher than wide


def _middle(box: Box) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def _holds(box: Box, x: float, y: float) -> bool:
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1

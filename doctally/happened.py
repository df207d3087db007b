"""What happened to a shipment before its latest event: the dated lines of a message, one by one.

A line of a tracking page or mail is an event when it begins or ends with a day and time (or the
time alone, below a line with the day) and says something beside it. NOT handled: times without a
day anywhere, days without a year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from doctally.dates import parse_moment
from doctally.exceptions import folded
from doctally.locale import Locale

_LONGEST = 8
"""Words that a day and time are printed in, at most."""
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?:[ap]m)?")
_PLANNED = re.compile(
    r"estimat|expect|schedul|planned|voraussicht|erwart|geplant|prevu|estime|previst|stimat|"
    r"verwacht|oczekiwan|planowan|order (?:date|placed on)|invoice|rechnung|due\b"
)


@dataclass(frozen=True, slots=True)
class DatedLine:
    """A line's moment (a day where no time is printed) and what else its cells say."""

    when: date | datetime
    cells: tuple[str, ...]


def dated_lines(lines: Iterable[Sequence[str]], locale: Locale) -> list[DatedLine]:
    """Return the lines (of cells) that say when something happened, in their order."""
    found: list[DatedLine] = []
    day: date | None = None
    waiting: datetime | None = None
    for cells in lines:
        if _PLANNED.search(folded(" ".join(cells))):
            waiting = None
            continue
        if clock := _broken_off(found, cells, locale):
            found[-1] = DatedLine(clock, found[-1].cells)
            continue
        when, rest = _parted(cells, locale, day)
        if when is None and waiting is not None and rest:
            found.append(DatedLine(waiting, rest))
        elif when is not None and rest:
            found.append(DatedLine(when, rest))
        if when is not None and not isinstance(when, datetime):
            day = None if rest else when
        # a moment alone: the words stand on the next line
        waiting = when if isinstance(when, datetime) and not rest else None
    return found


def _broken_off(
    found: Sequence[DatedLine], cells: Sequence[str], locale: Locale
) -> datetime | None:
    """Return the moment of the line before, where its time stands in a cell below its day."""
    if not found or isinstance(found[-1].when, datetime):
        return None
    clocks = [cell for cell in cells if _CLOCK.fullmatch(cell.casefold())]
    return _at(found[-1].when, clocks[0], locale) if len(clocks) == 1 else None


def _at(day: date, clock: str, locale: Locale) -> datetime | None:
    when = parse_moment(f"{day.isoformat()} {clock}", locale)
    return when if isinstance(when, datetime) else None


def _parted(
    cells: Sequence[str], locale: Locale, day: date | None
) -> tuple[date | datetime | None, tuple[str, ...]]:
    """Return the moment that a line or a cell of it begins or ends with, and the rest."""
    words = [(word, n) for n, cell in enumerate(cells) for word in cell.split()]
    plain = [word for word, _ in words]
    starts = [k for k in range(len(words)) if k == 0 or words[k][1] != words[k - 1][1]]
    dated: list[tuple[bool, int, date | datetime, int]] = []
    for count in range(1, min(_LONGEST, len(words)) + 1):
        for first in (*(k for k in starts if k + count <= len(words)), len(words) - count):
            when = parse_moment(" ".join(plain[first : first + count]), locale)
            if when is not None:
                dated.append((isinstance(when, datetime), count, when, first))
    if not dated and day is not None and words and _CLOCK.fullmatch(plain[0].casefold()):
        for count in (2, 1):
            clock = _at(day, " ".join(plain[:count]), locale)
            if clock is not None:
                dated.append((True, count, clock, 0))
    if not dated:
        return None, tuple(cells)
    _, count, when, first = max(dated, key=lambda one: one[:2])
    kept: dict[int, list[str]] = {}
    for k, (word, cell) in enumerate(words):
        if not first <= k < first + count:
            kept.setdefault(cell, []).append(word)
    rest = (" ".join(part).strip(" ,;:|·-–—@") for part in kept.values())
    return when, tuple(part for part in rest if part)

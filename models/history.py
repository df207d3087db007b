"""The events that a carrier's message tells beside the latest one, each with state and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from doctally.exceptions import reason_of
from doctally.happened import DatedLine, dated_lines
from doctally.pages import Happened, Page
from doctally.said import state_said
from doctally.values import Locale
from models.blocks import Blocks
from models.windows import line_flags

Judge = Callable[[Sequence[str]], Sequence[tuple[str, float]]]
"""Says for texts which state each means, and how surely."""

_SURE = 0.4
"""From here on a judge's word is an event's state; below it the event has none."""
_SURE_ALONE = 0.7
"""The same for a line without other cells, which may be no event at all."""
_FEWEST = 2
_MOST = 60


def history_of(pages: Sequence[Page], locale: Locale, judge: Judge) -> tuple[Happened, ...]:
    """Return the dated events of a message in order of time; () where it tells fewer than two."""
    dated = dated_lines((row for page in pages for row in _rows(page)), locale)[:_MOST]
    dated = [DatedLine(one.when, tuple(filter(_worded, one.cells))) for one in dated]
    timed = [one for one in dated if isinstance(one.when, datetime)]
    dated = timed if len(timed) >= _FEWEST else dated
    counts = Counter(len(one.cells) for one in dated if one.cells)
    if sum(counts.values()) < _FEWEST:
        return ()
    asked = list(dict.fromkeys(cell for one in dated for cell in one.cells))
    known = {cell: _said(cell, *answer) for cell, answer in zip(asked, judge(asked), strict=True)}
    width = max(counts, key=lambda count: (counts[count] >= _FEWEST, count > 1, counts[count]))
    table = [one for one in dated if len(one.cells) == width]
    column = max(range(width), key=lambda n: _telling([one.cells[n] for one in table], known))
    found: dict[tuple[str, str], Happened] = {}
    for one in table:
        event = _event(one, column, *known[one.cells[column]])
        if event is not None:
            found.setdefault((event.when, event.said), event)
    told = sorted(found.values(), key=lambda event: _moment(event.when))
    return tuple(told) if len(told) >= _FEWEST else ()


def earlier(told: Sequence[Happened], latest: str) -> tuple[Happened, ...]:
    """Return the events without that of the time which the message's own fields tell."""
    if not latest:
        return tuple(told)
    own = _moment(latest)
    exact = "T" in latest
    return tuple(
        event
        for event in told
        if (_moment(event.when) != own if exact else _moment(event.when).date() != own.date())
    )


def _moment(text: str) -> datetime:
    """Return a moment as the clock on the wall shows it, without its zone."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _rows(page: Page) -> Iterator[list[str]]:
    """Yield the visual lines of a page as cells, what stands between wide gaps."""
    starts = line_flags(page)[0]
    line = 0
    numbered = []
    for segment in Blocks(page).segments:
        line += starts[segment[0]]
        numbered.append((line, " ".join(page.words[i].text for i in segment)))
    for _, cells in groupby(numbered, key=lambda pair: pair[0]):
        yield [text for _, text in cells]


def _worded(cell: str) -> bool:
    return sum(c.isalpha() for c in cell) >= 3


def _said(cell: str, state: str, sure: float) -> tuple[str, float]:
    """Return the state that a cell tells: by set phrases, or else as the judge says."""
    spoken = state_said(cell)
    return (state, sure) if spoken is None else (str(spoken), 1.0)


def _telling(cells: Sequence[str], known: Mapping[str, tuple[str, float]]) -> float:
    """Return how much a column speaks of states; places repeat, states hardly do."""
    return sum(known[cell][1] for cell in cells) * len(set(cells))


def _event(one: DatedLine, column: int, state: str, sure: float) -> Happened | None:
    """Return a dated line as an event, its other cells being the place; None if it is none."""
    said = one.cells[column]
    if len(one.cells) == 1 and sure < _SURE_ALONE:
        return None
    state = state if sure >= _SURE else ""
    place = ", ".join(cell for n, cell in enumerate(one.cells) if n != column)
    reason = reason_of(said, state)
    return Happened(one.when.isoformat(), said, state, str(reason or ""), place)

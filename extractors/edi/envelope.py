"""Interchanges, groups and messages: what is between the envelopes, and whether they agree.

A missing trailer is an interchange cut short: refused. Wrong counts and references are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.edi.syntax import Dialect, Segment, broken, dialect_of, segments_of

MOST_MESSAGES = 10_000

_FILLING = re.compile(r"[ \t\r\n\ufeff\x1a\x00]*")

_STARTS = {"x12": ("ISA", "GS", "ST"), "edifact": ("UNB", "UNG", "UNH")}
_ENDS = {"x12": ("IEA", "GE", "SE"), "edifact": ("UNZ", "UNE", "UNT")}


@dataclass(frozen=True, slots=True)
class Message:
    """A transaction set or message: its body, and the segments of the envelopes around it.

    ``kind`` is ``850`` or ``ORDERS``, ``release`` ``004010`` or ``D:96A:UN``; ``faults`` says
    what is wrong with the counts and references of its envelopes.
    """

    dialect: Dialect
    kind: str
    release: str
    reference: str
    body: tuple[Segment, ...]
    header: Segment
    interchange: Segment
    group: Segment | None
    faults: tuple[str, ...] = ()


def messages_of(text: str) -> Iterator[Message]:
    """Yield the messages of all interchanges in the text, in order.

    Raises RefusedRecord (``edi_invalid``) when an envelope is missing or out of place.
    """
    at, count = _filled(text, 0), 0
    while at < len(text):
        dialect = dialect_of(text, at)
        whole, at = _interchange(text, dialect, at)
        at = _filled(text, at)
        for message in _messages(whole, dialect):
            count += 1
            if count > MOST_MESSAGES:
                raise broken(f"There are more than {MOST_MESSAGES} messages in the file.")
            yield message


def _filled(text: str, at: int) -> int:
    """Return the next place that holds more than filling."""
    found = _FILLING.match(text, at)
    return found.end() if found else at


def _interchange(text: str, dialect: Dialect, at: int) -> tuple[list[Segment], int]:
    """Return the segments of the interchange that starts here and the place after it."""
    start, end = _STARTS[dialect.kind][0], _ENDS[dialect.kind][0]
    whole: list[Segment] = []
    for segment, after in segments_of(text, dialect, at):
        if not whole and segment.tag != start:
            raise broken(f"The interchange starts with {segment.tag}, not with {start}.")
        if whole and segment.tag == start:
            raise broken(f"A second {start} comes before the {end} of the interchange before.")
        whole.append(segment)
        if segment.tag == end:
            return whole, after
    raise broken(f"The interchange is cut short: it has no {end}.")


def _messages(whole: Sequence[Segment], dialect: Dialect) -> Iterator[Message]:
    starts, ends = _STARTS[dialect.kind], _ENDS[dialect.kind]
    control = 13 if dialect.kind == "x12" else 5
    faults = _trailer_faults(whole[0].get(control), whole[-1], 2)
    groups = sum(segment.tag == starts[1] for segment in whole)
    group: Segment | None = None
    opened: int | None = None
    inside = count = 0
    found: list[Message] = []
    for number, segment in enumerate(whole):
        if segment.tag == starts[1]:
            group, inside = segment, 0
        elif segment.tag == ends[1]:
            if group is None:
                raise broken(f"{ends[1]} stands without {starts[1]}.")
            reference = group.get(6 if dialect.kind == "x12" else 5)
            faults += _trailer_faults(reference, segment, 2, count=inside)
            group = None
        elif segment.tag == starts[2]:
            if opened is not None:
                raise broken(f"A {starts[2]} comes before the {ends[2]} of the one before.")
            opened = number
        elif segment.tag == ends[2]:
            if opened is None:
                raise broken(f"{ends[2]} stands without {starts[2]}.")
            found.append(_message(whole, opened, number, dialect, group))
            opened, inside, count = None, inside + 1, count + 1
    if opened is not None:
        raise broken(f"A message is cut short: it has no {ends[2]}.")
    counted = groups if groups else count
    faults += _count_fault(whole[-1], counted)
    for message in found:
        yield _with(message, faults)


def _message(
    whole: Sequence[Segment], first: int, last: int, dialect: Dialect, group: Segment | None
) -> Message:
    header, trailer = whole[first], whole[last]
    x12 = dialect.kind == "x12"
    release = group.get(8) if group and x12 else ":".join(header.parts(2)[1:])
    reference = header.get(2 if x12 else 1)
    return Message(
        dialect=dialect,
        kind=header.get(1 if x12 else 2).upper(),
        release=release,
        reference=reference,
        body=tuple(whole[first + 1 : last]),
        header=header,
        interchange=whole[0],
        group=group,
        faults=_trailer_faults(reference, trailer, 2, count=last - first + 1),
    )


def _with(message: Message, faults: tuple[str, ...]) -> Message:
    return replace(message, faults=faults + message.faults) if faults else message


def _trailer_faults(
    reference: str, trailer: Segment, at: int, *, count: int | None = None
) -> tuple[str, ...]:
    told = trailer.get(at)
    faults: tuple[str, ...] = ()
    if told.lstrip("0") != reference.lstrip("0"):
        faults = (f"{trailer.tag} refers to {told or 'nothing'}, its header to {reference}",)
    return faults + (_count_fault(trailer, count) if count is not None else ())


def _count_fault(trailer: Segment, count: int) -> tuple[str, ...]:
    told = trailer.get(1)
    if told.isdecimal() and int(told) == count:
        return ()
    return (f"{trailer.tag} counts {told or 'nothing'}, there are {count}",)

"""Looking things up in a message's segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from extractors.edi.syntax import Segment


def each(segments: Iterable[Segment], tag: str, *qualifiers: str) -> Iterator[Segment]:
    """Yield the segments with this tag and, if any are given, one of the qualifiers first."""
    for segment in segments:
        if segment.tag == tag and (not qualifiers or segment.get(1) in qualifiers):
            yield segment


def first(
    segments: Iterable[Segment],
    tag: str,
    *qualifiers: str,
    element: int = 1,
    component: int = 1,
) -> str:
    """Return a component of the first such segment, by the order of the qualifiers; or nothing."""
    found = list(each(segments, tag, *qualifiers))
    order = {qualifier: place for place, qualifier in enumerate(qualifiers)}
    found.sort(key=lambda segment: order.get(segment.get(1), 0))
    return next((text for segment in found if (text := segment.get(element, component))), "")


def before(segments: Sequence[Segment], *tags: str) -> tuple[Segment, ...]:
    """Return the segments before the first with one of the tags (all, if there is none)."""
    ends = (place for place, segment in enumerate(segments) if segment.tag in tags)
    return tuple(segments[: next(ends, len(segments))])


def groups(segments: Sequence[Segment], start: str, *ends: str) -> Iterator[tuple[Segment, ...]]:
    """Yield each group that starts with a tag and ends before the next or before an end tag."""
    opened: int | None = None
    for place, segment in enumerate(segments):
        if segment.tag == start or segment.tag in ends:
            if opened is not None:
                yield tuple(segments[opened:place])
            opened = place if segment.tag == start else None
    if opened is not None:
        yield tuple(segments[opened:])

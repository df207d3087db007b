"""Lines, segments and what stands below what: how printed values continue.

A segment is a piece of a visual line without a wide gap. A value of several lines, such as an
address, goes on in the segment right below its own, not in the next one of the same line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from doctally.pages import Box, Page
from models.windows import line_flags


@dataclass(frozen=True)
class Blocks:
    """The segments of a page as ranges of word indices, in reading order."""

    page: Page

    @cached_property
    def segments(self) -> tuple[range, ...]:
        """Return each segment's word indices."""
        starts = [i for i, new in enumerate(line_flags(self.page)[1]) if new]
        ends = [*starts[1:], len(self.page.words)] if starts else []
        return tuple(range(a, b) for a, b in zip(starts, ends, strict=True))

    @cached_property
    def segment_of(self) -> tuple[int, ...]:
        """Return each word's segment."""
        return tuple(n for n, segment in enumerate(self.segments) for _ in segment)

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """Return each segment's box."""
        return tuple(self.box(segment) for segment in self.segments)

    def box(self, words: range | tuple[int, ...]) -> Box:
        """Return the smallest box around some words."""
        box = self.page.words[words[0]].box
        for index in words[1:]:
            box = box.union(self.page.words[index].box)
        return box

    @cached_property
    def below(self) -> tuple[int | None, ...]:
        """Return for each segment the one that continues it: near below and aligned, or None."""
        found: list[int | None] = []
        for number, box in enumerate(self.boxes):
            best: tuple[float, int] | None = None
            height = box.y1 - box.y0
            for other in range(number + 1, min(number + 60, len(self.boxes))):
                place = self.boxes[other]
                gap = place.y0 - box.y1
                if gap > 1.6 * height:
                    if place.y0 - box.y1 > 4 * height:
                        break
                    continue
                if (place.y0 + place.y1) / 2 < box.y1 or gap < -0.5 * height:
                    continue
                overlap = min(box.x1, place.x1) - max(box.x0, place.x0)
                if overlap <= 0:
                    continue
                drift = min(
                    abs(place.x0 - box.x0),
                    abs(place.x1 - box.x1),
                    abs(place.x0 + place.x1 - box.x0 - box.x1) / 2,
                )
                cost = gap + drift
                if best is None or cost < best[0]:
                    best = (cost, other)
            found.append(best[1] if best else None)
        return tuple(found)

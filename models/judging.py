"""Whether a task's new numbers are kept: old and new on documents that neither was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from models.engine import Engine
from models.houses import House
from models.lessons import Lesson
from models.trial import Comparison, Sheet, by_field, compare, sheet

RARE = 3  # documents of a supplier before its own figure counts
HELD_OUT, RECENT, PRACTICE = "held-out suppliers", "recent documents", "practice papers"


@dataclass(frozen=True, slots=True)
class Adapted:
    """What training did to a task, and whether it is kept; ``why`` is for a person."""

    task: str
    kept: bool
    why: str
    documents: int = 0
    comparisons: tuple[Comparison, ...] = ()
    fields: tuple[Comparison, ...] = ()


def judged_on(
    task: str,
    trained_on: int,
    judged: Sequence[Lesson],
    exam: Sequence[Lesson],
    every: Sequence[House],
    aside: Mapping[int, House],
    old: Engine,
    new: Engine,
) -> Adapted:
    """Return how old and new read what neither was trained on, by groups."""
    groups = {
        HELD_OUT: [x for x in judged if x.document_id in aside],
        RECENT: [x for x in judged if x.document_id not in aside],
        PRACTICE: exam,
    }
    for house in every:
        own = [x for x in judged if x in house.lessons]
        if len(own) >= RARE:
            groups[house.title] = own
    sheets = {
        group: (_sheets(old, lessons), _sheets(new, lessons))
        for group, lessons in groups.items()
        if lessons
    }
    comparisons = tuple(compare(group, *pair) for group, pair in sheets.items())
    whole = [x for group in (HELD_OUT, RECENT, PRACTICE) for x in sheets.get(group, ((), ()))[0]]
    after = [x for group in (HELD_OUT, RECENT, PRACTICE) for x in sheets.get(group, ((), ()))[1]]
    total, fields = compare("all", whole, after), tuple(by_field(whole, after))
    kept, why = verdict(total, comparisons, fields)
    return Adapted(task, kept, why, trained_on, (total, *comparisons), fields)


def verdict(
    total: Comparison, groups: Sequence[Comparison], fields: Sequence[Comparison]
) -> tuple[bool, str]:
    """Return whether a task's new numbers are kept, and why."""
    lost = [one.group for one in (total, *groups, *fields) if one.got_worse]
    if lost:
        return False, f"worse: {', '.join(lost)}"
    if total.new_wrong >= total.old_wrong:
        return False, f"not better: {total.old_wrong} wrong values before, {total.new_wrong} after"
    return True, f"{total.old_wrong} wrong values before, {total.new_wrong} after"


def _sheets(engine: Engine, lessons: Sequence[Lesson]) -> list[Sheet]:
    readings = [replace(lesson.reading, record=None) for lesson in lessons]
    return [sheet(x, f) for x, f in zip(lessons, engine.extract(readings), strict=True)]

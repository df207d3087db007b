"""What speaks for a page beginning a document, or for going on from the pages before it.

Page numbers, titles, letterhead, the document's numbers and dates, sums, rows, paper and print:
each a figure from 0 to 1 that can only speak one way (``SIGNS``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from models.facts import FOOT, TOP, Captioned, Facts, between

_NEAR = 0.012
"""Words stand at the same place when their corners are closer, in shares of the page."""
_FULL = 0.75
"""A page is full when its words reach down there."""
BEGINS, EITHER, GOES_ON = 1, 0, -1
SIGNS: Mapping[str, int] = MappingProxyType(
    {
        "numbered as the first": BEGINS,
        "numbered as the next": GOES_ON,
        "numbered later, the one before not": GOES_ON,
        "numbered out of turn": EITHER,
        "numbers end": EITHER,
        "the one before is the last": BEGINS,
        "the one before is not the last": GOES_ON,
        "the next is the second": BEGINS,
        "the next is numbered on": GOES_ON,
        "title": BEGINS,
        "no title": GOES_ON,
        "another title": BEGINS,
        "address": BEGINS,
        "no head": GOES_ON,
        "a head again": BEGINS,
        "both are the first": BEGINS,
        "numbers known": GOES_ON,
        "numbers new": BEGINS,
        "numbers agree": GOES_ON,
        "numbers differ": BEGINS,
        "dates agree": GOES_ON,
        "dates differ": BEGINS,
        "letterhead repeated": GOES_ON,
        "another letterhead": BEGINS,
        "foot repeated": GOES_ON,
        "another foot": BEGINS,
        "words shared": GOES_ON,
        "other paper": BEGINS,
        "carried forward": GOES_ON,
        "summed before": BEGINS,
        "summed now, not before": GOES_ON,
        "ends early": BEGINS,
        "breaks off": GOES_ON,
        "rows go on": GOES_ON,
        "rows start anew": BEGINS,
        "same print": GOES_ON,
        "same columns": GOES_ON,
        "only words": GOES_ON,
    }
)
"""What is looked at, and which way it can speak."""


def signs(so_far: Sequence[Facts], page: Facts, after: Facts | None) -> dict[str, float]:
    """Return how strong each sign is, 0 to 1, for a page after the document ``so_far``.

    ``after`` is the page that follows it, if there is one.
    """
    first, last = so_far[0], so_far[-1]
    known = frozenset[str]().union(*(one.codes for one in so_far))
    head = max(_repeated(first, page, 0.0, TOP), _repeated(last, page, 0.0, TOP))
    foot = max(_repeated(first, page, FOOT, 1.0), _repeated(last, page, FOOT, 1.0))
    opens = page.title > 0 or page.postal
    agree, differ = _placed([c for one in (first, last) for c in one.codes_at], page.codes_at)
    days_agree, days_differ = _placed([c for o in (first, last) for c in o.days_at], page.days_at)
    summed = any(one.sums for one in so_far)
    size = len(page.head_codes)
    foots = bool(between(page.page, FOOT, 1.0)) and bool(between(last.page, FOOT, 1.0))
    told = _counted(last, page, after) | {
        "title": page.title,
        "no title": page.title == 0,
        "another title": bool(page.kind) and bool(first.kind) and page.kind != first.kind,
        "address": page.postal,
        "no head": not opens and not size,
        "a head again": opens and len(so_far) > 1 and not (last.title > 0 or last.postal),
        "numbers known": len(page.head_codes & known) / size if size else 0.0,
        "numbers new": len(page.head_codes - known) / size if size else 0.0,
        "numbers agree": agree and not differ,
        "numbers differ": differ,
        "dates agree": days_agree and not days_differ,
        "dates differ": days_differ,
        "letterhead repeated": head,
        "another letterhead": (1.0 - head) if opens else 0.0,
        "foot repeated": foot,
        "another foot": (1.0 - foot) if foots else 0.0,
        "words shared": len(page.words & last.words) / max(len(page.words), 1),
        "other paper": not _same_paper(last, page),
        "carried forward": last.carried_over or page.carried_on,
        "summed before": summed,
        "summed now, not before": page.sums and not summed,
        "ends early": min(max((0.8 - last.filled) / 0.5, 0.0), 1.0),
        "breaks off": last.filled > _FULL and not summed,
        "rows go on": _rows_go_on(last, page),
        "rows start anew": bool(last.rows) and page.rows[:1] == (1,),
        "same print": len(page.sizes & last.sizes) / max(len(page.sizes | last.sizes), 1),
        "same columns": len(page.columns & last.columns) / max(len(page.columns), 1),
        "only words": len(page.page.words) > 150 and page.letters > 0.9,
    }
    return {name: float(told[name]) for name in SIGNS}


def counts_on(before: Facts, page: Facts) -> bool:
    """Tell whether the page is numbered as the one after ``before``, of as many."""
    return before.count is not None and page.count is not None and before.count.before(page.count)


def starts_over(before: Facts, page: Facts) -> bool:
    """Tell whether the page bears a title and number 1 after a page that is numbered too.

    So a copy of an invoice is a document, though all its numbers are known.
    """
    counted = before.count is not None and page.count is not None and page.count.number == 1
    return counted and page.title > 0


def _counted(last: Facts, page: Facts, after: Facts | None) -> dict[str, float]:
    """Return what the printed page numbers say."""
    old, now = last.count, page.count
    then = after.count if after is not None else None
    number = now.number if now else 0
    goes_on = counts_on(last, page)
    return {
        "numbered as the first": number == 1,
        "numbered as the next": goes_on,
        "numbered later, the one before not": old is None and number > 1,
        "numbered out of turn": old is not None and number > 1 and not goes_on,
        "both are the first": number == 1 and old is not None and old.number == 1,
        "numbers end": old is not None and now is None,
        "the one before is the last": old is not None and old.complete,
        "the one before is not the last": old is not None and old.of > old.number,
        "the next is the second": now is None and then is not None and then.number == 2,
        "the next is numbered on": now is None
        and old is not None
        and then is not None
        and then.number == old.number + 2,
    }


def _repeated(before: Facts, page: Facts, top: float, foot: float) -> float:
    """Return the share of words that stand where the page before has the same ones."""
    here = between(page.page, top, foot)
    same = sum(
        any(
            abs(word.box.x0 - other.box.x0) < _NEAR and abs(word.box.y0 - other.box.y0) < _NEAR
            for other in before.by_text.get(word.text, ())
        )
        for word in here
    )
    return same / len(here) if here else 0.0


def _placed(old: Sequence[Captioned], new: Sequence[Captioned]) -> tuple[bool, bool]:
    """Return whether any that stand under the same caption and place agree, and whether differ."""
    agree = differ = False
    for one in new:
        there = {
            other.text
            for other in old
            if other.caption == one.caption
            and abs(other.x - one.x) < 3 * _NEAR
            and abs(other.y - one.y) < _NEAR
        }
        agree |= one.text in there
        differ |= bool(there) and one.text not in there
    return agree, differ


def _rows_go_on(last: Facts, page: Facts) -> bool:
    """Tell whether the first numbered row is the one after the last row before."""
    begin = page.rows[:1]
    return bool(begin) and begin[0] > 1 and begin[0] - 1 in last.rows and _counted_up(page.rows)


def _counted_up(rows: Sequence[int]) -> bool:
    return all(b >= a for a, b in pairwise(rows))


def _same_paper(before: Facts, page: Facts) -> bool:
    old, new = before.page, page.page
    return (
        abs(old.width - new.width) < 0.02 * new.width
        and abs(old.height - new.height) < 0.02 * new.height
    )

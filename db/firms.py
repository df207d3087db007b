"""Suppliers of stored papers by bare name: which of them are like one, also among many thousands.

Names only ever come; what a process has read it keeps, and compares with a name once. Not handled:
two spellings that are less than 85 % alike (``db.suppliers`` learns those from people).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from rapidfuzz import fuzz, process
from sqlalchemy import Pool, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.tables import MatchFirmRow

SAME = 85
NEAR = 5
_WHOLE = 6
_AGAIN = 1000
"""So many of the last names are read again: those of transactions that ended later."""


@dataclass(slots=True)
class _Like:
    """What of the first ``seen`` names is like one name."""

    seen: int = 0
    near: list[tuple[float, str]] = field(default_factory=list)
    part: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    """All names of a database, in order of arrival."""

    names: dict[str, None] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    last: int = 0
    like: dict[str, _Like] = field(default_factory=dict)


_known: WeakKeyDictionary[Pool, _Known] = WeakKeyDictionary()


def remember(session: Session, firms: Collection[str]) -> None:
    """Keep names; in alphabetical order, so that two writers wait for each other in one way."""
    given = {firm for firm in firms if firm}
    # asked of the database: what this process has seen may have been undone since
    kept = set(session.scalars(select(MatchFirmRow.firm).where(MatchFirmRow.firm.in_(given))))
    if new := sorted(given - kept):
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        insert = dialect.insert(MatchFirmRow).on_conflict_do_nothing(index_elements=["firm"])
        session.execute(insert, [{"firm": firm} for firm in new])


def firms_like(session: Session, own: str) -> list[str]:
    """Return the kept names that are like this one, the likest first, then those it is part of."""
    if not own:
        return []
    here = _of(session)
    fresh = select(MatchFirmRow.id, MatchFirmRow.firm).where(MatchFirmRow.id > here.last - _AGAIN)
    for number, firm in session.execute(fresh.order_by(MatchFirmRow.id)):
        here.last = max(here.last, number)
        if firm not in here.names:
            here.names[firm] = None
            here.order.append(firm)
    like = here.like.setdefault(own, _Like())
    new = here.order[like.seen :]
    found = process.extract(own, new, scorer=fuzz.ratio, score_cutoff=SAME, limit=NEAR)
    like.near = sorted([*like.near, *((score, name) for name, score, _ in found)], reverse=True)
    like.near = like.near[:NEAR]
    if len(own) >= _WHOLE and len(like.part) < NEAR:
        parts = (x for x in new if len(x) >= _WHOLE and (x in own or own in x))
        like.part = [*like.part, *parts][:NEAR]
    like.seen = len(here.order)
    return list(dict.fromkeys([*(name for _, name in like.near), *like.part]))


def _of(session: Session) -> _Known:
    return _known.setdefault(session.get_bind().engine.pool, _Known())

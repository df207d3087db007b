"""Spend categories in the flows: new suppliers get one, and what was spent on each is shown."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime

from db import categories as stored
from db.categories import MODEL, Known, Spent
from db.database import Database
from doctally.categories import Category, load_categories
from doctally.errors import ConfigurationError, DoctallyError
from doctally.settings import Settings
from flows.batch import Extractor
from flows.engine import AWAY, Named, Sorter

AT_ONCE = 100
log = logging.getLogger("doctally.spend")


def sort_new(
    database: Database,
    settings: Settings,
    engine: Extractor,
    *,
    now: datetime,
    again: bool = False,
    among: Collection[int] | None = None,
) -> int:
    """Return how many suppliers got a category; new ones of accepted bills are taken in first.

    ``among`` takes in new ones of these documents only, so that a batch costs no more the more
    documents there are. ``again`` sorts anew what the model had sorted. A list of categories that
    does not fit is told in the log, and nothing is sorted: documents do not wait for it.
    """
    stored.take_in(database, among=among, now=now)
    if not isinstance(engine, Sorter):
        return 0
    try:
        listed = load_categories(settings.categories)
        count, after = 0, 0
        while known := stored.to_sort(database, limit=AT_ONCE, again=again, after=after):
            try:
                given = _answers(known, settings, engine, listed)
            except DoctallyError as error:
                if error.code not in AWAY:
                    raise
                log.warning("suppliers are sorted later: %s", error.message)
                return count
            count += stored.keep(database, given, source=MODEL, now=now)
            after = known[-1].supplier_id
    except ConfigurationError as error:
        log.warning("suppliers are not sorted: %s", error.message)
        return 0
    return count


def _answers(
    known: Sequence[Known], settings: Settings, engine: Sorter, listed: Sequence[Category]
) -> dict[int, tuple[str, float]]:
    asked = [Named(one.name, one.text) for one in known]
    answers = engine.categorise(asked, listed, settings.taught_categories)
    return {one.supplier_id: a for one, a in zip(known, answers, strict=False) if a[0]}


def spend_table(found: Sequence[Spent], settings: Settings) -> str:
    """Return the spending by category as a table in Markdown."""
    if not found:
        return "Nothing was accepted yet."
    try:
        titles = {one.key: one.name for one in load_categories(settings.categories)}
    except ConfigurationError:
        titles = {}
    lines = ["| category | bills | spent |", "| --- | ---: | ---: |"]
    for one in found:
        name = titles.get(one.category, one.category) or "not known yet"
        harmless = name.replace("|", "¦")
        lines.append(f"| {harmless} | {one.documents} | {one.amount:.2f} {one.currency} |")
    return "\n".join(lines)

"""Confirmed documents out of the database as lessons, with doubtful corrections flagged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from db import corrections as acts
from db import documents
from db.confirmed import confirmed
from db.corrections import StoredCorrection
from db.database import Database
from doctally.corrections import Correction
from doctally.mistakes import (
    AGAINST_RULES,
    CONTRADICTED,
    DIFFERS,
    Key,
    against_rules,
    contradicted,
    differing,
    key_of,
)
from doctally.pages import Reading
from models.houses import houses
from models.lessons import Lesson

MOST = 3000
"""Documents that one night looks at, the latest."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What there is to learn from.

    ``acts`` are all corrections of these documents, ``flags`` why a correction is not learnt from.
    """

    lessons: tuple[Lesson, ...]
    acts: tuple[StoredCorrection, ...]
    flags: dict[int, str]

    def fresh(self, learnt: frozenset[str]) -> frozenset[int]:
        """Return the documents with something that none of these bank versions was trained on."""
        known = {lesson.document_id for lesson in self.lessons}
        new = {act.document_id for act in self.acts if act.learnt_in not in learnt}
        return frozenset(known & new)


def gather(database: Database, *, today: date, limit: int = MOST) -> Lessons:
    """Return the confirmed documents that have pages, and flag what is likely a mistake."""
    by_document: dict[int, list[StoredCorrection]] = {}
    found, doubts = [], {}
    for number in confirmed(database, limit=limit):
        by_document[number] = acts.corrections(database, document_id=number)
        lesson, doubted = _lesson(database, number, by_document[number], today)
        if lesson is not None:
            found.append(lesson)
            doubts[number] = doubted
    found = _against_others(found, doubts)
    known = {lesson.document_id for lesson in found}
    mine = tuple(act for number in sorted(known) for act in by_document[number])
    flags = {
        act.correction_id: code
        for act in mine
        if act.correction.corrects
        and (code := doubts[act.document_id].get(key_of(act.correction))) is not None
    }
    return Lessons(tuple(found), mine, flags)


def keep_flags(database: Database, found: Lessons) -> None:
    """Note in the database what is flagged, and what no longer is."""
    new = {
        act.correction_id: found.flags.get(act.correction_id)
        for act in found.acts
        if act.flag != found.flags.get(act.correction_id)
    }
    acts.flag(database, new)


def _lesson(
    database: Database, number: int, stored: Sequence[StoredCorrection], today: date
) -> tuple[Lesson | None, dict[Key, str]]:
    document = documents.document(database, number)
    pages = documents.pages(database, number)
    extraction = document.extraction
    if extraction is None or not any(page.words for page in pages):
        return None, {}
    last: dict[Key, Correction] = {key_of(act.correction): act.correction for act in stored}
    doubted = dict.fromkeys(
        against_rules(extraction, list(last.values()), today=today), AGAINST_RULES
    )
    people = contradicted((act.who, act.correction) for act in stored)
    doubted |= dict.fromkeys(people, CONTRADICTED)
    wrong = frozenset(key_of(act.correction) for act in stored if act.correction.corrects)
    lesson = Lesson(
        document_id=number,
        reading=Reading(document.media_type or "", pages),
        document_type=extraction.document_type,
        fields=extraction.fields,
        line_items=extraction.line_items,
        corrected=wrong,
        doubtful=frozenset(doubted),
        tags=document.summary.tags,
    )
    return lesson, doubted


def _against_others(found: Sequence[Lesson], doubts: dict[int, dict[Key, str]]) -> list[Lesson]:
    """Return the lessons, with what differs from all of their supplier's others in doubt."""
    changed = {lesson.document_id: lesson for lesson in found}
    for house in houses(found):
        for lesson in house.lessons:
            others = [x.fields for x in house.lessons if x is not lesson]
            odd = differing(lesson.fields, others) & lesson.corrected - lesson.doubtful
            if odd:
                doubts[lesson.document_id] |= dict.fromkeys(odd, DIFFERS)
                doubtful = lesson.doubtful | odd
                changed[lesson.document_id] = replace(lesson, doubtful=doubtful)
    return list(changed.values())

"""A tracking number whose check digit holds, where the model has read none or a part of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doctally.pages import Page, Word
from doctally.results import FieldValue
from doctally.schemas import DocumentType
from doctally.tracking import Tracking, compact, recognise

NAME = "tracking_number"
_TYPES = (DocumentType.SHIPMENT_STATUS, DocumentType.SHIPMENT_NOTICE)
_SHORTEST = 15
_GROUPS = 7
"""Words that one number may be printed in: ``1Z 999 AA1 01 2345 6784``."""
_SURE = 0.95


def tracking_of(
    pages: Sequence[Page], document_type: str, fields: Mapping[str, FieldValue]
) -> dict[str, FieldValue]:
    """Return {"tracking_number": value} if the pages print just one that checks, else {}.

    A number that the model has read stays, unless it is a part of that one.
    """
    if document_type not in _TYPES:
        return {}
    found: dict[str, FieldValue] = {}
    for page in pages:
        for run, number in _numbers(page.words):
            box = run[0].box
            for word in run[1:]:
                box = box.union(word.box)
            text = " ".join(word.text for word in run)
            value = FieldValue(number, _SURE, page.number, box, text=text)
            found.setdefault(number, value)
    read = compact(fields[NAME].value) if NAME in fields else ""
    if len(found) != 1 or (only := next(iter(found))) == read or read not in only:
        return {}
    return {NAME: found[only]}


def _numbers(words: Sequence[Word]) -> list[tuple[Sequence[Word], str]]:
    """Return runs of words on one line that are a number with a check digit, the longest first."""
    found: list[tuple[Sequence[Word], str]] = []
    taken: set[int] = set()
    for count in range(_GROUPS, 0, -1):
        for first in range(len(words) - count + 1):
            run = words[first : first + count]
            if taken & set(range(first, first + count)) or not _on_a_line(run):
                continue
            known = _checked("".join(word.text for word in run).strip(".,:;()#"))
            if known is not None:
                found.append((run, known.number))
                taken |= set(range(first, first + count))
    return found


def _on_a_line(run: Sequence[Word]) -> bool:
    middle = (run[0].box.y0 + run[0].box.y1) / 2
    return all(word.box.y0 <= middle <= word.box.y1 for word in run)


def _checked(text: str) -> Tracking | None:
    if len(text) < 10 or not text.isalnum() or not text.isascii():
        return None
    known = recognise(text)
    if known is None or not known.checked:
        return None
    return known if len(known.number) >= _SHORTEST or not known.number.isdigit() else None

"""What a person did to a document's values: the raw material of learning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from doctally.pages import Box

DOCUMENT_TYPE = "document_type"
"""The ``field`` of a correction of the document's type."""


class CorrectionKind(StrEnum):
    """What became of one value; ``CONFIRMED``: looked at and left as it was."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's verdict on one value of one document, in normal form.

    ``field`` is a header field, or a line's column with ``row`` its line from 1: the line's number
    after the correction, before it where the value was removed. ``page`` (from 1) and ``bbox``
    are where the person says that the new value stands, None where it is on no page.
    """

    field: str
    row: int | None
    old: str | None
    new: str | None
    kind: CorrectionKind
    page: int | None = None
    bbox: Box | None = None

    @property
    def corrects(self) -> bool:
        """Tell whether the value that was there before was wrong."""
        return self.kind is not CorrectionKind.CONFIRMED


def correction(
    field: str,
    old: str | None,
    new: str | None,
    *,
    row: int | None = None,
    page: int | None = None,
    bbox: Box | None = None,
) -> Correction | None:
    """Return what became of a value, None where there was none and is none."""
    old, new = old or None, new or None
    if old is None and new is None:
        return None
    if new is None:
        kind = CorrectionKind.REMOVED
    elif old is None:
        kind = CorrectionKind.ADDED
    else:
        kind = CorrectionKind.CONFIRMED if old == new else CorrectionKind.CHANGED
    return Correction(field, row, old, new, kind, page, bbox)

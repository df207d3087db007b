"""What a reader returns: pages of words with boxes, or a finished record.

Boxes are fractions of the page (0..1), origin at the top left, after rotation is undone,
so that they mean the same on paper, on a scan and in the review page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of its page's width and height, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    def union(self, other: Box) -> Box:
        """Return the smallest box that holds both."""
        return Box(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def as_list(self) -> list[float]:
        """Return [x0, y0, x1, y1] rounded to 4 decimals, for JSON."""
        return [round(v, 4) for v in (self.x0, self.y0, self.x1, self.y1)]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as printed; ``size`` is its font size in points (0 = unknown)."""

    text: str
    box: Box
    size: float = 0.0
    bold: bool = False
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page; ``number`` starts at 1, width and height are in points (1/72 inch).

    Words stand in reading order: visual lines from top to bottom, left to right in a line.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    source: Literal["text", "ocr"] = "text"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as a message tells it; ``when`` is ISO 8601, with the zone where one is said."""

    when: str
    said: str
    state: str = ""
    reason: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A document that arrived as data (XML): values in normal form, no model needed."""

    document_type: str
    fields: Mapping[str, str]
    line_items: tuple[Mapping[str, str], ...] = ()
    source: Literal["xml", "edi"] = "xml"
    profile: str = ""
    events: tuple[Happened, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader wants a person to know; becomes a finding of severity info/review."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Part:
    """A document inside another file: an attachment, an archive's member, one of a stack.

    ``name`` is what the sender called it and is never trusted as a path; ``pages`` are the first
    and last page in the parent, from 1, where it was a part of its pages.
    """

    name: str
    content: bytes
    pages: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one file: pages, the record if it carries one, documents inside it.

    A file that only holds others (an archive, an interchange of many messages) has ``parts`` and
    neither pages nor a record. A reading that may be a stack of several documents is ``loose``.
    """

    media_type: str
    pages: tuple[Page, ...] = ()
    record: Record | None = None
    notices: tuple[Notice, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    loose: bool = False

    @property
    def text(self) -> str:
        """Return all words, a page after the other, separated by single spaces."""
        return " ".join(word.text for page in self.pages for word in page.words)

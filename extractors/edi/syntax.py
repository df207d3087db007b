"""The syntax of EDI: delimiters from the interchange's own header, segments, elements, components.

X12 names its delimiters in ISA, EDIFACT (ISO 9735) in UNA or by default. Our own, because the
kept libraries refuse much of what is sent: see docs/formats.md for the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from doctally.errors import RefusedRecord

MOST_SEGMENTS = 200_000
MOST_ELEMENTS = 1_000

_LONGEST_HEADER = 500

_UNA = re.compile(r"UNA(.)(.)(.)(.)(.)(.)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The delimiters of one interchange; ``release`` escapes the next letter (empty: none)."""

    kind: Literal["x12", "edifact"]
    segment: str
    element: str
    component: str
    release: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its tag, its elements as tuples of components, and its text as sent."""

    tag: str
    elements: tuple[tuple[str, ...], ...]
    raw: str

    def get(self, element: int, component: int = 1) -> str:
        """Return a component, both counted from 1 as in the standards; empty when absent."""
        if element > len(self.elements) or component > len(self.elements[element - 1]):
            return ""
        return " ".join(self.elements[element - 1][component - 1].split())

    def parts(self, element: int) -> list[str]:
        """Return the components of an element that are not empty."""
        if element > len(self.elements):
            return []
        return [text for part in self.elements[element - 1] if (text := " ".join(part.split()))]


def broken(reason: str) -> RefusedRecord:
    """Return the refusal of an interchange that breaks its syntax."""
    return RefusedRecord(reason, code="edi_invalid")


def dialect_of(text: str, at: int = 0) -> Dialect:
    """Return the delimiters of the interchange that starts at this place of the text.

    Raises RefusedRecord (``edi_invalid``) when its header is cut short or names no delimiters.
    """
    head = text[at : at + _LONGEST_HEADER]
    if head.startswith("ISA"):
        return _x12(head)
    una = _UNA.match(head)
    if una:
        return Dialect("edifact", una[6], una[2], una[1], una[4].strip())
    end = "'" if "'" in head else "\n"
    return Dialect("edifact", end, "+", ":", "?")


def _x12(head: str) -> Dialect:
    """Return the delimiters: those after ISA and after its fifteenth element.

    Counted, not at the fixed columns of the standard: padding is often lost on the way.
    """
    element = head[3:4]
    parts = head.split(element, 16) if element and element not in " \t\r\n" else []
    last = parts[16] if len(parts) == 17 else ""
    if len(last) < 2:
        raise broken("The ISA segment is cut short.")
    component, end = last[0], "\n" if last[1] == "\r" else last[1]
    if component.isalnum() or end.isalnum() or len({element, component, end}) < 3:
        raise broken("The ISA segment names no three different delimiters.")
    return Dialect("x12", end, element, component)


def segments_of(text: str, dialect: Dialect, at: int = 0) -> Iterator[tuple[Segment, int]]:
    """Yield each segment from this place on, with the place after it.

    Raises RefusedRecord for endless or senseless segments.
    """
    if dialect.release:
        mark, release = re.escape(dialect.segment), re.escape(dialect.release)
        end_of = re.compile(rf"[^{mark}{release}]*(?:{release}.[^{mark}{release}]*)*", re.DOTALL)
    count = 0
    while at < len(text):
        if dialect.release:
            found = end_of.match(text, at)
            end = found.end() if found else len(text)
        else:
            end = text.find(dialect.segment, at)
            end = len(text) if end < 0 else end
        raw = text[at:end].strip(" \t\r\n\ufeff")
        at = end + 1
        if raw and not (raw.startswith("UNA") and dialect.kind == "edifact"):
            count += 1
            if count > MOST_SEGMENTS:
                raise broken(f"The interchange has more than {MOST_SEGMENTS} segments.")
            yield _segment(raw, dialect), at


def _segment(raw: str, dialect: Dialect) -> Segment:
    elements = _split(raw, dialect.element, dialect.release)
    if len(elements) > MOST_ELEMENTS:
        raise broken(f"A segment has more than {MOST_ELEMENTS} elements.")
    tag = elements[0].strip()
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,3}", tag.partition(dialect.component)[0]):
        raise broken(f"{tag[:20]!r} is no segment's name.")
    isa = tag == "ISA"  # its last element is the component delimiter itself
    return Segment(
        tag.partition(dialect.component)[0],
        tuple((e,) if isa else _components(e, dialect) for e in elements[1:]),
        raw,
    )


def _components(element: str, dialect: Dialect) -> tuple[str, ...]:
    found = _split(element, dialect.component, dialect.release)
    if len(found) > MOST_ELEMENTS:
        raise broken(f"An element has more than {MOST_ELEMENTS} components.")
    release = dialect.release
    if release and release in element:
        return tuple(re.sub(rf"{re.escape(release)}(.)", r"\1", c, flags=re.DOTALL) for c in found)
    return tuple(found)


def _split(text: str, mark: str, release: str) -> list[str]:
    """Return the text split at the marks that are not released (escaped)."""
    if not release or release not in text:
        return text.split(mark)
    m, r = re.escape(mark), re.escape(release)
    piece = rf"[^{m}{r}]*(?:{r}.[^{m}{r}]*)*"
    return re.findall(rf"(?:^|{m})({piece})", text, flags=re.DOTALL)

"""Printed page numbers, in the languages of the readers: "Page 2 of 3", "Seite 2/3", "第 2 页".

Not read: numbers in words ("page two"), and bare numbers without a word or a total ("2").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from doctally.pages import Page
from models.windows import line_flags

_WORDS = (
    r"pages?|seiten?|blatt|sheet|pág(?:ina)?|pàgina|pagina|pag|pg|hoja|foglio|strona|strana|feuille|folio"
    r"|side|sida|sivu|blad|bladzijde|oldal|sayfa|puslapis|lapa|страница|стр|σελίδα|ページ"
)
_OF = r"of|von|de|di|z|van|sur|su|aus|av|af|din|из|από|/|-|\|"
_COUNT = re.compile(
    rf"(?<![^\W\d_])(?:{_WORDS})\s*[.:#]*\s*(?:no\.?|nr\.?|n°|number|nummer)?\s*[.:#]*\s*(\d{{1,3}})"
    rf"(?:\s*(?:{_OF})\s*(\d{{1,3}}))?(?![\d.,/-]*\d)",
    re.IGNORECASE,
)
_STREETS = re.compile(rf"str\.?\s*(\d{{1,3}})\s*(?:{_OF})\s*(\d{{1,3}})", re.IGNORECASE)
"""Polish for page, and German for street: only where nothing else stands beside it."""
_HAN = re.compile(r"第\s*(\d{1,3})\s*[页頁](?:.{0,3}共\s*(\d{1,3})\s*[页頁])?")
_BARE = re.compile(rf"[-–(]?\s*(\d{{1,3}})\s*(?:{_OF})\s*(\d{{1,3}})\s*[-–)]?", re.IGNORECASE)
_DASHED = re.compile(r"[-–—]\s*(\d{1,3})\s*[-–—]")
LONGEST = 400  # letters of a line that are looked at, so that no page can keep a pattern busy
_EDGE = 4  # segments at the top and at the foot where numbers without a word are looked for


@dataclass(frozen=True, slots=True)
class Count:
    """A page's own number, and how many there are (0: not told)."""

    number: int
    of: int = 0

    @property
    def complete(self) -> bool:
        """Return whether this is the last page of as many as are told."""
        return 0 < self.of <= self.number

    def before(self, other: Count) -> bool:
        """Return whether ``other`` is the number of the page after this one, of as many."""
        return other == Count(self.number + 1, self.of)


def segments(page: Page) -> list[str]:
    """Return the texts of a page's segments: lines, cut at wide gaps."""
    return _texts(page, line_flags(page)[1])


def page_count(page: Page) -> Count | None:
    """Return the page's number, None without any; one with a total is believed first."""
    lines, parts = line_flags(page)
    cut = _texts(page, parts)
    found = [count for text in (*cut, *_texts(page, lines)) for count in _told(text)]
    found += [count for text in (*cut[:_EDGE], *cut[-_EDGE:]) for count in _bare(text)]
    return next((count for count in found if count.of), found[0] if found else None)


def _told(text: str) -> Iterator[Count]:
    """Return the page numbers in a text that have a word for page."""
    for pattern in (_COUNT, _HAN):
        for match in pattern.finditer(text):
            yield from _count(match)
    if alone := _STREETS.fullmatch(text.strip()):
        yield from _count(alone)


def _bare(text: str) -> Iterator[Count]:
    """Return the page number that a text is and nothing else: "2 / 3", "- 2 -"."""
    if match := _BARE.fullmatch(text.strip()):
        yield from _count(match)
    if match := _DASHED.fullmatch(text.strip()):
        yield Count(int(match[1]))


def _count(match: re.Match[str]) -> Iterator[Count]:
    number, of = int(match[1]), int(match[2] or 0)
    if number and (not of or number <= of):
        yield Count(number, of)


def _texts(page: Page, starts: Sequence[bool]) -> list[str]:
    """Return the texts between the words that start something."""
    firsts = [n for n, first in enumerate(starts) if first]
    ends = [*firsts[1:], len(page.words)]
    return [
        " ".join(word.text[:LONGEST] for word in page.words[a:b])[:LONGEST]
        for a, b in zip(firsts, ends, strict=True)
    ]

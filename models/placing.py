"""Where on its pages a confirmed value stands: by its box, as it is spelt, or nearly so.

A value that a person confirmed is true wherever it was read, so its place is looked for as long
as anything speaks for one; what is on no page is a kind of its own and teaches nothing about
words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from doctally.pages import Box, Page
from doctally.results import FieldValue
from doctally.schemas import Kind
from doctally.values import Locale, normalise, same
from models.blocks import Blocks
from models.labels import Span, find, squash

NEARLY = 84.0
"""Percent of two texts' letters and digits that must agree (rapidfuzz ``ratio``)."""

_BOX_NEARLY = 55.0  # what a person has pointed at may be misread more badly
_FEWEST = 5  # letters and digits: shorter ones are too easily alike
_LONGEST = 24  # words of a value
_DOWN = 4  # lines of a value


class Where(StrEnum):
    """How a value's place was found; ``NOWHERE``: it is not on the page."""

    EXACT = "exact"
    BOX = "box"
    FUZZY = "fuzzy"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Placed:
    """A value's place: one span, or several of which any may be it.

    ``also`` are further places that print the same name, number or date.
    """

    where: Where
    spans: tuple[Span, ...] = ()
    also: tuple[Span, ...] = ()


def place(
    pages: Sequence[Page],
    blocks: Sequence[Blocks],
    kind: Kind,
    value: FieldValue,
    locale: Locale,
) -> Placed:
    """Return where the value stands; its own box, if it has one, decides among equals."""
    wanted = Kind.TEXT if kind is Kind.TAX_ID else kind
    spelt = find(pages, blocks, wanted, value.value, locale)
    pointed = _pointed(pages, value)
    if pointed is not None:
        inside = [span for span in spelt if _meets(span, pointed)]
        if inside:
            best = min(inside, key=lambda s: len(set(s[1]) ^ set(pointed[1])))
            others = () if kind in _NUMBERS else tuple(s for s in spelt if not _meets(s, best))
            return Placed(Where.EXACT, (best,), others)
        if _says(pages, pointed, kind, value, locale):
            return Placed(Where.BOX, (pointed,))
    if spelt:
        return Placed(Where.EXACT, tuple(spelt))
    near = _near(pages, blocks, value.value) if kind not in _TYPED else None
    return Placed(Where.FUZZY, (near,)) if near is not None else Placed(Where.NOWHERE)


_NUMBERS = (Kind.AMOUNT, Kind.QUANTITY, Kind.PERCENT, Kind.CURRENCY)
_TYPED = (Kind.DATE, Kind.TIME, Kind.AMOUNT, Kind.QUANTITY, Kind.PERCENT, Kind.CURRENCY)


def inside(page: Page, box: Box) -> tuple[int, ...]:
    """Return the words of a page whose centre lies in the box."""
    return tuple(
        number
        for number, word in enumerate(page.words)
        if box.x0 <= (word.box.x0 + word.box.x1) / 2 <= box.x1
        and box.y0 <= (word.box.y0 + word.box.y1) / 2 <= box.y1
    )


def _pointed(pages: Sequence[Page], value: FieldValue) -> Span | None:
    """Return the words in the value's box."""
    if value.box is None or value.page is None or not 1 <= value.page <= len(pages):
        return None
    words = inside(pages[value.page - 1], value.box)
    return (value.page - 1, words) if words else None


def _meets(span: Span, other: Span) -> bool:
    return span[0] == other[0] and not set(span[1]).isdisjoint(other[1])


def _says(pages: Sequence[Page], span: Span, kind: Kind, value: FieldValue, locale: Locale) -> bool:
    """Tell whether the words that a person pointed at can be the value, perhaps misread."""
    text = " ".join(pages[span[0]].words[i].text for i in span[1])
    read = normalise(kind, text, locale)
    if read is not None and same(kind, read, value.value):
        return True
    return fuzz.ratio(squash(text), squash(value.text or value.value)) >= _BOX_NEARLY


def _near(pages: Sequence[Page], blocks: Sequence[Blocks], value: str) -> Span | None:
    """Return the words that spell the value best, if nearly."""
    wanted = squash(value)
    if len(wanted) < _FEWEST:
        return None
    best: tuple[float, Span] | None = None
    for number, (page, block) in enumerate(zip(pages, blocks, strict=True)):
        texts = [squash(word.text) for word in page.words]
        for words in _runs(block, texts, len(wanted)):
            text = "".join(texts[i] for i in words)
            score = fuzz.ratio(text, wanted, score_cutoff=best[0] if best else NEARLY)
            if score >= NEARLY and (best is None or score > best[0]):
                best = (score, (number, words))
    return best[1] if best else None


def _runs(block: Blocks, texts: Sequence[str], length: int) -> Iterator[tuple[int, ...]]:
    """Return runs of words about as long as a value, through the segments below."""
    for number, segment in enumerate(block.segments):
        chain = list(segment)
        below = block.below[number]
        for _ in range(_DOWN):
            if below is None:
                break
            chain += block.segments[below]
            below = block.below[below]
        for start in range(len(segment)):
            if not texts[chain[start]]:
                continue
            size = 0
            for end in range(start, min(start + _LONGEST, len(chain))):
                size += len(texts[chain[end]])
                if size > 1.25 * length + 1:
                    break
                if size >= 0.8 * length - 1:
                    yield tuple(chain[start : end + 1])

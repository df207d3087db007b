"""Spans of a page that read as a value of some kind: what typed fields choose among.

Dates, amounts and the like are found by their parser, so a value's ends never depend on the
model; the model only says which of them is the field. A range glued into one word
("4/20/20-4/26/20") gives two candidates on the same word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stdnum import iban

from doctally.pages import Page
from doctally.schemas import Kind
from doctally.values import Locale, normalise
from models.blocks import Blocks

LONGEST = {
    Kind.DATE: 5,
    Kind.TIME: 5,
    Kind.AMOUNT: 3,
    Kind.QUANTITY: 3,
    Kind.PERCENT: 2,
    Kind.IBAN: 10,
    Kind.EMAIL: 1,
}
_RANGE = re.compile(
    r"(\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d)\s?[-–]\s?"
    r"(\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d)[,;.]?"
)
_COUNTRY = re.compile(r"[A-Z]{2}\d{2}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of words that reads as ``value``; ``part`` is 1 or 2 in a glued range, else 0."""

    words: tuple[int, ...]
    value: str
    text: str
    part: int = 0


def candidates(page: Page, blocks: Blocks, kind: Kind, locale: Locale) -> list[Candidate]:
    """Return the spans of a page that read as values of ``kind``, longest first at each word."""
    longest = LONGEST[kind]
    mark = str.isdigit if kind is not Kind.EMAIL else "@".__eq__
    marked = [any(map(mark, word.text)) for word in page.words]
    found: list[Candidate] = []
    for number, segment in enumerate(blocks.segments):
        start = segment.start
        while start < segment.stop:
            if kind is Kind.IBAN and (broken := _over_two_lines(page, blocks, number, start)):
                found.append(broken)
                break
            step = 1
            most = min(longest, segment.stop - start)
            if not any(marked[start : start + most]):
                start += 1
                continue
            for size in range(most, 0, -1):
                if not any(marked[start : start + size]):
                    break
                span = tuple(range(start, start + size))
                text = " ".join(page.words[i].text for i in span)
                if kind is Kind.DATE and (ends := _RANGE.fullmatch(text)):
                    for part in (1, 2):
                        value = normalise(kind, ends.group(part), locale)
                        if value is not None:
                            found.append(Candidate(span, value, ends.group(part), part))
                    step = size
                    break
                if not _possible(kind, text) or not _tight(kind, page, span):
                    continue
                value = normalise(kind, text, locale)
                if value is None or (kind is Kind.IBAN and not _ends(page, span, value)):
                    continue
                core = _core(page, span, value, locale) if kind is Kind.DATE else span
                found.append(Candidate(core, value, " ".join(page.words[i].text for i in core)))
                step = size
                break
            start += step
    return found


def _over_two_lines(page: Page, blocks: Blocks, number: int, start: int) -> Candidate | None:
    """Return the IBAN that starts in a segment and goes on below it, by its check digits."""
    segment, below = blocks.segments[number], blocks.below[number]
    if below is None or not _COUNTRY.match(page.words[start].text):
        return None
    words = (*range(start, segment.stop), *blocks.segments[below])[: LONGEST[Kind.IBAN]]
    for size in range(len(words), segment.stop - start, -1):
        text = " ".join(page.words[i].text for i in words[:size])
        if iban.is_valid(text):
            return Candidate(words[:size], iban.compact(text), text)
    return None


def _ends(page: Page, span: tuple[int, ...], value: str) -> bool:
    """Tell whether an IBAN ends here: its check digits say so, or it is all groups of four."""
    groups = [page.words[i].text for i in span]
    whole = all(re.fullmatch(r"[A-Z\d]{4}", group) for group in groups[:-1])
    return iban.is_valid(value) or (whole and any(map(str.isdigit, groups[-1])))


def _core(page: Page, span: tuple[int, ...], value: str, locale: Locale) -> tuple[int, ...]:
    """Return the words of a date without the weekday or time of day around it."""

    def holds(words: tuple[int, ...]) -> bool:
        text = " ".join(page.words[i].text for i in words)
        return normalise(Kind.DATE, text, locale) == value

    while len(span) > 1 and holds(span[:-1]):
        span = span[:-1]
    while len(span) > 1 and holds(span[1:]):
        span = span[1:]
    return span


def _possible(kind: Kind, text: str) -> bool:
    """Tell cheaply whether the text can be of the kind at all."""
    if len(text) > 45:
        return False
    if kind in (Kind.AMOUNT, Kind.QUANTITY, Kind.PERCENT):
        return sum(c.isalpha() for c in text) <= 5
    return True


def _tight(kind: Kind, page: Page, span: tuple[int, ...]) -> bool:
    """Tell whether the span starts and ends with what belongs to a value of this kind."""
    if kind is Kind.AMOUNT and len(span) > 1:
        # "EUR 12,50", "12,50 EUR", "$ 12.50", "1 234,50": no second number of another column
        digits = [i for i in span if any(c.isdigit() for c in page.words[i].text)]
        if len(digits) == 1:
            others = [page.words[i].text for i in span if i not in digits]
            return all(len(o) <= 4 and not o.endswith(":") for o in others)
        return all(re.fullmatch(r"\D{0,3}\d{1,3}", page.words[i].text) for i in digits[:-1])
    if kind is Kind.QUANTITY and len(span) > 1:  # "2 232,4": figures grouped by spaces
        first, *rest = (page.words[i].text for i in span)
        groups = all(re.fullmatch(r"\d{3}", text) for text in rest[:-1])
        last = re.fullmatch(r"\d{3}([.,]\d{1,3})?", rest[-1]) is not None
        return re.fullmatch(r"\d{1,3}", first) is not None and groups and last
    return True

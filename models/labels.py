"""Weak labels: where on its pages a document's known values are printed.

Typed values are found through their parser, texts as a stream of letters and digits that may
go on in the next line or in the segment below. A value that occurs several times gives several
spans: which of them is the field is left to training (``models.losses``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from doctally.pages import Page
from doctally.schemas import Kind
from doctally.values import Locale, normalise, same
from models.blocks import Blocks
from models.candidates import LONGEST, candidates

Span = tuple[int, tuple[int, ...]]  # page index, word indices


def find(
    pages: Sequence[Page], blocks: Sequence[Blocks], kind: Kind, value: str, locale: Locale
) -> list[Span]:
    """Return every span of the document that prints ``value``."""
    found: list[Span] = []
    for number, (page, block) in enumerate(zip(pages, blocks, strict=True)):
        if kind in LONGEST:
            for order in dict.fromkeys((locale.day_first, not locale.day_first)):
                reading = Locale(day_first=order, decimal_comma=locale.decimal_comma)
                hits = [
                    (number, c.words)
                    for c in candidates(page, block, kind, reading)
                    if same(kind, c.value, value)
                ]
                if hits:
                    found += hits
                    break
                if kind is not Kind.DATE:
                    break
        elif kind is Kind.CURRENCY:
            found += [
                (number, (i,))
                for i, word in enumerate(page.words)
                if not any(c.isdigit() for c in word.text)
                and normalise(kind, word.text, locale) == value
            ]
        else:
            found += [(number, words) for words in _stream(page, block, value)]
    return found


_COUNTRY = re.compile(
    r"^(?:A|AT|B|BE|CH|CZ|D|DE|DK|E|ES|F|FI|FR|GB|I|IT|L|LU|NL|P|PL|PT|S|SE)\s?[-–]?\s?"
    r"(?=\d{4,5}(?:[\s-]|$))"
    r"|^(?:AU|CA|GB|IE|NZ|SG|US)\s(?=[A-Z][a-z].*\d)"  # there the postal code comes last
)


def without_country(line: str) -> str:
    """Return a line of an address without the country's letters before its postal code or town.

    Only at the start of a line: in "Dover, DE 19901" the letters are a state.
    """
    return _COUNTRY.sub("", line)


def squash(text: str) -> str:
    """Return only the letters and digits of a text, without case or compatibility forms."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _stream(page: Page, blocks: Blocks, value: str) -> list[tuple[int, ...]]:
    """Return the word sequences whose letters and digits spell ``value``."""
    wanted = squash(value)
    if not wanted:
        return []
    words = [squash(_postal(page, blocks, i)) for i in range(len(page.words))]
    found = []
    for start, text in enumerate(words):
        if not text:
            continue
        path: tuple[int, ...] | None = None
        if wanted.startswith(text):
            path = _walk(words, blocks, start, wanted[len(text) :])
        elif len(wanted) >= 4 and text.endswith(wanted) and len(text) <= 2 * len(wanted) + 6:
            path = ()  # "No:12345": the value is glued to its caption
        elif len(wanted) >= 4 and text.startswith(wanted) and len(text) <= len(wanted) + 4:
            path = ()
        if path is not None:
            found.append((start, *path))
    return found


def _postal(page: Page, blocks: Blocks, at: int) -> str:
    """Return a word, empty or shortened where it is a country's letters before a postal code."""
    text = page.words[at].text
    segment = blocks.segments[blocks.segment_of[at]]
    if at != segment.start or len(text) > 8:
        return text
    after = page.words[at + 1].text if at + 1 < segment.stop else ""
    line = without_country(f"{text} {after}".strip())
    return line.removesuffix(after).strip() if len(line) < len(f"{text} {after}".strip()) else text


def _walk(
    words: Sequence[str], blocks: Blocks, at: int, rest: str, skips: int = 0
) -> tuple[int, ...] | None:
    """Return the words after ``at`` that spell ``rest``, through line ends and segments below."""
    if not rest:
        return ()
    segment = blocks.segment_of[at]
    below = blocks.below[segment]
    nexts = [at + 1] if at + 1 < len(words) else []
    if at + 1 >= blocks.segments[segment].stop and below is not None:
        nexts.insert(0, blocks.segments[below].start)
    for step in dict.fromkeys(nexts):
        text = words[step]
        if not text and skips < 4:
            path = _walk(words, blocks, step, rest, skips + 1)
        elif text and rest.startswith(text):
            path = _walk(words, blocks, step, rest[len(text) :], skips)
        else:
            continue
        if path is not None:
            return (step, *path)
    return None

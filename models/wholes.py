"""What belongs to a value though the model left it out: the other half of a whole.

A firm's legal form is part of its name, an address has a street and a postal line, one below
the other, and what is said in a sentence is all of it. That holds in every layout, so it is said
here and not learnt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from doctally.pages import Page
from models.blocks import Blocks
from models.labels import without_country

Piece = tuple[int, ...]

_FORMS = frozenset(
    {
        *("ab", "ag", "aps", "as", "asa", "bhd", "bv", "co", "corp", "corporation", "ek", "eg"),
        *("ev", "gbr", "gesmbh", "gmbh", "inc", "incorporated", "kft", "kg", "kgaa", "lda", "lp"),
        *("limited", "llc", "llp", "ltd", "mbh", "nv", "ohg", "oy", "oyj", "plc", "pty", "sa"),
        *("sarl", "sas", "sdn", "sl", "slu", "spa", "spzoo", "srl", "srls", "sro", "ug"),
    }
)
_POSTAL = re.compile(
    r"(\d{2}-\d{3}|\d{4}-\d{3}|\d{4}\s?[A-Z]{2}|\d{4,6})\s+[^\W\d_].*"
    r"|[^\W\d_].*,?\s[A-Z]{2,3}\.?\s+\d{4,5}(-\d{4})?"
    r"|.*\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
)
_STREET = re.compile(r"(?=.*\d)(?=.*[^\W\d_]{3}).{5,60}")
_JOINTS = frozenset({"&", "+", "and", "e", "en", "et", "und", "y"})
_WAITING = frozenset(
    {
        *("a", "al", "am", "antes", "até", "avant", "bis", "by", "de", "dem", "del", "dentro"),
        *("di", "dnia", "do", "em", "en", "entro", "il", "in", "innerhalb", "le", "od", "of"),
        *("on", "op", "przed", "sous", "until", "van", "vom", "von", "voor", "vóór", "w"),
        *("within", "zum"),
    }
)
"""Words after which a day or a number of days comes."""
_MOST_LINES = 3
_CODE = 8  # figures: longer than any postal code
_MOST = 7  # words of a line of an address
_LONGEST = 6  # words of a name before its legal form


def whole_name(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> list[Piece]:
    """Return a name with its legal form, and with what follows where it ends in "and"."""
    if len(chain) == 1:
        chain = [_with_form(page, blocks, chain[0])]
    *before, last = chain
    number = blocks.segment_of[last[0]]
    segment, end = blocks.segments[number], last[-1]
    if page.words[end].text.casefold() not in _JOINTS:
        return list(chain)
    if end + 1 < segment.stop:
        return [*before, tuple(range(last[0], end + 2))]
    below = blocks.below[number]
    if below is None or len(blocks.segments[below]) > _LONGEST:
        return list(chain)
    return [*chain, tuple(blocks.segments[below])]


def _with_form(page: Page, blocks: Blocks, piece: Piece) -> Piece:
    """Return a name with the legal form beside it, or the name beside a legal form alone."""
    segment = blocks.segments[blocks.segment_of[piece[0]]]
    first, last = piece[0], piece[-1]
    while last + 1 < segment.stop and _is_form(page.words[last + 1].text):
        last += 1
    joint = last + 2 < segment.stop and page.words[last + 1].text in ("&", "+")
    if joint and _is_form(page.words[last + 2].text):
        last += 2
        while last + 1 < segment.stop and _is_form(page.words[last + 1].text):
            last += 1
    own = range(first, last + 1)
    if all(_is_form(page.words[i].text) or page.words[i].text in ("&", "+") for i in own):
        while first > segment.start and last - first < _LONGEST and _names(page, first - 1):
            first -= 1
    return tuple(range(first, last + 1))


def whole_address(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> list[Piece]:
    """Return an address of one line with the postal line below it, or the street above it."""
    found = _without_scrap(page, blocks, chain)
    if len(found) != 1:
        return found
    number = blocks.segment_of[found[0][0]]
    if found[0][0] != blocks.segments[number].start:
        return found
    text = without_country(" ".join(page.words[i].text for i in found[0]))
    if _POSTAL.fullmatch(text):
        above = [n for n, below in enumerate(blocks.below) if below == number]
        if len(above) == 1 and _is_line(page, blocks, above[0], _STREET):
            found.insert(0, tuple(blocks.segments[above[0]]))
        return found
    below = blocks.below[number]
    if below is not None and _is_line(page, blocks, below, _POSTAL):
        found.append(tuple(blocks.segments[below]))
    return found


def _without_scrap(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> list[Piece]:
    """Return an address without what stands on top of it: a surname, a branch's number, a GLN."""
    found = list(chain)
    while len(found) > 1 and _is_scrap(page, blocks, found):
        found.pop(0)
    return found


def _is_scrap(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> bool:
    """Tell whether the first line is none of an address whose others have figures."""
    first, *rest = chain
    if not any(c.isdigit() for piece in rest for i in piece for c in page.words[i].text):
        return False
    words = [page.words[i].text for i in first]
    part = len(first) < len(blocks.segments[blocks.segment_of[first[0]]])
    if part and not any(c.isdigit() for word in words for c in word):
        return True
    return all(map(str.isdigit, words)) or any(map(is_code, words)) or ":" in "".join(words)


def is_code(text: str) -> bool:
    """Tell whether a word is a code with many figures, which is in no name and no address."""
    return sum(map(str.isdigit, text)) >= _CODE


def whole_sentence(
    page: Page, blocks: Blocks, chain: Sequence[Piece], *, begun: bool
) -> list[Piece]:
    """Return a sentence to where it ends, on the line below if it is open there.

    Unless it is sure to have ``begun``, it begins where the line or the sentence does.
    """
    first, *rest = chain
    segment = blocks.segments[blocks.segment_of[first[0]]]
    start = first[0]
    while not begun and start > segment.start and not _ends(page.words[start - 1].text):
        start -= 1
    found = [tuple(range(start, first[-1] + 1)), *rest]
    last = found.pop()
    number = blocks.segment_of[last[0]]
    while True:
        segment = blocks.segments[number]
        end = last[-1]
        while end + 1 < segment.stop and not _ends(page.words[end].text):
            end += 1
        found.append(tuple(range(last[0], end + 1)))
        below = blocks.below[number]
        if end + 1 < segment.stop or below is None or len(found) > _MOST_LINES:
            return found
        following = page.words[blocks.segments[below].start].text
        if not _open(page.words[end].text, following):
            return found
        number, last = below, (blocks.segments[below].start,)


def _ends(text: str) -> bool:
    """Tell whether a sentence or a caption ends with a word; "4." is a day."""
    return text.endswith((":", "!")) or re.fullmatch(r".*[^\W\d_)][).]*\.", text) is not None


def _open(word: str, following: str) -> bool:
    """Tell whether a sentence goes on below: in small letters, or with the figure it waits for."""
    if _ends(word):
        return False
    return following[:1].islower() or (word.casefold() in _WAITING and following[:1].isdigit())


def _is_line(page: Page, blocks: Blocks, number: int, form: re.Pattern[str]) -> bool:
    segment = blocks.segments[number]
    text = without_country(" ".join(page.words[i].text for i in segment))
    return len(segment) <= _MOST and ":" not in text and form.fullmatch(text) is not None


def _is_form(text: str) -> bool:
    return re.sub(r"[.,()]", "", text).casefold() in _FORMS


def _names(page: Page, at: int) -> bool:
    """Tell whether a word may be part of a name: a capital first, no caption."""
    text = page.words[at].text
    return (text[:1].isupper() and not text.endswith(":")) or text in ("&", "+", "-")

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
    r"|.*\b[A-Z]\d[A-Z]\s?\d[A-Z]\d"
)
_STREET = re.compile(r"(?=.*\d)(?=.*[^\W\d_]{3}).{5,60}")
_CODE_LAST = re.compile(r"\d{5}|\d{2}-\d{3}|\d{4}-\d{3}")
_NUMBERED = re.compile(r"\d{1,3}\W?\s[^\W\d_]+:?")  # a caption of a form
_TOWN_LINE = re.compile(r"[^\W\d_][^\d:]{2,40}")
_JOINTS = frozenset({"&", "+", "and", "e", "en", "et", "und", "y"})
_LEADS = frozenset({"aan", "an", "att", "attention", "attn", "fa", "firma", "messrs"})
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
_TOWN = 3  # words of a town after its postal code
_BLANK, _FOLLOWING = 2.6, 60  # heights of a line to the one below a blank one; segments looked at
_FLUSH = 0.01  # of the page's width


def whole_name(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> list[Piece]:
    """Return a name with its legal form, and with what follows where it ends in "and".

    What leads to it is left out: a caption, "Messrs".
    """
    chain = [_without_lead(page, chain[0]), *chain[1:]]
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


def _without_lead(page: Page, piece: Piece) -> Piece:
    """Return a name's first line without the words that lead to it."""
    texts = [page.words[i].text for i in piece]
    start = max((n + 1 for n, text in enumerate(texts[:-1]) if text.endswith(":")), default=0)
    while start < len(texts) - 1 and texts[start].casefold().rstrip(".:") in _LEADS:
        start += 1
    return piece[start:]


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
    """Return an address from its street to the end of its postal line, without what is around."""
    found = _to_postal_line(page, blocks, _without_scrap(page, blocks, chain))
    found = _with_unit(page, blocks, found)
    number = blocks.segment_of[found[0][0]]
    alone = len(found) == 1 and found[0][0] == blocks.segments[number].start
    if alone and _is_postal(page, found[0]):
        above = [n for n in range(number) if _under(blocks, n) == number]
        if len(above) == 1 and _is_line(page, blocks, above[0], _STREET):
            found.insert(0, tuple(blocks.segments[above[0]]))
    return found


def _to_postal_line(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> list[Piece]:
    """Return an address to the end of its postal line, the next below if none is among its own."""
    *before, last = chain
    number = blocks.segment_of[last[0]]
    segment = blocks.segments[number]
    rest = range(last[-1] + 1, segment.stop)
    town = len(rest) <= _TOWN and not any(c.isdigit() for i in rest for c in page.words[i].text)
    if rest and town and _is_postal(page, (*last, *rest)):
        return [*before, (*last, *rest)]
    if any(_is_postal(page, piece) for piece in chain) or last[0] != segment.start:
        return list(chain)
    below = _under(blocks, number)
    if below is None:
        return list(chain)
    wanted = _TOWN_LINE if _CODE_LAST.fullmatch(page.words[last[-1]].text) and not rest else _POSTAL
    if not _is_line(page, blocks, below, wanted):
        return list(chain)
    return [*chain, tuple(blocks.segments[below])]


def _with_unit(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> list[Piece]:
    """Return an address with the street above a unit that has a caption: "Unit: 5th floor"."""
    first, *rest = chain
    number = blocks.segment_of[first[0]]
    segment = blocks.segments[number]
    if not rest or first[0] == segment.start or not page.words[first[0] - 1].text.endswith(":"):
        return list(chain)
    left = blocks.boxes[number].x0
    above = [n for n in range(number) if blocks.below[n] == number]
    flush = [page.words[rest[0][0]].box.x0, *(blocks.boxes[n].x0 for n in above)]
    if len(above) != 1 or any(abs(x0 - left) > _FLUSH for x0 in flush):
        return list(chain)
    if not _is_line(page, blocks, above[0], _STREET):
        return list(chain)
    return [tuple(blocks.segments[above[0]]), tuple(segment), *rest]


def _under(blocks: Blocks, number: int) -> int | None:
    """Return the segment that goes on with another, below it or below a blank line."""
    if blocks.below[number] is not None:
        return blocks.below[number]
    box = blocks.boxes[number]
    most = box.y1 + _BLANK * (box.y1 - box.y0)
    for other in range(number + 1, min(number + _FOLLOWING, len(blocks.boxes))):
        place = blocks.boxes[other]
        if box.y1 < place.y0 <= most and abs(place.x0 - box.x0) < _FLUSH:
            return other
    return None


def _is_postal(page: Page, piece: Piece) -> bool:
    text = without_country(" ".join(page.words[i].text for i in piece))
    return _POSTAL.fullmatch(text) is not None


def _without_scrap(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> list[Piece]:
    """Return an address without what stands on top of it: a surname, a branch's number, a GLN."""
    numbers = [n for n, piece in enumerate(chain[:-2]) if _is_number(page, piece)]
    found = list(chain[numbers[-1] + 1 if numbers else 0 :])
    while len(found) > 1 and _is_scrap(page, blocks, found):
        found.pop(0)
    if len(found) > 1 and _is_postal(page, found[-2]):
        below = " ".join(page.words[i].text for i in found[-1])
        if _NUMBERED.fullmatch(below):
            found.pop()
    return found


def _is_number(page: Page, piece: Piece) -> bool:
    return all(page.words[i].text.isdigit() for i in piece)


def _is_scrap(page: Page, blocks: Blocks, chain: Sequence[Piece]) -> bool:
    """Tell whether the first line is none of an address whose others have figures."""
    first, *rest = chain
    if not any(c.isdigit() for piece in rest for i in piece for c in page.words[i].text):
        return False
    words = [page.words[i].text for i in first]
    part = len(first) < len(blocks.segments[blocks.segment_of[first[0]]])
    if not any(c.isdigit() for word in words for c in word) and (part or _is_form(words[-1])):
        return True
    return _is_number(page, first) or any(map(is_code, words)) or ":" in "".join(words)


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

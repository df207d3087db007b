"""What speaks for one page going on from another: page numbers, letterhead, numbers, paper.

The evidence is told in words, so that the task ``page`` weighs it with the same prompts and heads
as everything else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from doctally.pages import Page, Word
from models.windows import line_flags

_TOP = 0.3
_FOOT = 0.85
_NEAR = 0.012
"""Words stand at the same place when their corners are closer, in shares of the page."""
_COUNT = re.compile(
    r"(?:page|pages|seite|seiten|blatt|página|pagina|pág|pag|pg|strona|str|feuille|folio|side|sida)"
    r"\s*[.:#]*\s*(?:no\.?|nr\.?|n°)?\s*(\d{1,3})"
    r"(?:\s*(?:of|von|de|di|z|van|sur|su|aus|av|/|-|\|)\s*(\d{1,3}))?(?!\d)",
    re.IGNORECASE,
)
_BARE = re.compile(r"[-–(]?\s*(\d{1,3})\s*(?:/|of|von|de|di|z|van|sur)\s*(\d{1,3})\s*[-–)]?")
_DASHED = re.compile(r"[-–—]\s*(\d{1,3})\s*[-–—]")
_NUMBER = re.compile(r"(?=(?:\D*\d){4})[A-Z0-9][A-Z0-9/_-]{3,}", re.IGNORECASE)
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}[./-]\d{4}")
_CARRIED = re.compile(
    r"\b(?:continued|cont'd|carried forward|brought forward|übertrag|fortsetzung|report|à reporter"
    r"|suite|suma y sigue|viene de|riporto|segue|do przeniesienia|z przeniesienia|transporte"
    r"|vervolg)\b",
    re.IGNORECASE,
)


def evidence(before: Page, page: Page) -> tuple[str, ...]:
    """Return words that tell what connects ``page`` with the page ``before`` it."""
    told = [*_counted(before, page), *_carried(before, page)]
    told += ["letterhead", _share(*_alike(before, page, 0.0, _TOP))]
    told += ["foot", _share(*_alike(before, page, _FOOT, 1.0))]
    told += ["numbers", _share(*_known(before, page))]
    told += ["places", _placed(before, page)]
    told += ["vocabulary", _share(*_shared(before, page))]
    told += ["paper", "same" if _same_paper(before, page) else "different"]
    return tuple(told)


def page_count(page: Page) -> tuple[int, int] | None:
    """Return the page's own number and how many there are (0: not told), None without any."""
    lines = _lines(page)
    for text in lines:
        if found := _COUNT.search(text):
            return int(found[1]), int(found[2] or 0)
    for text in (*lines[:4], *lines[-4:]):
        found = _BARE.fullmatch(text.strip())
        if found and 0 < int(found[1]) <= int(found[2]):
            return int(found[1]), int(found[2])
        if found := _DASHED.fullmatch(text.strip()):
            return int(found[1]), 0
    return None


def counts_on(before: Page, page: Page) -> bool:
    """Tell whether the page is numbered as the one after ``before``, of as many."""
    last, now = page_count(before), page_count(page)
    return last is not None and now == (last[0] + 1, last[1])


def _lines(page: Page) -> list[str]:
    """Return the page's segments: lines, cut at wide gaps."""
    starts = [n for n, segment in enumerate(line_flags(page)[1]) if segment]
    ends = [*starts[1:], len(page.words)]
    return [
        " ".join(word.text for word in page.words[a:b]) for a, b in zip(starts, ends, strict=True)
    ]


def _counted(before: Page, page: Page) -> list[str]:
    """Return what the printed page numbers say."""
    last, now = page_count(before), page_count(page)
    if now is None:
        told = ["unnumbered"]
    elif now[0] == 1:
        told = ["numbering", "starts"]
    elif last is not None and now[0] == last[0] + 1 and now[1] in (last[1], 0):
        told = ["numbering", "continues"]
    elif last is None:
        told = ["numbering", "appears"]
    else:
        told = ["numbering", "breaks"]
    if last is not None and last[1]:
        told += ["previous", "complete" if last[0] >= last[1] else "unfinished"]
    return told


def _carried(before: Page, page: Page) -> list[str]:
    """Return whether sums or tables are said to go on."""
    ends = " ".join(_lines(before)[-6:])
    starts = " ".join(_lines(page)[:14])
    return ["carried", "forward"] if _CARRIED.search(ends) or _CARRIED.search(starts) else []


def _between(page: Page, top: float, foot: float) -> list[Word]:
    return [w for w in page.words if top <= (w.box.y0 + w.box.y1) / 2 <= foot]


def _alike(before: Page, page: Page, top: float, foot: float) -> tuple[int, int]:
    """Return how many words stand where the page before has the same ones, of how many."""
    there: dict[str, list[Word]] = {}
    for word in _between(before, top, foot):
        there.setdefault(word.text, []).append(word)
    here = _between(page, top, foot)
    same = sum(any(_near(word, other) for other in there.get(word.text, ())) for word in here)
    return same, len(here)


def _near(a: Word, b: Word) -> bool:
    return abs(a.box.x0 - b.box.x0) < _NEAR and abs(a.box.y0 - b.box.y0) < _NEAR


def _numbers(words: Sequence[Word]) -> list[Word]:
    return [w for w in words if _NUMBER.fullmatch(w.text) and not _DAY.search(w.text)]


def _known(before: Page, page: Page) -> tuple[int, int]:
    """Return how many of the numbers at the page's top the page before has, of how many."""
    old = {word.text for word in _numbers(before.words)}
    new = {word.text for word in _numbers(_between(page, 0.0, 0.4))}
    return len(new & old), len(new)


def _placed(before: Page, page: Page) -> str:
    """Return whether numbers after the same caption, at the same place, agree."""
    agree = differ = 0
    old = {(a.text, round(b.box.y0 / _NEAR)): (a, b) for a, b in pairwise(before.words)}
    for a, b in pairwise(_between(page, 0.0, 0.5)):
        if not _NUMBER.fullmatch(b.text) or _DAY.search(b.text):
            continue
        row = round(b.box.y0 / _NEAR)
        for at in (row - 1, row, row + 1):
            known = old.get((a.text, at))
            if known is not None and _near(known[0], a) and _NUMBER.fullmatch(known[1].text):
                agree += known[1].text == b.text
                differ += known[1].text != b.text
                break
    if differ:
        return "mixed" if agree else "differ"
    return "agree" if agree else "unknown"


def _shared(before: Page, page: Page) -> tuple[int, int]:
    """Return how many of the page's longer words the page before has, of how many."""
    old = {w.text.casefold() for w in before.words}
    new = {w.text.casefold() for w in page.words if len(w.text) > 3 and w.text.isalpha()}
    return len(new & old), len(new)


def _same_paper(before: Page, page: Page) -> bool:
    return (
        abs(before.width - page.width) < 0.02 * page.width
        and abs(before.height - page.height) < 0.02 * page.height
    )


def _share(part: int, whole: int) -> str:
    """Return a share in words."""
    if not whole:
        return "absent"
    share = part / whole
    if share < 0.1:
        return "none"
    if share < 0.35:
        return "few"
    if share < 0.65:
        return "half"
    return "most" if share < 0.9 else "all"

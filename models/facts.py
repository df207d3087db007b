"""What a page shows of where it stands in its document: number, title, address, sums, rows.

Read once per page; ``models.continuity`` compares them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from doctally.pages import Page, Word
from doctally.schemas import DocumentType
from models.blocks import Blocks
from models.counters import LONGEST, Count, page_count
from models.titles import evidence

TOP, HEAD, FOOT = 0.3, 0.45, 0.85
"""Where the letterhead ends, where what names a document ends (number, date, address), and where
the foot begins."""
_TYPES = tuple(str(kind) for kind in DocumentType)
_CODE = re.compile(r"(?=(?:\D*\d){4})[A-Z0-9][A-Z0-9/_.-]{3,}", re.IGNORECASE)
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_MONTH = re.compile(r"\d{1,2}[./-]\d{4}|\d[\d.,]*[.,]\d{2}")
_AMOUNT = re.compile(r"-?\d[\d.,' ]*[.,]\d{2}(?!\d)")
_SUM = re.compile(
    r"\b(?:\w*total|totale|totaal|totalbetrag|gesamt\w*|\w*summe|endbetrag|rechnungsbetrag"
    r"|zahlbetrag|amount due|balance due|net due|suma|razem|do zap\w+|montant|à payer|importe"
    r"|a pagar|da pagare|te betalen|zu zahlen|łącznie)\b",
    re.IGNORECASE,
)
_CARRIED = re.compile(
    r"\b(?:continued|cont'd|carried forward|brought forward|übertrag|zwischensumme|fortsetzung"
    r"|report|à reporter|suite|suma y sigue|viene de|riporto|segue|do przeniesienia|z przeniesienia"
    r"|transporte|vervolg)\b",
    re.IGNORECASE,
)
_POSTAL = re.compile(
    r"(?:[A-Z]{1,2}[- ])?(?:\d{2}-\d{3}|\d{4}-\d{3}|\d{4}\s?[A-Z]{2}|\d{4,6})\s+[^\W\d_a-z].*"
    r"|[^\W\d_].*,?\s[A-Z]{2,3}\.?\s+\d{4,5}(-\d{4})?"
    r"|.*\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
)
"""The line of an address that has the postal code."""
_LONGEST = 9  # words of such a line
_ROW = re.compile(r"(\d{1,3})[.)]?")
_MOST, _SAME = 5000, 100  # words of a page, places of one word
_EDGE = 8  # segments at the end and at the start where "carried forward" stands


@dataclass(frozen=True, slots=True)
class Captioned:
    """A code or a day, what stands before it or above it, and where."""

    caption: str
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Facts:
    """A page with what it shows."""

    page: Page
    count: Count | None
    title: float
    kind: str
    postal: bool
    codes: frozenset[str]
    head_codes: frozenset[str]
    codes_at: tuple[Captioned, ...]
    days_at: tuple[Captioned, ...]
    words: frozenset[str]
    by_text: Mapping[str, tuple[Word, ...]]
    sizes: frozenset[int]
    columns: frozenset[int]
    filled: float
    sums: bool
    carried_over: bool
    carried_on: bool
    rows: tuple[int, ...]
    letters: float


def facts(page: Page) -> Facts:
    """Return what a page with words shows; of a page without measure only the beginning."""
    page = replace(page, words=tuple(_bounded(word) for word in page.words[:_MOST]))
    blocks = Blocks(page)
    texts = [" ".join(page.words[i].text for i in s)[:LONGEST] for s in blocks.segments]
    titled = evidence(page, _TYPES)
    title = max(titled)
    codes = [w for w in page.words if _is_code(w.text)]
    days = [w for w in between(page, 0.0, HEAD) if _DAY.fullmatch(w.text)]
    head = min(HEAD, _first_price(page))
    by_text: dict[str, list[Word]] = {}
    for word in page.words:
        by_text.setdefault(word.text, []).append(word)
    signs = sum(len(w.text) for w in page.words)
    return Facts(
        page=page,
        count=page_count(page),
        title=title / 4.0,
        kind=_TYPES[titled.index(title)] if title else "",
        postal=any(
            box.y0 < HEAD and _is_postal(text)
            for text, box in zip(texts, blocks.boxes, strict=True)
        ),
        codes=frozenset(w.text for w in codes),
        head_codes=frozenset(w.text for w in codes if w.box.y1 < head),
        codes_at=_captioned(page, [w for w in codes if w.box.y0 < HEAD]),
        days_at=_captioned(page, days),
        words=frozenset(
            w.text.casefold() for w in page.words if len(w.text) > 3 and w.text.isalpha()
        ),
        by_text={text: tuple(words[:_SAME]) for text, words in by_text.items()},
        sizes=frozenset(round((w.box.y1 - w.box.y0) * page.height) for w in page.words),
        columns=frozenset(round(w.box.x0 * 60) for w in page.words),
        filled=max((w.box.y1 for w in between(page, 0.0, 0.9)), default=0.0),
        sums=any(_SUM.search(line) and _AMOUNT.search(line) for line in _lines(page, blocks)),
        carried_over=any(_CARRIED.search(text) for text in texts[-_EDGE:]),
        carried_on=any(_CARRIED.search(text) for text in texts[: 2 * _EDGE]),
        rows=_rows(texts, blocks),
        letters=sum(c.isalpha() for w in page.words for c in w.text) / max(signs, 1),
    )


def between(page: Page, top: float, foot: float) -> list[Word]:
    """Return the words whose middle lies there."""
    return [w for w in page.words if top <= (w.box.y0 + w.box.y1) / 2 <= foot]


def _bounded(word: Word) -> Word:
    return word if len(word.text) <= LONGEST else replace(word, text=word.text[:LONGEST])


def _is_code(text: str) -> bool:
    return (
        _CODE.fullmatch(text) is not None
        and _DAY.search(text) is None
        and _MONTH.fullmatch(text) is None
    )


def _is_postal(text: str) -> bool:
    return len(text.split()) <= _LONGEST and ":" not in text and _POSTAL.fullmatch(text) is not None


def _first_price(page: Page) -> float:
    """Return where the first amount stands: a table begins there, whose codes are articles'."""
    return min((w.box.y0 for w in page.words if _AMOUNT.fullmatch(w.text)), default=1.0)


def _captioned(page: Page, words: Sequence[Word]) -> tuple[Captioned, ...]:
    """Return codes or days, each with the word before it and the one right above it."""
    found = []
    place = {id(word): n for n, word in enumerate(page.words)}
    for word in words:
        n = place[id(word)]
        if n and page.words[n - 1].box.x1 <= word.box.x0 + 0.01:
            found.append(Captioned(page.words[n - 1].text, word.text, word.box.x0, word.box.y0))
        above = [
            w
            for w in page.words[max(n - 40, 0) : n]
            if abs(w.box.x0 - word.box.x0) < 0.02 and 0 < word.box.y0 - w.box.y1 < 0.03
        ]
        if above:
            found.append(Captioned(above[-1].text, word.text, word.box.x0, word.box.y0))
    named = [c for c in found if not any(letter.isdigit() for letter in c.caption)]
    return tuple(named[:_SAME])


def _lines(page: Page, blocks: Blocks) -> list[str]:
    """Return the texts of visual lines: segments that stand beside each other."""
    found: list[list[str]] = []
    foot = -1.0
    for segment, box in zip(blocks.segments, blocks.boxes, strict=True):
        if not found or (box.y0 + box.y1) / 2 > foot:
            found.append([])
            foot = box.y1
        found[-1] += [page.words[i].text for i in segment]
    return [" ".join(words)[:LONGEST] for words in found]


def _rows(texts: Sequence[str], blocks: Blocks) -> tuple[int, ...]:
    """Return the numbers that stand at the left edge of the page's table, from top to bottom."""
    numbered = [
        (int(found[1]), box.x0)
        for text, box in zip(texts, blocks.boxes, strict=True)
        if (found := _ROW.fullmatch(text.split(" ", 1)[0])) and box.x0 < 0.25
    ]
    if not numbered:
        return ()
    left = min(x for _, x in numbered)
    return tuple(n for n, x in numbered if x - left < 0.03)

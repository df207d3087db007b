"""Pages -> windows of word pieces that fit the backbone, with boxes, flags and shapes.

A window never crosses a page. Long pages give overlapping windows; a word that stands in two
is judged where it is farther from the window's edge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doctally.pages import Page, Reading, Word
from doctally.values import Locale
from models.figures import FIGURE_FLAGS, Flags, figure_flags
from models.shapes import shape

PIECES_PER_WORD = 8
SEGMENT_GAP = 1.2  # of the word's height, measured on the page

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The words of a page, ready for the model; arrays are per word."""

    page: Page
    pieces: tuple[tuple[int, ...], ...]
    boxes: Floats  # [words, 6]: x0, y0, x1, y1, height, page position
    flags: Floats  # [words, 9]: starts a line, a segment, the page; bold; figure flags
    shapes: Ints  # [words]


@dataclass(frozen=True, slots=True)
class Window:
    """Words ``first``..``last`` (exclusive) of the document's page ``page``."""

    document: int
    page: int
    first: int
    last: int
    length: int


def same_line(a: Word, b: Word) -> bool:
    """Tell whether two neighbours in reading order stand on one visual line."""
    height = min(a.box.y1 - a.box.y0, b.box.y1 - b.box.y0)
    overlap = min(a.box.y1, b.box.y1) - max(a.box.y0, b.box.y0)
    return overlap > 0.4 * height and b.box.x0 > a.box.x0


def line_flags(page: Page) -> tuple[list[bool], list[bool]]:
    """Return per word: does it start a visual line, does it start a segment of a line?"""
    lines: list[bool] = []
    segments: list[bool] = []
    ratio = page.width / page.height if page.height else 1.0
    for number, word in enumerate(page.words):
        before = page.words[number - 1] if number else None
        starts = before is None or not same_line(before, word)
        height = (word.box.y1 - word.box.y0) / ratio
        gap = starts or (before is not None and word.box.x0 - before.box.x1 > SEGMENT_GAP * height)
        lines.append(starts)
        segments.append(gap)
    return lines, segments


def lead(tokenizer: Any) -> str:
    """Return what must stand before a word so that its pieces are those it has inside a text.

    A space for byte-level vocabularies (RoBERTa, ModernBERT), which tell the two apart; else "".
    """
    alone, inside = (tokenizer(t, add_special_tokens=False)["input_ids"] for t in ("a", "a a"))
    return "" if inside == alone + alone else " "


def encode(page: Page, tokenizer: Any, figures: Sequence[Flags], *, pages: int) -> Encoded:
    """Return a page's words as piece ids, boxes, flags and shapes."""
    texts = [word.text for word in page.words]
    before = lead(tokenizer)
    led = [before + text for text in texts]
    ids: list[list[int]] = tokenizer(led, add_special_tokens=False)["input_ids"] if texts else []
    unknown = tokenizer.pad_token_id if tokenizer.unk_token_id is None else tokenizer.unk_token_id
    lines, segments = line_flags(page)
    place = (page.number - 1) / max(pages - 1, 1)
    boxes = [
        (w.box.x0, w.box.y0, w.box.x1, w.box.y1, 8 * (w.box.y1 - w.box.y0), place)
        for w in page.words
    ]
    flags = [
        (line, segment, number == 0, word.bold, *figure)
        for number, (word, line, segment, figure) in enumerate(
            zip(page.words, lines, segments, figures, strict=True)
        )
    ]
    return Encoded(
        page=page,
        pieces=tuple(tuple(i[:PIECES_PER_WORD]) or (unknown,) for i in ids),
        boxes=np.array(boxes, dtype=np.float32).reshape(-1, 6).clip(0, 1),
        flags=np.array(flags, dtype=np.float32).reshape(-1, 4 + len(FIGURE_FLAGS)),
        shapes=np.array([shape(t) for t in texts], dtype=np.int64),
    )


def encode_reading(reading: Reading, tokenizer: Any, locale: Locale) -> list[Encoded]:
    """Return every page of a reading, encoded."""
    figures = figure_flags(reading.pages, locale)
    return [
        encode(page, tokenizer, flags, pages=len(reading.pages))
        for page, flags in zip(reading.pages, figures, strict=True)
    ]


def cut(encoded: Sequence[Encoded], *, document: int, size: int, overlap: int) -> Iterator[Window]:
    """Return windows of at most ``size`` pieces over each page, ``overlap`` pieces shared."""
    for number, page in enumerate(encoded):
        lengths = [len(p) for p in page.pieces]
        first = 0
        while first < len(lengths):
            last, total = first, 0
            while last < len(lengths) and total + lengths[last] <= size:
                total += lengths[last]
                last += 1
            yield Window(document, number, first, last, total)
            if last == len(lengths):
                break
            back, shared = last, 0
            while back > first + 1 and shared + lengths[back - 1] <= overlap:
                back -= 1
                shared += lengths[back]
            first = back


def opening(windows: Sequence[Window]) -> Sequence[Window]:
    """Return the windows of a document that tell its type: the first two of its first page."""
    return [window for window in windows[:2] if window.page == windows[0].page]


def batches(windows: Sequence[Window], *, pieces: int) -> Iterator[list[int]]:
    """Return groups of window indices of similar length, each at most ``pieces`` when padded."""
    order = sorted(range(len(windows)), key=lambda i: -windows[i].length)
    group: list[int] = []
    for index in order:
        longest = windows[group[0]].length if group else windows[index].length
        if group and longest * (len(group) + 1) > pieces:
            yield group
            group = []
        group.append(index)
    if group:
        yield group

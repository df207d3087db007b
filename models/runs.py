"""Runs of labelled words: the lines of a printed name, address or text, and where they end.

A run is what the model labels on one line; a chain is a run with those that go on below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doctally.pages import Page
from doctally.schemas import Kind
from models.blocks import Blocks
from models.countries import is_country
from models.labels import without_country
from models.wholes import whole_address, whole_name, whole_sentence

Run = tuple[int, ...]
Chances = NDArray[np.float32]  # [words], probabilities

EDGE = 0.3  # a word joins a run when its label's probability is at least this
UNSURE = 0.1  # on a line without one, where captions may know better
WEAK = 0.08  # between two that do, this much will do
ANEW = 0.5  # a line that begins a value of its own does not go on with the one above
SEVERAL_LINES = frozenset({Kind.ADDRESS, Kind.NAME, Kind.TEXT})
WHOLE = {Kind.NAME: 5.0, Kind.ADDRESS: 5.0, Kind.TEXT: 6.0}  # log-odds that a line is whole
_FOREIGN = re.compile(r".*:|(https?://|www\.)\S+|\S+@\S+\.\w+")  # no part of what stands beside it
_SEPARATOR = re.compile(r"\s*(?:\s[|·•–—*/-]\s)+\s*")


def chains(
    kind: Kind, page: Page, blocks: Blocks, own: Chances, begins: Chances
) -> list[list[Run]]:
    """Return the chains of words whose probability ``own`` is high, each a run per line."""
    pieces = {
        index: found
        for index, segment in enumerate(blocks.segments)
        if (found := _line_runs(kind, page, segment, own))
    }
    used: set[int] = set()
    linked: list[list[Run]] = []
    for index in sorted(pieces):
        for position, piece in enumerate(pieces[index]):
            if piece[0] in used:
                continue
            chain = [piece]
            used.update(piece)
            if kind in SEVERAL_LINES and position == len(pieces[index]) - 1:
                at = blocks.below[index]
                while (
                    at is not None
                    and at in pieces
                    and pieces[at][0][0] not in used
                    and pieces[at][0][0] == blocks.segments[at].start
                    and (kind is Kind.ADDRESS or begins[pieces[at][0][0]] < ANEW)
                ):
                    chain.append(pieces[at][0])
                    used.update(pieces[at][0])
                    at = blocks.below[at]
            if kind is Kind.ADDRESS:
                chain = whole_address(page, blocks, chain)
            elif kind is Kind.NAME:
                chain = whole_name(page, blocks, chain)
            elif kind is Kind.TEXT:
                chain = whole_sentence(page, blocks, chain, begun=begins[piece[0]] >= ANEW)
            linked.append(chain)
    return _outermost(linked)


def _outermost(linked: Sequence[list[Run]]) -> list[list[Run]]:
    """Return the chains without those that are part of another, which was made whole with them."""
    words = [frozenset(word for run in chain for word in run) for chain in linked]
    return [
        chain
        for chain, own in zip(linked, words, strict=True)
        if not any(own < other for other in words)
    ]


def text_of(kind: Kind, page: Page, chain: Sequence[Run], line_break: str) -> str:
    """Return a chain as one text; the lines of an address are joined by ``line_break``."""
    lines = [" ".join(page.words[i].text for i in piece).strip() for piece in chain]
    if kind is not Kind.ADDRESS:
        return " ".join(lines)
    lines = [without_country(_SEPARATOR.sub(", ", line)) for line in lines]
    while len(lines) > 1 and is_country(lines[-1]):
        lines.pop()
    text = lines[0]
    for line in lines[1:]:
        text = text.rstrip(", ") + line_break + line if line_break == ", " else f"{text} {line}"
    return text


def whole_line(page: Page, segment: range, words: Sequence[int], own: Chances) -> Run:
    """Return labelled words of a segment with those between them, or all of it if none objects."""
    run = tuple(range(words[0], words[-1] + 1))
    return _whole_lines(page, segment, [run], own, WHOLE[Kind.TEXT])[0]


def _line_runs(kind: Kind, page: Page, segment: range, own: Chances) -> list[Run]:
    found: list[Run] = []
    run: list[int] = []
    edge = EDGE if kind in WHOLE or own[list(segment)].max() >= EDGE else UNSURE
    for word in (*segment, None):
        if word is not None and own[word] >= edge:
            run.append(word)
        elif run:
            # a weak word between two strong ones belongs to the value, as does a mark
            if (
                word is not None
                and word + 1 < segment.stop
                and (own[word] >= WEAK or not any(map(str.isalnum, page.words[word].text)))
                and own[word + 1] >= edge
            ):
                run.append(word)
                continue
            found.append(tuple(run))
            run = []
    return _whole_lines(page, segment, found, own, WHOLE[kind]) if kind in WHOLE else found


def _whole_lines(
    page: Page, segment: range, runs: Sequence[Run], own: Chances, most: float
) -> list[Run]:
    """Return the runs of a line, grown to all of it where the words left out hardly object.

    A line is more often whole than cut. Captions and addresses of the web and mail stay outside.
    """
    grown: list[Run] = []
    for run in runs:
        if grown and run[0] <= grown[-1][-1]:
            continue
        first, last = run[0], run[-1]
        while first > segment.start and not _FOREIGN.fullmatch(page.words[first - 1].text):
            first -= 1
        while last + 1 < segment.stop and not _FOREIGN.fullmatch(page.words[last + 1].text):
            last += 1
        left_out = [i for i in range(first, last + 1) if i not in run]
        chance = np.clip(own[left_out], 0.002, 0.998)
        if float(np.log(chance / (1 - chance)).sum()) >= -most:
            run = tuple(range(first, last + 1))
        grown.append(run)
    return grown

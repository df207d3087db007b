"""Which line belongs to which line of the orders: one best assignment for the whole paper.

Pairs are scored by text, code, price and quantity and assigned together (Hungarian method), so
that two similar lines do not fight for one. Then, for lines that are left: a further part of a
line already found (split), and an item that stands in another's place (substitute).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from doctally.matching import numbers
from doctally.matching.charges import is_charge
from doctally.matching.doubts import Doubts
from doctally.matching.ledger import Entry
from doctally.matching.papers import Line, Paper
from doctally.matching.scoring import SAME_PRICE, known_code, price_fit, same_code, score
from doctally.matching.texts import Scorer, disjoint
from doctally.matching.units import ratio
from doctally.matching.verdicts import Kind
from doctally.schemas import DocumentType

_SHIPPED = DocumentType.SHIPMENT_NOTICE
MATCH = 0.5
UNPRICED = 0.42
_PART = 0.4
_SURE = 0.8
SPLIT = 0.55
SUBSTITUTE = 0.12
_NO_PRICE = 0.25
_SAME_TEXT = 0.9
_MISREAD = 0.75
"""Codes so alike may be one code, misread."""
_OTHER_TEXT = 0.6
_NEAR_PRICE = 0.1


Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """A line and the entry it belongs to; ``times`` turns its quantity into the order's unit.

    ``times`` is None where the units cannot be converted.
    """

    line: Line
    entry: Entry
    score: float
    times: Decimal | None
    kind: Kind = "item"


def pair_lines(
    paper: Paper,
    entries: Sequence[Entry],
    scorer: Scorer,
    doubts: Doubts | None = None,
    *,
    note: bool = False,
) -> list[Pair]:
    """Return the pairs of a paper's lines with order lines; a line without a pair is not there.

    What a judge has said of pairs in ``doubts`` counts; ``note`` adds those that are.
    """
    lines = [line for line in paper.lines if line.text or line.code]
    if not lines or not entries:
        return []
    scores, texts, times = _scores(paper, lines, entries, scorer, doubts)
    if doubts is not None and note:
        doubts.note(lines, entries, texts, scores)
    found: dict[int, Pair] = {}
    for i, j in _assigned(scores):
        if scores[i, j] >= (MATCH if lines[i].each is not None else UNPRICED):
            kind: Kind = "charge" if is_charge(lines[i]) else "item"
            found[i] = Pair(lines[i], entries[j], float(scores[i, j]), times[i][j], kind)
    _tell_apart(found, texts, lines, entries)
    taken = {id(pair.entry) for pair in found.values()}
    for i in range(len(lines)):
        if i in found:
            continue
        j = int(scores[i].argmax())
        room = _room(entries[j], found.values(), shipped=paper.kind is _SHIPPED)
        if scores[i, j] >= SPLIT and _is_part(lines[i], entries[j], texts[i, j], times[i][j], room):
            found[i] = Pair(lines[i], entries[j], float(scores[i, j]), times[i][j])
        elif twin := _coded_alike(lines[i], found.values()):
            found[i] = replace(twin, line=lines[i], times=ratio(lines[i], twin.entry.line))
    shared = _sharing_codes(found.values())
    free = [j for j, entry in enumerate(entries) if id(entry) not in taken]
    rest = [i for i in range(len(lines)) if i not in found]
    for i, j in _substitutes(paper, lines, entries, rest, free, texts, times):
        text = float(texts[i, j])
        pair = Pair(lines[i], entries[j], text, times[i][j], "substitute")
        price = price_fit(lines[i], entries[j], times[i][j])
        same = price == 1.0 or (price is None and (text >= _NO_PRICE or text == 0.0))
        same = same and not (price is None and disjoint(lines[i].text, entries[j].line.text))
        found[i] = replace(pair, kind="item") if same and not _recoded(pair, text, shared) else pair
    return [found[i] for i in sorted(found)]


def learn(paper: Paper, entries: Sequence[Entry], scorer: Scorer) -> None:
    """Note what a paper calls the lines that it surely means, for the papers that come after."""
    for pair in pair_lines(paper, entries, scorer):
        if pair.kind == "item" and pair.score >= _SURE and pair.times is not None:
            if pair.line.code:
                pair.entry.codes.add(numbers.key(pair.line.code))
            pair.entry.texts.add(pair.line.text)


def _tell_apart(
    found: dict[int, Pair], texts: Matrix, lines: Sequence[Line], entries: Sequence[Entry]
) -> None:
    """Make pairs substitutes where codes differ, or sizes and the price with them.

    Codes count where both sides use the same ones elsewhere: a supplier's code and a buyer's own
    differ on every line and say nothing.
    """
    shared = _sharing_codes(found.values())
    at = {id(entry): j for j, entry in enumerate(entries)}
    for i, pair in found.items():
        if pair.kind != "item" or known_code(pair.line, pair.entry):
            continue
        text = float(texts[i, at[id(pair.entry)]])
        if _recoded(pair, text, shared) or _other_size(pair, text):
            found[i] = replace(pair, kind="substitute")


def _sharing_codes(pairs: Iterable[Pair]) -> frozenset[str]:
    """Return the orders at least half of whose codes the paper repeats."""
    votes: dict[str, list[bool]] = {}
    for pair in pairs:
        if pair.line.code and pair.entry.line.code:
            same = same_code(pair.line, pair.entry.line)
            votes.setdefault(pair.entry.order.id, []).append(same)
    return frozenset(order for order, same in votes.items() if sum(same) * 2 >= len(same))


def _recoded(pair: Pair, text: float, shared: frozenset[str]) -> bool:
    ours, theirs = numbers.key(pair.line.code), numbers.key(pair.entry.line.code)
    if pair.entry.order.id not in shared or not ours or not theirs:
        return False
    if Indel.normalized_similarity(ours, theirs) >= _MISREAD:
        return False
    price = price_fit(pair.line, pair.entry, pair.times)
    return (price is not None and price != 1.0) or text < (_OTHER_TEXT if price else _SAME_TEXT)


def _other_size(pair: Pair, text: float) -> bool:
    line, ordered = pair.line, pair.entry.line
    if not disjoint(line.text, ordered.text):
        return False
    if line.each is None or ordered.each is None:
        return text < _OTHER_TEXT
    return price_fit(line, pair.entry, pair.times) != 1.0


def _scores(
    paper: Paper,
    lines: Sequence[Line],
    entries: Sequence[Entry],
    scorer: Scorer,
    doubts: Doubts | None,
) -> tuple[Matrix, Matrix, list[list[Decimal | None]]]:
    texts = _alike(lines, entries, scorer)
    shipped = paper.kind is _SHIPPED
    scores = np.zeros_like(texts)
    times: list[list[Decimal | None]] = []
    several = len({e.order.id for e in entries}) > 1
    named = {x.order_number for x in lines if any(_names(x, e) for e in entries)}
    for i, line in enumerate(lines):
        row: list[Decimal | None] = []
        charge = is_charge(line)
        for j, entry in enumerate(entries):
            turned = ratio(line, entry.line)
            row.append(turned)
            if charge != is_charge(entry.line):
                continue
            if doubts is not None:
                texts[i, j] = doubts.weighed(float(texts[i, j]), line, entry.line)
            value = score(line, entry, float(texts[i, j]), turned, shipped=shipped)
            if several and line.order_number and not _names(line, entry):
                value *= 0.0 if line.order_number in named else 0.4
            scores[i, j] = value
        times.append(row)
    return scores, texts, times


def _alike(lines: Sequence[Line], entries: Sequence[Entry], scorer: Scorer) -> Matrix:
    """Return how alike the texts are, an entry being called as its order or another paper does."""
    called = [[e.line.text, *sorted(e.texts)] for e in entries]
    every = list(dict.fromkeys(text for texts in called for text in texts))
    scores = scorer([x.text for x in lines], every)
    at = {text: k for k, text in enumerate(every)}
    columns = [scores[:, [at[text] for text in texts]].max(1) for texts in called]
    return np.stack(columns, axis=1)


def _names(line: Line, entry: Entry) -> bool:
    return numbers.likeness(line.order_number, entry.order.number) >= 0.7


def _is_part(
    line: Line, entry: Entry, text: float, times: Decimal | None, room: Decimal | None
) -> bool:
    """Tell whether a line is one more part of an order line that another line has already.

    ``room`` is what that other line has left of it.
    """
    if known_code(line, entry):
        return True
    price = price_fit(line, entry, times)
    if price is None:
        return text >= 0.85
    fits = times and room is not None and line.quantity and abs(line.quantity) * times <= room
    return text >= (_PART if price == 1.0 else _OTHER_TEXT) and bool(price == 1.0 or fits)


def _room(entry: Entry, pairs: Iterable[Pair], *, shipped: bool) -> Decimal | None:
    """Return what pairs leave of an order line, None where it has no quantity."""
    left = entry.to_receive if shipped else entry.to_bill
    if left is None:
        return None
    for pair in pairs:
        if pair.entry is entry and pair.times and pair.line.quantity is not None:
            left -= abs(pair.line.quantity) * pair.times
    return left


def _coded_alike(line: Line, pairs: Iterable[Pair]) -> Pair | None:
    """Return the pair of a line of the same paper with the same code, and price if it has one."""
    code = numbers.key(line.code)
    for pair in pairs if code else ():
        other = pair.entry.order
        elsewhere = line.order_number and numbers.likeness(line.order_number, other.number) < 0.7
        if pair.kind == "item" and code == numbers.key(pair.line.code) and not elsewhere:
            ours, theirs, times = line.each, pair.line.each, ratio(line, pair.line)
            if ours is None or theirs is None:
                return pair if ours is theirs else None
            if times and abs(ours / times - theirs) <= abs(theirs) * Decimal(str(SAME_PRICE)):
                return pair
    return None


def _substitutes(
    paper: Paper,
    lines: Sequence[Line],
    entries: Sequence[Entry],
    rest: Sequence[int],
    free: Sequence[int],
    texts: Matrix,
    times: Sequence[Sequence[Decimal | None]],
) -> list[tuple[int, int]]:
    """Return pairs that the text does not tell: at the same price, or in the same quantity.

    The last line beside the last line of the order needs no likeness of words.
    """
    if not rest or not free:
        return []
    shipped = paper.kind is _SHIPPED
    fit = np.zeros((len(rest), len(free)))
    goods = [i for i in rest if not is_charge(lines[i])]
    alone = len(goods) == 1 and sum(not is_charge(entries[j].line) for j in free) == 1
    for a, i in enumerate(rest):
        for b, j in enumerate(free):
            line, entry = lines[i], entries[j]
            if is_charge(line) or is_charge(entry.line):
                continue
            left = entry.to_receive if shipped else entry.to_bill
            turned = times[i][j]
            if line.quantity is None or not left or turned is None:
                continue
            quantity = round(abs(line.quantity) * turned, 6)
            price = price_fit(line, entry, turned)
            text = float(texts[i, j])
            same = price == 1.0 or (price is None and alone and text >= _NO_PRICE)
            if same and quantity <= left:
                fit[a, b] = 2 + text
            elif quantity == left and (text >= SUBSTITUTE or alone):
                near = price is None or price >= _NEAR_PRICE
                fit[a, b] = 1 + text if near else 0.0
    return [(rest[a], free[b]) for a, b in _assigned(fit) if fit[a, b] > 0]


def _assigned(scores: Matrix) -> list[tuple[int, int]]:
    """Return rows with columns such that the sum of their scores is the highest (Hungarian)."""
    from scipy.optimize import linear_sum_assignment  # 0.9 s, and every command imports this

    rows, columns = linear_sum_assignment(scores, maximize=True)
    return [(int(a), int(b)) for a, b in zip(rows, columns, strict=True)]

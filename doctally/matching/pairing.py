"""Which line belongs to which line of the orders: one best assignment for the whole paper.

Pairs are scored by text, code, price and quantity and assigned together (Hungarian method), so
that two similar lines do not fight for one. Then, for lines that are left: a further part of a
line already found (split), and an item that stands in another's place (substitute).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from doctally.matching import numbers
from doctally.matching.charges import is_charge
from doctally.matching.ledger import Entry
from doctally.matching.papers import Line, Paper
from doctally.matching.texts import Scorer
from doctally.matching.units import ratio
from doctally.matching.verdicts import Kind
from doctally.schemas import DocumentType

MATCH = 0.5
SPLIT = 0.7
SUBSTITUTE = 0.12
_SAME_PRICE = 0.02
_NEAR_PRICE = 0.4

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


def pair_lines(paper: Paper, entries: Sequence[Entry], scorer: Scorer) -> list[Pair]:
    """Return the pairs of a paper's lines with order lines; a line without a pair is not there."""
    lines = [line for line in paper.lines if line.text or line.code]
    if not lines or not entries:
        return []
    scores, texts, times = _scores(paper, lines, entries, scorer)
    found: dict[int, Pair] = {}
    rows, columns = linear_sum_assignment(scores, maximize=True)
    for i, j in zip(rows, columns, strict=True):
        if scores[i, j] >= MATCH:
            kind: Kind = "charge" if is_charge(lines[i]) else "item"
            found[i] = Pair(lines[i], entries[j], float(scores[i, j]), times[i][j], kind)
    taken = {id(pair.entry) for pair in found.values()}
    for i in range(len(lines)):
        if i in found:
            continue
        j = int(scores[i].argmax())
        if scores[i, j] >= SPLIT and _is_part(lines[i], entries[j], texts[i, j], times[i][j]):
            found[i] = Pair(lines[i], entries[j], float(scores[i, j]), times[i][j])
    free = [j for j, entry in enumerate(entries) if id(entry) not in taken]
    rest = [i for i in range(len(lines)) if i not in found]
    for i, j in _substitutes(paper, lines, entries, rest, free, texts):
        score = float(texts[i, j])
        found[i] = Pair(lines[i], entries[j], score, times[i][j], "substitute")
    return [found[i] for i in sorted(found)]


def _scores(
    paper: Paper, lines: Sequence[Line], entries: Sequence[Entry], scorer: Scorer
) -> tuple[Matrix, Matrix, list[list[Decimal | None]]]:
    texts = scorer([x.text for x in lines], [e.line.text for e in entries])
    shipped = paper.kind is DocumentType.SHIPMENT_NOTICE
    scores = np.zeros_like(texts)
    times: list[list[Decimal | None]] = []
    several = len({e.order.id for e in entries}) > 1
    for i, line in enumerate(lines):
        row: list[Decimal | None] = []
        charge = is_charge(line)
        for j, entry in enumerate(entries):
            turned = ratio(line, entry.line)
            row.append(turned)
            if charge != is_charge(entry.line):
                continue
            value = _score(line, entry, float(texts[i, j]), turned, shipped=shipped)
            if several and line.order_number and not _names(line, entry):
                value *= 0.4
            scores[i, j] = value
        times.append(row)
    return scores, texts, times


def _names(line: Line, entry: Entry) -> bool:
    return numbers.likeness(line.order_number, entry.order.number) >= 0.7


def _score(line: Line, entry: Entry, text: float, times: Decimal | None, *, shipped: bool) -> float:
    """Return 0..1: the text first, unless the codes agree; price and quantity tell twins apart."""
    price = _price(line, entry, times)
    quantity = _quantity(line, entry, times, shipped=shipped)
    place = 1.0 if line.position and line.position == entry.line.position else 0.0
    agree = _codes(line, entry.line)
    if agree:
        return 0.62 + 0.18 * text + 0.1 * price + 0.1 * quantity
    numbers_fit = 0.17 * price + 0.1 * quantity + 0.03 * place
    return 0.7 * text + numbers_fit if text > 0 else numbers_fit


def _codes(a: Line, b: Line) -> bool:
    one, other = numbers.key(a.code), numbers.key(b.code)
    if one and other and one == other:
        return True
    if len(one) >= 5 and one in numbers.key(b.text):
        return True
    return len(other) >= 5 and other in numbers.key(a.text)


def _price(line: Line, entry: Entry, times: Decimal | None) -> float:
    ours, theirs = line.each, entry.line.each
    if ours is None or theirs is None:
        return 0.5
    if not theirs or not times:
        return 0.0
    apart = abs(float(ours / times / theirs) - 1)
    return max(0.0, 1 - apart / 0.5) if apart > _SAME_PRICE else 1.0


def _quantity(line: Line, entry: Entry, times: Decimal | None, *, shipped: bool) -> float:
    left = entry.to_receive if shipped else entry.to_bill
    if line.quantity is None or left is None:
        return 0.5
    if times is None:
        return 0.0
    ours = abs(line.quantity) * times
    if abs(ours - left) <= left / 100:
        return 1.0
    return 0.6 if ours < left else 0.2


def _is_part(line: Line, entry: Entry, text: float, times: Decimal | None) -> bool:
    """Tell whether a line is one more part of an order line that another line has already."""
    if _codes(line, entry.line):
        return True
    return text >= 0.75 and _price(line, entry, times) == 1.0


def _substitutes(
    paper: Paper,
    lines: Sequence[Line],
    entries: Sequence[Entry],
    rest: Sequence[int],
    free: Sequence[int],
    texts: Matrix,
) -> list[tuple[int, int]]:
    """Return pairs of another item in the same quantity at a price of the same order."""
    if not rest or not free:
        return []
    shipped = paper.kind is DocumentType.SHIPMENT_NOTICE
    fit = np.zeros((len(rest), len(free)))
    for a, i in enumerate(rest):
        for b, j in enumerate(free):
            line, entry = lines[i], entries[j]
            if is_charge(line) or is_charge(entry.line) or texts[i, j] < SUBSTITUTE:
                continue
            left = entry.to_receive if shipped else entry.to_bill
            if line.quantity is None or not left or abs(line.quantity) != left:
                continue
            ours, theirs = line.each, entry.line.each
            if ours is not None and theirs and abs(float(ours / theirs) - 1) > _NEAR_PRICE:
                continue
            fit[a, b] = 1 + float(texts[i, j])
    found = zip(*linear_sum_assignment(fit, maximize=True), strict=True)
    return [(rest[a], free[b]) for a, b in found if fit[a, b] > 0]

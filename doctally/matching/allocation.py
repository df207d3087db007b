"""A line's quantity and amount on the order lines it belongs to, exact to the cent.

A line that covers more than its order line has left goes on to other lines of the same item (one
line of 30 for two orders of 10 and 20); a line that is left over and costs just what all lines
without one cost together stands for them (a lump sum).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from doctally.matching.charges import is_charge
from doctally.matching.ledger import Entry, same_item, shared_out
from doctally.matching.pairing import Pair
from doctally.matching.papers import HARDLY, ZERO, Line, Paper
from doctally.matching.verdicts import Kind, LineMatch

_FEWEST = 2
_CENTS = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Share:
    """What of a line falls on an entry; ``quantity`` is in the order's unit."""

    line: Line
    entry: Entry
    score: float
    quantity: Decimal | None
    amount: Decimal | None
    kind: Kind
    convertible: bool = True

    def match(self) -> LineMatch:
        """Return the share as a verdict tells it."""
        return LineMatch(
            self.line.number,
            self.entry.order.id,
            self.entry.line.number,
            round(min(self.score, 1.0), 4),
            self.quantity,
            self.amount,
            self.kind,
        )


def allocate(
    paper: Paper,
    pairs: Sequence[Pair],
    entries: Sequence[Entry],
    *,
    left: Callable[[Entry], Decimal | None],
) -> list[Share]:
    """Return the shares of all lines; ``left`` tells what an entry can still take."""
    rooms = {id(entry): left(entry) for entry in entries}
    direct: list[Decimal | None] = []
    for pair in pairs:
        whole, room = _whole(pair), rooms[id(pair.entry)]
        if whole is not None and room is not None:
            rooms[id(pair.entry)] = max(room - whole, ZERO)
            whole = min(whole, room)
        direct.append(whole)
    shares: list[Share] = []
    for pair, held in zip(pairs, direct, strict=True):
        shares += _spread(pair, held, entries, rooms)
    taken = {id(share.entry) for share in shares}
    matched = {pair.line.number for pair in pairs}
    for line in paper.lines:
        if line.number not in matched and not is_charge(line):
            lump = _lump(line, entries, taken)
            shares += lump
            taken |= {id(share.entry) for share in lump}
    return shares


def _whole(pair: Pair) -> Decimal | None:
    """Return the line's quantity in the order's unit, None where it cannot be said."""
    if pair.line.quantity is None or pair.times is None:
        return None
    return round(abs(pair.line.quantity) * pair.times, 6)


def _spread(
    pair: Pair, held: Decimal | None, entries: Sequence[Entry], rooms: dict[int, Decimal | None]
) -> list[Share]:
    """Return the shares of one line; ``held`` is what its own entry has room for."""
    line, whole = pair.line, _whole(pair)
    amount = None if line.value is None else abs(line.value)
    if whole is None or held is None:
        kept = None if line.quantity is None else abs(line.quantity)
        return [
            Share(line, pair.entry, pair.score, kept, amount, pair.kind, pair.times is not None)
        ]
    places = [(pair.entry, held)]
    rest = whole - held
    for entry in entries if pair.kind == "item" else ():
        room = rooms[id(entry)] or ZERO
        part = min(rest, room)
        if part > HARDLY and entry is not pair.entry and same_item(entry, pair.entry):
            places.append((entry, part))
            rooms[id(entry)] = room - part
            rest -= part
    if held <= HARDLY and len(places) > 1:
        places = places[1:]
    first, own = places[0]
    places[0] = (first, own + rest)
    amounts: list[Decimal | None] = [None] * len(places)
    if amount is not None:
        amounts = [*shared_out(amount, [q for _, q in places])]
    return [
        Share(line, entry, pair.score, quantity, part, pair.kind)
        for (entry, quantity), part in zip(places, amounts, strict=True)
    ]


def _lump(line: Line, entries: Sequence[Entry], taken: set[int]) -> list[Share]:
    value = line.value
    free = [e for e in entries if id(e) not in taken and not is_charge(e.line) and not e.billed]
    for order_id in dict.fromkeys(e.order.id for e in free):
        own = [e for e in free if e.order.id == order_id]
        worth = sum((e.amount for e in own), ZERO)
        if value and len(own) >= _FEWEST and worth and abs(abs(value) - worth) <= _CENTS:
            parts = shared_out(abs(value), [e.amount for e in own])
            return [
                Share(line, entry, 0.5, entry.ordered, part, "item")
                for entry, part in zip(own, parts, strict=True)
            ]
    return []

"""Bills that bill again what an earlier one has billed, under another number or the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from doctally.matching import numbers
from doctally.matching.allocation import Share
from doctally.matching.charges import is_charge
from doctally.matching.linking import SAME_SUPPLIER, agreement
from doctally.matching.papers import HARDLY, Paper

_CONTENT = tuple[tuple[Decimal, Decimal], ...]


@dataclass(slots=True)
class Repeats:
    """The bills seen so far, to compare the next one with; oldest first."""

    seen: list[tuple[Paper, frozenset[str]]] = field(default_factory=list)

    def earlier(
        self, paper: Paper, orders: frozenset[str], shares: Sequence[Share]
    ) -> Paper | None:
        """Return the bill that this one repeats, None if it bills something of its own.

        The same number of the same supplier; or the same quantities and amounts on the same
        orders, where they name the same delivery note or where the order has no room for both.
        """
        for other, its_orders in self.seen:
            if other.kind is not paper.kind or (agreement(paper, other) or 0) < SAME_SUPPLIER:
                continue
            number = numbers.key(paper.number)
            if number and number == numbers.key(other.number):
                return other
            if not orders or orders != its_orders or _content(paper) != _content(other):
                continue
            if _notes(paper) & _notes(other) or any(map(_full, shares)):
                return other
        return None

    def add(self, paper: Paper, orders: frozenset[str]) -> None:
        """Remember a bill."""
        self.seen.append((paper, orders))


def _notes(paper: Paper) -> set[str]:
    return {numbers.key(note) for note in paper.notes}


def _content(paper: Paper) -> _CONTENT:
    zero = Decimal(0)
    lines = [line for line in paper.lines if not is_charge(line)]
    return tuple(sorted((abs(x.quantity or zero), abs(x.value or zero)) for x in lines))


def _full(share: Share) -> bool:
    """Tell whether the order line has no room for all that the share bills."""
    left = share.entry.to_bill
    if left is None or share.quantity is None:
        return share.entry.done
    return share.quantity > left + HARDLY

"""What was ordered, received and billed of each order line, and what is left: exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from doctally.matching import numbers
from doctally.matching.charges import is_charge
from doctally.matching.papers import CENT, HARDLY, ZERO, Line, Paper
from doctally.matching.texts import tokens
from doctally.matching.verdicts import OpenLine


@dataclass(slots=True)
class Entry:
    """The account of one order line, in its unit and currency.

    ``codes`` and ``texts`` are what other papers call it.
    """

    order: Paper
    line: Line
    received: Decimal = ZERO
    billed: Decimal = ZERO
    billed_amount: Decimal = ZERO
    codes: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    @property
    def ordered(self) -> Decimal | None:
        """Return the ordered quantity, None for a line without one."""
        return self.line.quantity

    @property
    def amount(self) -> Decimal:
        """Return the ordered net amount, 0 where the order has no price."""
        return self.line.value or ZERO

    @property
    def to_bill(self) -> Decimal | None:
        """Return the quantity still to be billed, never below zero."""
        return None if self.ordered is None else max(self.ordered - self.billed, ZERO)

    @property
    def to_receive(self) -> Decimal | None:
        """Return the quantity still to come, never below zero."""
        return None if self.ordered is None else max(self.ordered - self.received, ZERO)

    @property
    def done(self) -> bool:
        """Tell whether all of it is billed."""
        if self.ordered is not None:
            return self.billed > self.ordered - HARDLY
        return self.amount > 0 and self.billed_amount >= self.amount


@dataclass(slots=True)
class Ledger:
    """The accounts of all orders at hand."""

    entries: dict[tuple[str, int], Entry] = field(default_factory=dict)
    charges: dict[str, Decimal] = field(default_factory=dict)
    """Freight and the like billed so far, by order."""

    @classmethod
    def of(cls, orders: Iterable[Paper]) -> Ledger:
        """Return the ledger of orders of which nothing has been delivered or billed."""
        found = cls()
        for order in orders:
            for line in order.lines:
                found.entries[order.id, line.number] = Entry(order, line)
        return found

    def of_orders(self, order_ids: Iterable[str]) -> list[Entry]:
        """Return the entries of some orders, in their order."""
        wanted = set(order_ids)
        return [entry for (order, _), entry in self.entries.items() if order in wanted]

    def all_billed(self, order_id: str) -> bool:
        """Tell whether nothing of an order is left to bill; False for one without lines."""
        goods = [e for e in self.of_orders([order_id]) if not is_charge(e.line)]
        return bool(goods) and all(entry.done for entry in goods)

    def open_lines(self) -> Iterator[OpenLine]:
        """Yield the state of every order line."""
        for (order, line), entry in self.entries.items():
            yield OpenLine(
                order,
                line,
                entry.ordered,
                entry.received,
                entry.billed,
                entry.amount,
                entry.billed_amount,
            )


def same_item(a: Entry, b: Entry) -> bool:
    """Tell whether two order lines order the same thing at the same price."""
    if a.line.each != b.line.each:
        return False
    one, other = numbers.key(a.line.code), numbers.key(b.line.code)
    if one and other:
        return one == other
    ours, theirs = set(tokens(a.line.text)), set(tokens(b.line.text))
    return ours <= theirs or theirs <= ours


def shared_out(amount: Decimal, parts: list[Decimal]) -> list[Decimal]:
    """Return the amount cut in proportion to the parts, in cents that add up to it exactly."""
    whole = sum(parts, ZERO)
    if len(parts) == 1 or not whole:
        return [amount, *[ZERO] * (len(parts) - 1)]
    cut = [(amount * part / whole).quantize(CENT) for part in parts[:-1]]
    return [*cut, amount - sum(cut, ZERO)]

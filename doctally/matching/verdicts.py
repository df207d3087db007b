"""What matching says: links between papers, matched lines, reasons, decisions, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from doctally.matching.reasons import REASONS, Decision, Weight

How = Literal["number", "similar_number", "delivery_note", "content"]
Kind = Literal["item", "charge", "substitute"]


@dataclass(frozen=True, slots=True)
class Link:
    """A paper belongs to an order; ``score`` 0..1 says how surely."""

    paper_id: str
    order_id: str
    how: How
    score: float


@dataclass(frozen=True, slots=True)
class LineMatch:
    """A line against a line of an order; ``quantity`` is in the order's unit.

    ``amount`` is the net amount that falls on that order line, in the paper's currency.
    """

    line: int
    order_id: str
    order_line: int
    score: float
    quantity: Decimal | None
    amount: Decimal | None
    kind: Kind = "item"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paper is not simply approved; ``amount`` is what is at stake, never negative."""

    code: str
    amount: Decimal
    message: str
    line: int | None = None

    @property
    def weight(self) -> Weight:
        """Return what the reason asks for."""
        return REASONS[self.code].weight


@dataclass(frozen=True, slots=True)
class Verdict:
    """All about one paper."""

    paper_id: str
    decision: Decision
    currency: str
    lines: tuple[LineMatch, ...]
    reasons: tuple[Reason, ...]

    @property
    def stake(self) -> Decimal:
        """Return the sum at stake of the reasons that ask for something."""
        asking = (r.amount for r in self.reasons if r.weight is not Weight.INFO)
        return sum(asking, Decimal(0))


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line of an order: ordered, received and billed so far, in the order's unit and currency."""

    order_id: str
    line: int
    ordered: Decimal | None
    received: Decimal
    billed: Decimal
    amount: Decimal
    billed_amount: Decimal

    @property
    def open(self) -> Decimal:
        """Return the quantity that is still to be billed, never below zero."""
        return max((self.ordered or Decimal(0)) - self.billed, Decimal(0))


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The whole result for papers that belong together."""

    links: tuple[Link, ...]
    verdicts: tuple[Verdict, ...]
    open_lines: tuple[OpenLine, ...]

    def verdict(self, paper_id: str) -> Verdict:
        """Return the verdict on a paper; raises KeyError if it was not among the papers."""
        for verdict in self.verdicts:
            if verdict.paper_id == paper_id:
                return verdict
        raise KeyError(paper_id)

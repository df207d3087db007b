"""A delivery against its orders: what came, what came too much, what was never ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from doctally.matching.allocation import Share, allocate
from doctally.matching.charges import is_charge
from doctally.matching.doubts import Doubts
from doctally.matching.ledger import Ledger
from doctally.matching.pairing import pair_lines
from doctally.matching.papers import CENT, HARDLY, ZERO, Paper
from doctally.matching.texts import Scorer
from doctally.matching.tolerance import Tolerance
from doctally.matching.verdicts import Link, Reason


@dataclass(slots=True)
class Delivery:
    """A delivery and what was found about it; ``reasons`` grows as the bills come."""

    paper: Paper
    links: tuple[Link, ...]
    shares: list[Share]
    reasons: list[Reason]


def receive(
    paper: Paper,
    links: Sequence[Link],
    ledger: Ledger,
    scorer: Scorer,
    tolerance: Tolerance,
    doubts: Doubts | None = None,
) -> Delivery:
    """Return the delivery, its quantities added to the ledger."""
    entries = ledger.of_orders(link.order_id for link in links)
    pairs = pair_lines(paper, entries, scorer, doubts, note=True)
    shares = allocate(paper, pairs, entries, left=lambda entry: entry.to_receive)
    reasons: list[Reason] = []
    for share in shares:
        entry, quantity = share.entry, share.quantity
        if quantity is None or not share.convertible:
            continue
        before = entry.received
        entry.received += quantity
        if share.kind == "substitute":
            amount = (quantity * (entry.line.each or ZERO)).quantize(CENT)
            reasons.append(
                Reason(
                    "substituted_item",
                    amount,
                    f"{share.line.text} instead of {entry.line.text}",
                    share.line.number,
                )
            )
        if entry.ordered is not None:
            most = entry.ordered * (1 + tolerance.quantity_percent / 100)
            over = entry.received - max(entry.ordered, before)
            if entry.received > most and over > HARDLY:
                amount = (over * (entry.line.each or ZERO)).quantize(CENT)
                reasons.append(
                    Reason(
                        "delivered_over",
                        amount,
                        f"{number(entry.received)} delivered, {number(entry.ordered)} ordered",
                        share.line.number,
                    )
                )
    found = {share.line.number for share in shares}
    if links:
        reasons += [
            Reason("delivered_unknown", ZERO, line.text, line.number)
            for line in paper.lines
            if line.number not in found and not is_charge(line) and (line.text or line.code)
        ]
    return Delivery(paper, tuple(links), shares, reasons)


def still_open(deliveries: Sequence[Delivery]) -> None:
    """Add what is not billed, and what is still to come, to the last delivery of each line."""
    told: set[int] = set()
    for delivery in reversed(deliveries):
        for share in delivery.shares:
            entry = share.entry
            if id(entry) in told or share.quantity is None or not share.convertible:
                continue
            told.add(id(entry))
            each = entry.line.each or ZERO
            if (unbilled := entry.received - entry.billed) > HARDLY:
                delivery.reasons.append(
                    Reason(
                        "received_not_billed",
                        (unbilled * each).quantize(CENT),
                        f"{number(entry.received)} received, {number(entry.billed)} billed",
                        share.line.number,
                    )
                )
            if (to_come := entry.to_receive or ZERO) > HARDLY:
                delivery.reasons.append(
                    Reason(
                        "back_order",
                        (to_come * each).quantize(CENT),
                        f"{number(to_come)} of {number(entry.ordered or ZERO)} still to come",
                        share.line.number,
                    )
                )


def number(value: Decimal) -> str:
    """Return a quantity without needless zeros, to three decimals."""
    plain = f"{round(value, 3):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain

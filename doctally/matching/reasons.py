"""The stable reason codes of matching: how much each weighs, what it means, what is at stake.

The one table from which verdicts take a reason's weight and docs/matching.md its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """What to do with a paper: pay it, let a person look, do not pay before it is cleared."""

    APPROVE = "approve"
    REVIEW = "review"
    HOLD = "hold"


class Weight(StrEnum):
    """What a reason asks for on its own; ``info`` asks for nothing."""

    INFO = "info"
    REVIEW = "review"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Code:
    """A code's weight, meaning, the amount at stake, and the cell of the line that it is about."""

    weight: Weight
    meaning: str
    stake: str
    cell: str = "description"


_I, _R, _H = Weight.INFO, Weight.REVIEW, Weight.HOLD

REASONS: Mapping[str, Code] = {
    "price_above_order": Code(
        _R, "The unit price is above the order's.", "difference per unit x quantity", "unit_price"
    ),
    "price_below_order": Code(
        _I, "The unit price is below the order's.", "difference per unit x quantity", "unit_price"
    ),
    "quantity_over": Code(
        _R, "All bills together bill more than was ordered.", "surplus x billed price", "quantity"
    ),
    "amount_over": Code(
        _R,
        "A line without quantities is billed above the order's amount.",
        "billed above the order",
        "amount_net",
    ),
    "billed_not_received": Code(
        _H,
        "Billed goods are not on any delivery note yet.",
        "missing quantity x billed price",
        "quantity",
    ),
    "received_not_billed": Code(
        _I, "Delivered goods are not billed yet.", "unbilled quantity x ordered price", "quantity"
    ),
    "unknown_item": Code(_R, "The line is on no order that the paper names.", "the line's amount"),
    "charge_not_ordered": Code(
        _R,
        "Freight or another charge is above what was ordered.",
        "charge above the order",
        "amount_net",
    ),
    "substituted_item": Code(
        _R, "Another item stands where the ordered one should.", "the line's amount"
    ),
    "unit_mismatch": Code(
        _R, "The units cannot be converted into each other.", "the line's amount", "unit"
    ),
    "tax_mismatch": Code(
        _R, "The tax is not what the order's rate gives.", "tax difference", "tax_rate"
    ),
    "discount_missing": Code(
        _R, "The order's discount is not given.", "the discount's share of the billed lines"
    ),
    "duplicate_billing": Code(
        _H, "An earlier bill has billed the same.", "the paper's gross total"
    ),
    "order_closed": Code(
        _H, "The order is closed, or all of it was billed before.", "the paper's gross total"
    ),
    "order_missing": Code(_R, "No order was found for the bill.", "the paper's gross total"),
    "supplier_mismatch": Code(
        _H, "The order named went to another supplier.", "the paper's gross total"
    ),
    "currency_mismatch": Code(
        _R, "The currency is not the order's, and no rate is known.", "the paper's gross total"
    ),
    "bill_before_order": Code(_R, "The bill is older than its order.", "the paper's gross total"),
    "credit_over": Code(
        _R, "More is credited than was billed.", "surplus x credited price", "amount_net"
    ),
    "delivered_over": Code(
        _R, "More was delivered than ordered.", "surplus x ordered price", "shipped_quantity"
    ),
    "delivered_unknown": Code(_R, "The delivered item was not ordered.", "nothing"),
    "back_order": Code(
        _I, "A part of the order is still to come.", "open quantity x ordered price", "quantity"
    ),
}

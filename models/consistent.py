"""The best consistent reading of the totals, not the best reading of each alone.

Among the likeliest values of net, tax and gross total the assignment with the highest
sum of log-odds wins, where net + tax = gross earns a bonus. The search is exhaustive over at most
6 x 6 x 6 assignments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product

from doctally.results import FieldValue
from models.decode import THRESHOLD, Option, as_value, decode

TOTALS = ("total_net", "total_tax", "total_gross")
BONUS = 1.0  # log-odds per total of a sum that is right: chance rarely makes one
TOLERANCE = Decimal("0.011")
HIGHEST_TAX = Decimal("0.28")  # no value added or sales tax is higher (Hungary: 27 %)


def consistent(found: Mapping[str, Sequence[Option]]) -> dict[str, FieldValue]:
    """Return the chosen value of each field; a right sum lifts its parts' confidence."""
    chosen = decode(found)
    lists: list[list[Option | None]] = [[None, *found.get(name, ())] for name in TOTALS]
    if any(len(options) == 1 for options in lists):
        return chosen
    best = max(product(*lists), key=_merit)
    if not _adds_up(best):
        return chosen
    for name, option in zip(TOTALS, best, strict=True):
        if option is not None:
            sure = _logistic(_odds(option.score) + BONUS)
            chosen[name] = as_value(
                Option(option.value, sure, option.text, option.page, option.box)
            )
    return chosen


def _merit(options: Sequence[Option | None]) -> float:
    total = sum((_odds(o.score) if o is not None else _odds(1 - THRESHOLD) - 1.0) for o in options)
    return total + (3 * BONUS if _adds_up(options) else 0.0)


def _adds_up(options: Sequence[Option | None]) -> bool:
    net, tax, gross = (Decimal(o.value) if o is not None else None for o in options)
    if net is None or tax is None or gross is None or not net:
        return False
    return abs(net + tax - gross) <= TOLERANCE and abs(tax) <= HIGHEST_TAX * abs(net)


def _odds(score: float) -> float:
    kept = min(max(score, 1e-3), 1 - 1e-3)
    return math.log(kept / (1 - kept))


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))

"""The best consistent reading of the totals, not the best reading of each alone.

Among the likeliest values of net, tax and gross total the assignment with the highest
sum of log-odds wins, where net + tax = gross earns a bonus. The search is exhaustive over at most
6 x 6 x 6 assignments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from doctally.results import FieldValue
from models.decode import THRESHOLD, Option, as_value, decode
from models.odds import logistic, odds
from models.parties import settle
from models.tasks import PARTY_FIELDS

TOTALS = ("total_net", "total_tax", "total_gross")
BONUS = 1.0  # log-odds per total of a sum that is right: chance rarely makes one
TOLERANCE = Decimal("0.011")
HIGHEST_TAX = Decimal("0.28")  # no value added or sales tax is higher (Hungary: 27 %)


def consistent(found: Mapping[str, Sequence[Option]]) -> dict[str, FieldValue]:
    """Return the chosen value of each field; a right sum lifts its parts' confidence."""
    chosen = decode({name: choices for name, choices in found.items() if name not in PARTY_FIELDS})
    chosen |= {name: as_value(option) for name, option in settle(found).items()}
    lists: list[list[Option | None]] = [[None, *found.get(name, ())] for name in TOTALS]
    if any(len(options) == 1 for options in lists):
        return chosen
    best = max(product(*lists), key=_merit)
    if not _adds_up(best):
        return chosen
    for name, option in zip(TOTALS, best, strict=True):
        if option is not None:
            sure = logistic(odds(option.score) + BONUS)
            chosen[name] = as_value(replace(option, score=sure))
    return chosen


def _merit(options: Sequence[Option | None]) -> float:
    total = sum((odds(o.score) if o is not None else odds(1 - THRESHOLD) - 1.0) for o in options)
    return total + (3 * BONUS if _adds_up(options) else 0.0)


def _adds_up(options: Sequence[Option | None]) -> bool:
    net, tax, gross = (Decimal(o.value) if o is not None else None for o in options)
    if net is None or tax is None or gross is None or not net:
        return False
    return abs(net + tax - gross) <= TOLERANCE and abs(tax) <= HIGHEST_TAX * abs(net)

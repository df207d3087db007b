"""The best consistent reading of amounts and dates, not the best reading of each alone.

Among the likeliest values of the fields that bind each other (net + tax = gross; what is due is
the gross less what is paid; nothing is due before it is billed) the assignment with the highest
sum of log-odds wins, where a sum that is right earns a bonus and an order that is wrong costs.
The searches are exhaustive over at most 11 x 11 x 11 assignments each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from stdnum import iban

from doctally.results import FieldValue
from doctally.schemas import DocumentType
from models.decode import THRESHOLD, Option, as_value, decode
from models.odds import logistic, odds
from models.parties import settle
from models.products import HIGHEST_TAX, TOLERANCE, Row
from models.tasks import PARTY_FIELDS
from models.totals import Sum, tells

TOTALS = ("total_net", "total_tax", "total_gross")
BONUS = 1.0  # log-odds per total of a sum that is right: chance rarely makes one
PRINTED = 5.0  # log-odds that net, tax and gross are a sum as a page prints it
GOODS = 2.0  # log-odds for a total that is the sum of the lines
ORDERED = (("issue_date", "due_date"), ("service_start", "service_end"))
DUE = "amount_due"
IBAN = "supplier_iban"
LONE = 2.0  # log-odds for the one account number of a bill whose check digits are right
OUT_OF_ORDER = 2.0  # log-odds that a pair of dates the wrong way round costs

Choice = Option | None
Merit = Callable[[Sequence[Choice]], float]


def consistent(
    found: Mapping[str, Sequence[Option]],
    lines: Sequence[Row] = (),
    sums: Sequence[Sum] = (),
) -> dict[str, FieldValue]:
    """Return the chosen value of each field; a right sum lifts its parts' confidence.

    ``lines`` are the lines of the document, whose amounts make its totals; ``sums`` are those
    that its pages print.
    """
    found = {**found, IBAN: _lone(found.get(IBAN, ()))}
    chosen = decode({name: choices for name, choices in found.items() if name not in PARTY_FIELDS})
    chosen |= {name: as_value(option) for name, option in settle(found).items()}
    for pair in ORDERED:
        if all(name in chosen for name in pair):
            best = _best(found, pair, _in_order)
            chosen |= {n: as_value(o) for n, o in zip(pair, best, strict=True) if o is not None}
            for name, option in zip(pair, best, strict=True):
                if option is None:
                    del chosen[name]
    chosen |= _totals(found, lines, sums)
    if _of_the_tax(chosen):
        del chosen[DUE]
        whole = [o for o in found[DUE] if o.value == _value(chosen.get("total_gross"))]
        if whole:
            chosen[DUE] = as_value(whole[0])
    return chosen


def _value(chosen: FieldValue | None) -> str | None:
    return chosen.value if chosen is not None else None


def _totals(
    found: Mapping[str, Sequence[Option]], lines: Sequence[Row], sums: Sequence[Sum]
) -> dict[str, FieldValue]:
    """Return the totals that add up or are what the lines come to, if any do."""
    likely = {
        name: _with(found.get(name, ()), [added[place] for added in sums])
        for place, name in enumerate(TOTALS)
    }
    goods = _sums(lines, found)
    if not goods and not all(likely.values()):
        return {}
    printed = {_values(added): PRINTED * tells(added, sums) for added in sums}

    def merit(options: Sequence[Choice]) -> float:
        shown = printed.get(_values(options), 0.0)
        return 3 * BONUS * _adds_up(options) + GOODS * _is_of(options, goods) + shown

    best = _best(likely, TOTALS, merit, none=1 - THRESHOLD, less=1.0)
    if not _adds_up(best) and not _is_of(best, goods):
        return {}
    best = _one_sign(best)
    lift = printed.get(_values(best), BONUS)
    return {n: _lifted(o, lift) for n, o in zip(TOTALS, best, strict=True) if o is not None}


def _values(options: Sequence[Choice]) -> tuple[str | None, ...]:
    return tuple(option.value if option is not None else None for option in options)


def _with(own: Sequence[Option], more: Sequence[Option]) -> list[Option]:
    """Return options with those of the others whose values are new."""
    known = {option.value: option for option in own}
    return list(({option.value: option for option in more} | known).values())


def _of_the_tax(chosen: Mapping[str, FieldValue]) -> bool:
    """Tell whether the amount due is the tax alone, which nobody bills."""
    due, tax, gross = (chosen.get(n) for n in (DUE, "total_tax", "total_gross"))
    if due is None or tax is None or Decimal(tax.value) == 0:
        return False
    return due.value == tax.value and (gross is None or gross.value != tax.value)


def as_billed(document_type: str, fields: Mapping[str, FieldValue]) -> str:
    """Return the document type that the amounts allow: an invoice that pays back is a credit."""
    gross = fields.get("total_gross")
    if document_type == DocumentType.INVOICE and gross is not None and Decimal(gross.value) < 0:
        return str(DocumentType.CREDIT_NOTE)
    return document_type


def _best(
    found: Mapping[str, Sequence[Option]],
    names: Sequence[str],
    merit: Merit,
    *,
    none: float = THRESHOLD,
    less: float = 0.0,
) -> tuple[Choice, ...]:
    """Return the assignment to the fields with the highest sum of log-odds and ``merit``.

    A field that is left empty counts as a value of the score ``none``, ``less`` log-odds.
    """
    lists: list[list[Choice]] = [[None, *found.get(name, ())] for name in names]
    empty = odds(none) - less

    def total(options: Sequence[Choice]) -> float:
        return sum(odds(o.score) if o is not None else empty for o in options) + merit(options)

    return max(product(*lists), key=total)


def _lone(options: Sequence[Option]) -> list[Option]:
    """Return the account numbers, surer if there is one alone and its check digits are right.

    Who is to be paid says where; any other account would have to be told apart from it.
    """
    values = {option.value for option in options}
    if len(values) != 1 or not iban.is_valid(min(values)):
        return list(options)
    return [replace(o, score=logistic(odds(o.score) + LONE)) for o in options]


def _lifted(option: Option, lift: float) -> FieldValue:
    return as_value(replace(option, score=logistic(odds(option.score) + lift)))


def _in_order(options: Sequence[Choice]) -> float:
    first, last = options
    wrong = first is not None and last is not None and first.value > last.value
    return -OUT_OF_ORDER if wrong else 0.0


def _sums(lines: Sequence[Row], found: Mapping[str, Sequence[Option]]) -> dict[str, set[Decimal]]:
    """Return what the lines' amounts come to, by the total that it makes.

    Discounts and freight of the whole document may stand between the lines and the net total.
    """
    priced = {
        total: [Decimal(row[name].value) for row in lines if name in row]
        for total, name in (("total_net", "amount_net"), ("total_gross", "amount_gross"))
    }
    less, more = (
        [Decimal(0), *(abs(Decimal(o.value)) for o in found.get(name, ()))]
        for name in ("discount", "shipping_amount")
    )
    return {
        total: {sum(amounts, b - a) for a in less for b in more}
        for total, amounts in priced.items()
        if amounts and len(amounts) == len(lines)
    }


def _is_of(options: Sequence[Choice], sums: Mapping[str, set[Decimal]]) -> bool:
    """Tell whether one of the totals is what the lines come to."""
    return any(
        option is not None and Decimal(option.value) in sums.get(name, ())
        for name, option in zip(TOTALS, options, strict=True)
    )


def _one_sign(options: Sequence[Choice]) -> tuple[Choice, ...]:
    """Return net, tax and gross with the tax as negative as its net: no rate is below zero.

    A minus may stand where nobody reads it ("EUR -" at the line's end).
    """
    net, tax, gross = options
    if net and tax and Decimal(net.value) < 0 < Decimal(tax.value):
        tax = replace(tax, value=f"-{tax.value}")
    return net, tax, gross


def _adds_up(options: Sequence[Choice]) -> bool:
    net, tax, gross = (Decimal(o.value) if o is not None else None for o in _one_sign(options))
    if net is None or tax is None or gross is None or not net:
        return False
    return abs(net + tax - gross) <= TOLERANCE and abs(tax) <= HIGHEST_TAX * abs(net)

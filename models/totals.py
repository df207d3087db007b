"""Totals as they are printed: a net amount, its tax and their sum, one after the other.

That a page prints three amounts of which two make the third, the second a likely tax of the first,
near each other and in the order of a bill, is seldom chance. The network need not have found them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from doctally.pages import Box, Page
from doctally.schemas import Kind
from doctally.values import Locale
from models.blocks import Blocks
from models.candidates import candidates
from models.decode import LEAST, Option, figure
from models.products import HIGHEST_TAX, Row

Sum = tuple[Option, Option, Option]  # net, tax, gross

LOWEST_TAX = Decimal("0.01")
MOST = 5
"""Sums that are told, those of the highest amounts."""
_NEAR = 0.14  # of the page's height
_CENTS = -2
_AMOUNTS = 400  # of a page that are looked at, the last


def printed_sums(
    pages: Sequence[Page], blocks: Sequence[Blocks], locale: Locale, lines: Sequence[Row]
) -> tuple[Sum, ...]:
    """Return the nets, taxes and sums of the pages, each of the lowest score an option has.

    An amount of one of the ``lines`` is no total, though a bill may have but one line.
    """
    cells = [(cell.page, cell.box) for row in lines for cell in row.values()]
    found = [
        added
        for number, (page, block) in enumerate(zip(pages, blocks, strict=True))
        for added in _sums(
            [o for o in _amounts(number, page, block, locale) if (number + 1, o.box) not in cells]
        )
    ]
    return tuple(sorted(found, key=lambda added: -abs(Decimal(added[2].value)))[:MOST])


def tells(added: Sum, sums: Sequence[Sum]) -> int:
    """Return 2 if a sum is what others come to, as under a table of tax rates, else 1."""
    others = [_decimals(other) for other in sums if other is not added]
    wanted = _decimals(added)
    several = (group for size in range(2, len(others) + 1) for group in combinations(others, size))
    return 1 + any(tuple(map(sum, zip(*group, strict=True))) == wanted for group in several)


def _decimals(added: Sum) -> tuple[Decimal, ...]:
    return tuple(Decimal(option.value) for option in added)


def _amounts(number: int, page: Page, blocks: Blocks, locale: Locale) -> list[Option]:
    """Return a page's amounts with cents, in reading order."""
    found = []
    for span in candidates(page, blocks, Kind.AMOUNT, locale):
        value = Decimal(span.value)
        if value and value.as_tuple().exponent == _CENTS:
            box, first = blocks.box(span.words), figure(page, span.words)
            places = ((number, box),)
            found.append(Option(span.value, LEAST, span.text, number, box, places, first))
    return sorted(found, key=lambda o: (round(o.box.y0, 3), o.box.x0))[-_AMOUNTS:]


def _sums(amounts: Sequence[Option]) -> Iterator[Sum]:
    values = [Decimal(o.value) for o in amounts]
    for n, net in enumerate(amounts):
        for t in range(n + 1, len(amounts)):
            tax = amounts[t]
            if not _follows(net.box, tax.box):
                break
            if not LOWEST_TAX <= values[t] / values[n] <= HIGHEST_TAX:
                continue
            for gross, value in zip(amounts[t + 1 :], values[t + 1 :], strict=True):
                if not _follows(net.box, gross.box):
                    break
                if value == values[n] + values[t]:
                    yield net, tax, gross


def _follows(before: Box, after: Box) -> bool:
    return after.y0 - before.y0 <= _NEAR

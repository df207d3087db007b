"""Charges and allowances of a whole document: freight, discounts, and the rest as lines.

A freight charge is the document's shipping amount. What else is charged (packing, insurance) has
no field of its own and becomes a line, as it would be on paper, so that no sum is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from doctally.amounts import plain
from extractors.forms import decimal_of, quantity

_FREIGHT_CODES = {"FC", "DL", "D240", "D500", "G821", "G830"}
"""UNTDID 7161 (freight service, delivery) and X12 element 1300 (freight, shipping, handling)."""

_FREIGHT = re.compile(
    r"freight|shipping|shipment|deliver|carriage|postage|transport(?! doc)|fracht|versand|porto\b|"
    r"lieferkost|zustell|livraison|\bport\b|env[ií]o|flete|spedizione|trasporto|verzend|"
    r"przesy[łl]k|frete",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount added to a document (``adds``) or taken off, why, and its tax in percent."""

    adds: bool
    amount: str
    reason: str = ""
    code: str = ""
    tax_rate: str = ""


def shipping_of(charges: Iterable[Charge]) -> str:
    """Return the sum of the freight charges; empty for none."""
    return _sum(c.amount for c in charges if c.adds and _is_freight(c))


def allowances_of(charges: Iterable[Charge]) -> str:
    """Return the sum of what is taken off; empty for none."""
    return _sum(c.amount for c in charges if not c.adds)


def lines_of(charges: Iterable[Charge]) -> tuple[dict[str, str], ...]:
    """Return the charges that are no freight as cells of lines."""
    return tuple(
        {
            "description": charge.reason or charge.code or "Charge",
            "amount_net": _sum([charge.amount]),
            "tax_rate": quantity(charge.tax_rate),
        }
        for charge in charges
        if charge.adds and not _is_freight(charge) and _sum([charge.amount])
    )


def discount_of(charges: Iterable[Charge]) -> str:
    """Return a line's allowances less its charges (negative: it costs more); empty for none."""
    amounts = [(c.adds, decimal_of(c.amount)) for c in charges]
    total = sum(((-a if adds else a) for adds, a in amounts if a is not None), Decimal(0))
    return plain(total, least=2, most=4) if total else ""


def _is_freight(charge: Charge) -> bool:
    return charge.code.upper() in _FREIGHT_CODES or bool(_FREIGHT.search(charge.reason[:200]))


def _sum(amounts: Iterable[str]) -> str:
    total = sum((a for text in amounts if (a := decimal_of(text)) is not None), Decimal(0))
    return plain(total, least=2, most=4) if total else ""

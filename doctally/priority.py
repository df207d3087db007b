"""What a review queue is sorted by: how doubtful a document is times what is at stake in it.

Doubt is the chance that something is wrong, each reason for a look taken as independent: a value
or type below the confidence asked for counts by its confidence, a broken rule as a coin's throw, a
rejecting one nine times of ten. The stake grows with the number of digits of the amount, so that
no single large invoice hides ten doubtful ones. Currencies are not converted; one without minor
units (yen, won) counts a hundredth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import log10, prod

from babel.numbers import get_currency_precision

from doctally.results import Extraction, Finding, Severity

AMOUNTS = ("amount_due", "total_gross", "total_net")
SUPPLIERS = ("supplier_name", "ship_from_name", "carrier", "customer_name")
_LEFT = {Severity.REVIEW: 0.5, Severity.REJECT: 0.1}
_BY_CONFIDENCE = frozenset({"low_confidence", "route_uncertain"})
_LARGEST = Decimal(10) ** 8


@dataclass(frozen=True, slots=True)
class Headline:
    """A document in a line of the queue; ``doubts`` counts the fields that ask for a look.

    ``priority`` is in 0..9, the larger the sooner; ``amount`` is in units of ``currency``.
    """

    supplier: str | None
    number: str | None
    amount: Decimal | None
    currency: str | None
    doubts: int
    priority: float


def headline(extraction: Extraction, findings: Iterable[Finding]) -> Headline:
    """Return what the queue says about a document, and where it stands in it."""
    asking = [finding for finding in findings if finding.severity is not Severity.INFO]
    fields = {name for finding in asking for name in finding.fields}
    amount, currency = _amount(extraction), _value(extraction, "currency")
    doubt = 1 - prod(_sure(extraction, finding) for finding in asking)
    return Headline(
        supplier=next((v for name in SUPPLIERS if (v := _value(extraction, name))), None),
        number=_value(extraction, "document_number"),
        amount=amount,
        currency=currency,
        doubts=len(fields) + sum(not finding.fields for finding in asking),
        priority=round(doubt * _stake(amount, currency), 6),
    )


def _sure(extraction: Extraction, finding: Finding) -> float:
    """Return the chance that all is well in spite of the finding."""
    if finding.code not in _BY_CONFIDENCE:
        return _LEFT[finding.severity]
    cells = (extraction.fields.get(name) for name in finding.fields)
    certain = [extraction.route_confidence] if "document_type" in finding.fields else []
    return prod(certain + [cell.confidence for cell in cells if cell is not None])


def _stake(amount: Decimal | None, currency: str | None) -> float:
    whole = min(abs(amount or Decimal(0)), _LARGEST)
    if currency and get_currency_precision(currency) == 0:
        whole /= 100
    return 1 + log10(1 + float(whole))


def _value(extraction: Extraction, name: str) -> str | None:
    cell = extraction.fields.get(name)
    return cell.value if cell and cell.value else None


def _amount(extraction: Extraction) -> Decimal | None:
    for name in AMOUNTS:
        try:
            found = Decimal(_value(extraction, name) or "")
        except InvalidOperation:
            continue
        if found.is_finite():
            return found
    return None

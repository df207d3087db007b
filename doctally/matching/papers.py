"""A document as matching sees it: numbers that name others, a supplier, money, typed lines.

NOT handled: goods returned with negative lines on a delivery note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from doctally.record import valid_part
from doctally.results import Extraction
from doctally.schemas import DocumentType

ZERO = Decimal(0)
CENT = Decimal("0.01")
HARDLY = Decimal("0.0001")
"""A quantity below this is what is left of a division by a package's size: nothing."""
_SEVERAL = re.compile(r"\s*(?:[,;&|+]|\s/\s|\bund\b|\band\b|\bet\b|\by\b)\s*", re.IGNORECASE)
BILLS = (DocumentType.INVOICE, DocumentType.CREDIT_NOTE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line, counted from 1; ``amount`` is net of tax and discount, ``price`` per ``unit``.

    ``quantity`` is what the paper is about: ordered, shipped or billed.
    """

    number: int
    text: str = ""
    code: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    amount: Decimal | None = None
    tax_rate: Decimal | None = None
    position: str = ""
    order_number: str = ""

    @property
    def value(self) -> Decimal | None:
        """Return the net amount, computed where the paper does not print it."""
        if self.amount is not None or self.price is None or self.quantity is None:
            return self.amount
        return (self.price * self.quantity).quantize(CENT)

    @property
    def each(self) -> Decimal | None:
        """Return the price of one unit after discount, None where it is unknown."""
        if self.amount is not None and self.quantity:
            return self.amount / self.quantity
        return self.price


@dataclass(frozen=True, slots=True)
class Paper:
    """An order, a shipment notice, an invoice or a credit note.

    ``orders`` are the order numbers it names, ``notes`` the delivery notes; an order that is
    ``closed`` takes no further bills.
    """

    id: str
    kind: DocumentType
    number: str = ""
    orders: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    supplier: str = ""
    supplier_id: str = ""
    day: date | None = None
    currency: str = ""
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    shipping: Decimal | None = None
    discount: Decimal | None = None
    lines: tuple[Line, ...] = ()
    closed: bool = False
    category: str = ""

    @property
    def stake(self) -> Decimal:
        """Return what would be paid for it: the gross total, else the best that is known."""
        for amount in (self.gross, self.net):
            if amount is not None:
                return abs(amount)
        return abs(sum((line.value or ZERO for line in self.lines), ZERO))

    @property
    def sign(self) -> int:
        """Return -1 for a credit note, whose amounts lessen what is billed, else 1."""
        return -1 if self.kind is DocumentType.CREDIT_NOTE else 1


def several(text: str) -> tuple[str, ...]:
    """Return the numbers in a field that names one or more: ``4711, 4712 and 4713``."""
    return tuple(part for part in _SEVERAL.split(text) if any(c.isdigit() for c in part))


def paper_of(
    extraction: Extraction,
    *,
    paper_id: str,
    supplier_id: str = "",
    category: str = "",
    closed: bool = False,
) -> Paper | None:
    """Return an extraction as a paper; None for a type that is not matched.

    What does not fit the schema is left out, as in the findings.
    """
    kind = DocumentType(extraction.document_type)
    if kind not in (*BILLS, DocumentType.PURCHASE_ORDER, DocumentType.SHIPMENT_NOTICE):
        return None
    record, _ = valid_part(extraction)
    own = _text(record, "document_number")
    notes = several(_text(record, "delivery_note_number"))
    if kind is DocumentType.SHIPMENT_NOTICE and own:
        notes = tuple(dict.fromkeys((own, *notes)))
    lines = tuple(
        _line(item, n, shipped=kind is DocumentType.SHIPMENT_NOTICE)
        for n, item in enumerate(getattr(record, "line_items", ()), 1)
    )
    named = (*several(_text(record, "order_number")), *(x.order_number for x in lines))
    is_order = kind is DocumentType.PURCHASE_ORDER
    return Paper(
        id=paper_id,
        kind=kind,
        number=own or (_text(record, "order_number") if is_order else ""),
        orders=() if is_order else tuple(dict.fromkeys(n for n in named if n)),
        notes=notes,
        supplier=_text(record, "supplier_name"),
        supplier_id=supplier_id or _text(record, "supplier_tax_id"),
        day=getattr(record, "ship_date", None) or getattr(record, "issue_date", None),
        currency=_text(record, "currency"),
        net=getattr(record, "total_net", None),
        tax=getattr(record, "total_tax", None),
        gross=getattr(record, "total_gross", None),
        shipping=getattr(record, "shipping_amount", None),
        discount=getattr(record, "discount", None),
        lines=lines,
        closed=closed,
        category=category,
    )


def _text(record: BaseModel, name: str) -> str:
    value = getattr(record, name, None)
    return str(value) if value is not None else ""


def _line(item: BaseModel, number: int, *, shipped: bool) -> Line:
    quantity: Decimal | None = getattr(item, "quantity", None)
    sent: Decimal | None = getattr(item, "shipped_quantity", None)
    amount: Decimal | None = getattr(item, "amount_net", None)
    gross: Decimal | None = getattr(item, "amount_gross", None)
    rate: Decimal | None = getattr(item, "tax_rate", None)
    if amount is None and gross is not None and rate is not None:
        amount = (gross / (1 + rate / 100)).quantize(CENT)
    return Line(
        number=number,
        text=_text(item, "description"),
        code=_text(item, "code"),
        quantity=sent if shipped and sent is not None else quantity,
        unit=_text(item, "unit"),
        price=getattr(item, "unit_price", None),
        amount=amount,
        tax_rate=rate,
        position=_text(item, "position"),
        order_number=_text(item, "order_number"),
    )

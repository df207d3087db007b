"""850 purchase order and 855 purchase order acknowledgement."""

from __future__ import annotations

from collections.abc import Sequence

from doctally.pages import Record
from extractors.edi import values
from extractors.edi.body import before, each, first, groups
from extractors.edi.envelope import Message
from extractors.edi.ordered import order_record
from extractors.edi.syntax import Segment, broken
from extractors.edi.x12.common import charges_of, date_of, priced_item, reference, roles, terms

_WANTED = ("002", "074", "067", "069", "063", "018", "010", "037")
"""Dates of delivery and shipment that a buyer asks for, the plainest first (element 374)."""

_PROMISED = ("068", "067", "017", "079")


def read_order(message: Message) -> Record:
    """Return the record of an 850; raises RefusedRecord when it has no BEG."""
    body = message.body
    start = next(each(body, "BEG"), None)
    if start is None:
        raise broken("The 850 has no BEG, so no order number.")
    numbers = {
        "document_number": start.get(3),
        "issue_date": values.day(start.get(5)),
        "contract_number": start.get(6) or reference(body, "CT"),
    }
    return _record(message, "purchase_order", numbers)


def read_confirmation(message: Message) -> Record:
    """Return the record of an 855, which the contract files as ``other``."""
    start = next(each(message.body, "BAK"), None)
    if start is None:
        raise broken("The 855 has no BAK, so no order number.")
    numbers = {
        "document_number": start.get(8) or start.get(6) or start.get(3),
        "issue_date": values.day(start.get(9) or start.get(4)),
        "order_number": start.get(3),
        "sales_order_number": start.get(8),
        "contract_number": start.get(7),
    }
    return _record(message, "other", numbers)


def _record(message: Message, document_type: str, numbers: dict[str, str]) -> Record:
    body = message.body
    header = before(body, "PO1", "CTT")
    summary = body[len(before(body, "CTT")) :]
    charges = charges_of(header)
    fields = {
        **numbers,
        **roles(header),
        "currency": first(body, "CUR", element=2).upper(),
        "expected_delivery_date": date_of(header, *_WANTED, *_PROMISED),
        "payment_terms": terms(header),
        "total_net": values.amount(first(summary, "AMT", "1", element=2)),
        "total_gross": values.amount(first(summary, "AMT", "TT", element=2)),
    }
    lines = [_line(loop) for loop in groups(body, "PO1", "CTT")]
    return order_record(message, "X12", document_type, fields, lines, charges)


def _line(loop: Sequence[Segment]) -> dict[str, str]:
    told = next(each(loop, "ACK"), None)
    promised = values.day(told.get(5)) if told else ""
    cells = priced_item(loop)
    if told and told.get(2):
        cells |= {"quantity": values.quantity(told.get(2)), "unit": told.get(3) or cells["unit"]}
    return {
        **cells,
        "amount_net": values.amount(first(loop, "AMT", "1", element=2)),
        "delivery_date": promised or date_of(loop, *_WANTED, *_PROMISED),
    }

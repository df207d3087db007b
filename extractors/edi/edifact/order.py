"""ORDERS and its confirmation ORDRSP."""

from __future__ import annotations

from collections.abc import Sequence

from doctally.pages import Record
from extractors.charges import discount_of
from extractors.edi.body import before, first, groups
from extractors.edi.edifact import common
from extractors.edi.envelope import Message
from extractors.edi.ordered import order_record
from extractors.edi.syntax import Segment

_WANTED = ("2", "64", "63", "69", "67", "76", "10", "200", "203")
"""Dates of delivery asked for or promised, the plainest first (code list 2005)."""


def read_order(message: Message) -> Record:
    """Return the record of an ORDERS."""
    return _record(message, "purchase_order", {"order_number": ""})


def read_confirmation(message: Message) -> Record:
    """Return the record of an ORDRSP, which the contract files as ``other``."""
    body = message.body
    numbers = {
        "order_number": common.reference(body, "ON", "CO"),
        "sales_order_number": common.reference(body, "VN"),
    }
    return _record(message, "other", numbers)


def _record(message: Message, document_type: str, numbers: dict[str, str]) -> Record:
    body = message.body
    header = before(body, "LIN", "UNS")
    summary = body[len(before(body, "UNS")) :]
    charges = common.charges_of(header)
    fields = {
        "document_number": common.number_of(body),
        "issue_date": common.date_of(header, "137", "4"),
        "contract_number": common.reference(header, "CT", "BC"),
        "sales_order_number": common.reference(header, "VN"),
        **numbers,
        **common.roles(header),
        "currency": common.currency_of(header),
        "expected_delivery_date": common.date_of(header, *_WANTED),
        "payment_terms": first(header, "FTX", "AAB", "PMT", element=4),
        "total_net": common.money(summary, "79", "125"),
        "total_tax": common.money(summary, "176", "124", "150"),
        "total_gross": common.money(summary, "86", "77", "128"),
    }
    lines = [_line(group) for group in groups(body, "LIN", "UNS")]
    return order_record(message, "EDIFACT", document_type, fields, lines, charges)


def _line(group: Sequence[Segment]) -> dict[str, str]:
    count, unit = common.counted(group, "21", "113", "145", "12", "47")
    return {
        **common.item(group),
        "quantity": count,
        "unit": unit,
        "unit_price": common.price_of(group),
        "discount": discount_of(common.charges_of(group)),
        "tax_rate": common.tax_rate(group),
        "amount_net": common.money(group, "203", "66"),
        "delivery_date": common.date_of(group, *_WANTED),
    }

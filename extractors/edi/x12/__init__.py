"""ANSI X12 transaction sets, releases 003010 to 008xxx: orders, invoices, shipments, statuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from doctally.pages import Record
from extractors.edi.envelope import Message
from extractors.edi.x12.invoice import read_invoice
from extractors.edi.x12.notice import read_notice
from extractors.edi.x12.order import read_confirmation, read_order
from extractors.edi.x12.status import read_status

READERS: Mapping[str, Callable[[Message], Record]] = {
    "850": read_order,
    "855": read_confirmation,
    "810": read_invoice,
    "856": read_notice,
    "214": read_status,
}
"""The reader of each transaction set."""

NAMES: Mapping[str, str] = {
    "204": "motor carrier load tender",
    "210": "motor carrier freight invoice",
    "271": "health care eligibility response",
    "753": "request for routing instructions",
    "812": "credit or debit adjustment",
    "820": "payment order",
    "824": "application advice",
    "830": "planning schedule",
    "832": "price or sales catalogue",
    "835": "health care claim payment",
    "837": "health care claim",
    "846": "inventory advice",
    "852": "product activity",
    "860": "order change",
    "861": "receiving advice",
    "862": "shipping schedule",
    "864": "text message",
    "865": "order change acknowledgement",
    "940": "warehouse shipping order",
    "945": "warehouse shipping advice",
    "990": "response to a load tender",
    "997": "functional acknowledgement",
    "999": "implementation acknowledgement",
}
"""What the sets are that are often sent and that no schema of ours has a place for."""

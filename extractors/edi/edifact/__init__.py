"""UN/EDIFACT messages of any directory (D.93A to D.24B, EANCOM): orders, invoices, shipments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from doctally.pages import Record
from extractors.edi.edifact.invoice import read_invoice
from extractors.edi.edifact.notice import read_notice
from extractors.edi.edifact.order import read_confirmation, read_order
from extractors.edi.edifact.status import read_status
from extractors.edi.envelope import Message

READERS: Mapping[str, Callable[[Message], Record]] = {
    "ORDERS": read_order,
    "ORDRSP": read_confirmation,
    "INVOIC": read_invoice,
    "DESADV": read_notice,
    "IFTSTA": read_status,
}
"""The reader of each message type."""

NAMES: Mapping[str, str] = {
    "APERAK": "application error and acknowledgement",
    "CONTRL": "syntax acknowledgement",
    "CUSCAR": "customs cargo report",
    "DELFOR": "delivery forecast",
    "DELJIT": "just in time delivery",
    "IFCSUM": "forwarding and consolidation summary",
    "IFTMIN": "transport instruction",
    "INVRPT": "inventory report",
    "MSCONS": "metered consumption report",
    "ORDCHG": "order change",
    "PRICAT": "price catalogue",
    "QUOTES": "quotation",
    "RECADV": "receiving advice",
    "REMADV": "remittance advice",
    "SLSRPT": "sales report",
    "UTILMD": "utility master data",
}
"""What the messages are that are often sent and that no schema of ours has a place for."""

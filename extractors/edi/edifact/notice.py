"""DESADV: despatch advice, packages nested by CPS."""

from __future__ import annotations

from collections.abc import Sequence

from doctally.pages import Record
from extractors.edi import values
from extractors.edi.body import before, each, groups
from extractors.edi.edifact import common
from extractors.edi.envelope import Message
from extractors.edi.syntax import Segment
from extractors.forms import kept, kept_cells

_GROSS = ("G", "AAB", "AAD", "WT", "AAC")
"""Gross weights of MEA-02 (code list 6313), the plainest first."""


def read_notice(message: Message) -> Record:
    """Return the record of a DESADV."""
    body = message.body
    header = before(body, "CPS", "LIN", "UNS")
    marks = {code for found in each(body, "GIN", "BJ", "AW") for code in found.parts(2)}
    transport = next(each(header, "TDT", "20", "30"), None)
    named = (transport.get(5, 4) or transport.get(5)) if transport else ""
    lines = [_line(group) for group in groups(body, "LIN", "UNS", "CPS")]
    orders = {line["order_number"] for line in lines if line["order_number"]}
    parties = common.roles(header)
    fields = {
        "document_number": common.number_of(body),
        "issue_date": common.date_of(header, "137"),
        "order_number": common.reference(header, "ON", "CO")
        or (orders.pop() if len(orders) == 1 else ""),
        "sales_order_number": common.reference(header, "VN"),
        "delivery_note_number": common.reference(header, "DQ", "AAK"),
        "bill_of_lading_number": common.reference(header, "BM"),
        "contract_number": common.reference(header, "CT"),
        **parties,
        "carrier": parties["carrier"] or named,
        "tracking_number": common.reference(header, "CN", "AAS", "CRN")
        or (marks.pop() if len(marks) == 1 else ""),
        "ship_date": common.date_of(header, "11", "200"),
        "expected_delivery_date": common.date_of(header, "17", "132", "2", "191", "69"),
        "delivery_date": common.date_of(header, "35"),
        "package_count": _packages(body),
        "gross_weight": _weight(body),
    }
    return Record(
        document_type="shipment_notice",
        fields=kept(fields, "shipment_notice"),
        line_items=tuple(kept_cells(cells) for cells in lines),
        source="edi",
        profile=f"EDIFACT DESADV {message.release}",
    )


def _packages(body: Sequence[Segment]) -> str:
    """Return the count of packages: that of the whole shipment, or else of its parts together."""
    levels = list(groups(body, "CPS", "UNS"))
    whole = [pac for group in levels if not group[0].get(2) for pac in each(group, "PAC")]
    counts = [values.quantity(pac.get(1)) for pac in (whole or each(body, "PAC"))]
    numbers = [int(count) for count in counts if count.isdigit()]
    return str(sum(numbers)) if numbers else ""


def _weight(body: Sequence[Segment]) -> str:
    head = before(body, "LIN")
    for kind in _GROSS:
        for found in head:
            if found.tag == "MEA" and kind in (found.get(2), found.get(1)):
                return values.quantity(found.get(3, 2))
    return ""


def _line(group: Sequence[Segment]) -> dict[str, str]:
    shipped, unit = common.counted(group, "12", "47", "46")
    ordered, _ = common.counted(group, "21")
    return {
        **common.item(group),
        "quantity": ordered,
        "shipped_quantity": shipped,
        "unit": unit,
        "order_number": common.reference(group, "ON"),
        "delivery_date": common.date_of(group, "17", "2", "35"),
    }

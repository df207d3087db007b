"""INVOIC: invoices and, by the code of BGM, credit notes and corrections."""

from __future__ import annotations

from collections.abc import Sequence

from doctally.pages import Record
from extractors.charges import allowances_of, discount_of, lines_of, shipping_of
from extractors.edi import values
from extractors.edi.body import before, each, first, groups
from extractors.edi.edifact import common
from extractors.edi.envelope import Message
from extractors.edi.syntax import Segment
from extractors.forms import kept, kept_cells

_CREDIT_NOTES = {"381", "384", "396", "532", "261", "262", "308", "420", "458", "83"}
"""As in CII: credit notes and corrections of UNTDID 1001."""


def read_invoice(message: Message) -> Record:
    """Return the record of an INVOIC."""
    body = message.body
    header = before(body, "LIN", "UNS")
    summary = body[len(before(body, "UNS")) :]
    document_type = "credit_note" if first(body, "BGM") in _CREDIT_NOTES else "invoice"
    charges = common.charges_of(header)
    start, end = _period(header)
    fields = {
        "document_number": common.number_of(body),
        "issue_date": common.date_of(header, "137", "3"),
        "order_number": common.reference(header, "ON") or _common(body),
        "sales_order_number": common.reference(header, "VN"),
        "delivery_note_number": common.reference(header, "DQ", "AAK"),
        "contract_number": common.reference(header, "CT", "BC"),
        **common.roles(header),
        "currency": common.currency_of(header),
        "delivery_date": common.date_of(header, "35", "11", "1"),
        "service_start": start,
        "service_end": end,
        "due_date": common.date_of(header, "13", "209"),
        "payment_terms": first(header, "FTX", "AAB", "PMT", element=4) or _days(header),
        "total_net": common.money(summary, "125", "389") or common.money(summary, "79"),
        "total_tax": _tax(summary),
        "total_gross": common.money(summary, "77", "39", "128", "86"),
        "amount_due": common.money(summary, "9"),
        "amount_paid": values.nonzero(common.money(summary, "113", "178")),
        "discount": allowances_of(charges),
        "shipping_amount": shipping_of(charges),
    }
    lines = [_line(group) for group in groups(body, "LIN", "UNS")]
    return Record(
        document_type=document_type,
        fields=kept(fields, document_type),
        line_items=tuple(kept_cells(cells) for cells in (*lines, *lines_of(charges))),
        source="edi",
        profile=f"EDIFACT INVOIC {message.release}",
    )


def _period(header: Sequence[Segment]) -> tuple[str, str]:
    """Return the first and last day of the period billed (DTM 194/206 or 263)."""
    start, end = common.date_of(header, "194", "167"), common.date_of(header, "206", "168")
    span = first(header, "DTM", "263", component=2)
    if not start and len(span) >= 16:
        start, end = values.day(span[:8]), values.day(span[-8:])
    return start, end


def _days(header: Sequence[Segment]) -> str:
    """Return the days to pay (PAT+1++5:3:D:30) in words."""
    term = next((found for found in each(header, "PAT") if found.get(3, 4)), None)
    return f"net {term.get(3, 4)} days" if term and term.get(3, 3) == "D" else ""


def _tax(summary: Sequence[Segment]) -> str:
    """Return the whole tax: told once, or else added up over the rates (TAX groups)."""
    whole = common.money(before(summary, "TAX"), "176", "150", "124")
    return whole or values.added(
        *(common.money(group, "124", "150") for group in groups(summary, "TAX", "ALC"))
    )


def _common(body: Sequence[Segment]) -> str:
    """Return the order number that all lines agree on."""
    found = {common.reference(group, "ON") for group in groups(body, "LIN", "UNS")}
    return found.pop() if len(found) == 1 else ""


def _line(group: Sequence[Segment]) -> dict[str, str]:
    count, unit = common.counted(group, "47", "46", "61", "12", "131")
    return {
        **common.item(group),
        "quantity": count,
        "unit": unit,
        "unit_price": common.price_of(group),
        "discount": discount_of(common.charges_of(group)),
        "tax_rate": common.tax_rate(group),
        "amount_net": common.money(group, "203", "66"),
        "order_number": common.reference(group, "ON"),
        "delivery_date": common.date_of(group, "35", "11"),
    }

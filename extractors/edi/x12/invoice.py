"""810 invoice; its type CR or CN makes it a credit note."""

from __future__ import annotations

from collections.abc import Sequence

from doctally.pages import Record
from extractors.charges import Charge, allowances_of, discount_of, lines_of, shipping_of
from extractors.edi import values
from extractors.edi.body import before, each, first, groups
from extractors.edi.envelope import Message
from extractors.edi.syntax import Segment, broken
from extractors.edi.x12.common import charges_of, date_of, priced_item, reference, roles, terms
from extractors.forms import kept, kept_cells

_TAX = {"H850", "H740", "H730", "H650", "H680", "H700", "H710"}
"""Codes of element 1300 that are taxes, not charges."""

_END = ("TDS", "CTT")


def read_invoice(message: Message) -> Record:
    """Return the record of an 810; raises RefusedRecord when it has no BIG."""
    body = message.body
    start = next(each(body, "BIG"), None)
    if start is None:
        raise broken("The 810 has no BIG, so no number and date.")
    document_type = "credit_note" if start.get(7) in ("CR", "CN") else "invoice"
    header = before(body, "IT1", *_END)
    summary = body[len(before(body, *_END)) :]
    all_charges = [*charges_of(header), *charges_of(summary)]
    charges = [charge for charge in all_charges if charge.code not in _TAX]
    others = lines_of(charges)
    items = values.amount(first(summary, "AMT", "1", element=2))
    fields = {
        "document_number": start.get(2),
        "issue_date": values.day(start.get(1)),
        "order_number": start.get(4) or _common(body, "PO"),
        "sales_order_number": reference(header, "VN", "OQ", "SO"),
        "delivery_note_number": reference(header, "PK", "SI", "DO"),
        "contract_number": reference(header, "CT"),
        "customer_number": reference(header, "11", "AC"),
        "supplier_tax_id": reference(header, "GT", "TJ", "VX"),
        **_roles(header, body),
        "currency": first(header, "CUR", element=2).upper(),
        "delivery_date": date_of(header, "035", "011"),
        "due_date": values.day(first(header, "ITD", element=6)) or date_of(header, "814"),
        "payment_terms": terms(header),
        "total_net": values.added(items, *(line["amount_net"] for line in others)) if items else "",
        "total_tax": _tax(all_charges, [*header, *summary]),
        "total_gross": values.cents(first(summary, "TDS")),
        "amount_due": values.amount(first(summary, "AMT", "BAP", element=2)),
        "discount": allowances_of(charges),
        "shipping_amount": shipping_of(charges),
    }
    lines = [_line(loop) for loop in groups(body, "IT1", *_END)]
    return Record(
        document_type=document_type,
        fields=kept(fields, document_type),
        line_items=tuple(kept_cells(cells) for cells in (*lines, *others)),
        source="edi",
        profile=f"X12 {message.kind} {message.release}",
    )


def _roles(header: Sequence[Segment], body: Sequence[Segment]) -> dict[str, str]:
    """Return the parties of the header; who is missing there, from the lines."""
    own = roles(header)
    return {name: own[name] or value for name, value in roles(body).items()}


def _tax(charges: Sequence[Charge], segments: Sequence[Segment]) -> str:
    """Return the tax charged: as SAC, or else the taxes (TXI) of header and summary."""
    charged = [charge.amount for charge in charges if charge.code in _TAX]
    told = [values.amount(found.get(2)) for found in each(segments, "TXI")]
    return values.added(*(charged or told))


def _common(body: Sequence[Segment], qualifier: str) -> str:
    """Return the order number that all lines agree on."""
    found = {code for line in each(body, "IT1") if (code := _pair(line, qualifier))}
    return found.pop() if len(found) == 1 else ""


def _pair(line: Segment, qualifier: str) -> str:
    places = range(6, len(line.elements), 2)
    return next((line.get(at + 1) for at in places if line.get(at) == qualifier), "")


def _line(loop: Sequence[Segment]) -> dict[str, str]:
    order = _pair(loop[0], "PO")
    cells = priced_item(loop)
    return {
        **cells,
        "code": "" if cells["code"] == order else cells["code"],
        "discount": discount_of([c for c in charges_of(loop) if not c.adds]),
        "order_number": order,
    }

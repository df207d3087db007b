"""What X12 and EDIFACT orders have in common once their segments are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doctally.pages import Record
from extractors.charges import Charge, allowances_of, lines_of, shipping_of
from extractors.edi.envelope import Message
from extractors.forms import kept, kept_cells


def order_record(
    message: Message,
    syntax: str,
    document_type: str,
    fields: Mapping[str, str],
    lines: Sequence[Mapping[str, str]],
    charges: Sequence[Charge],
) -> Record:
    """Return the record of an order or its confirmation; ``charges`` are the whole order's."""
    told = {
        **fields,
        "discount": allowances_of(charges),
        "shipping_amount": shipping_of(charges),
    }
    return Record(
        document_type=document_type,
        fields=kept(told, "purchase_order"),
        line_items=tuple(kept_cells(cells) for cells in (*lines, *lines_of(charges))),
        source="edi",
        profile=f"{syntax} {message.kind} {message.release}",
    )

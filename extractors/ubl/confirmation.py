"""Order confirmations (OrderResponse, OrderResponseSimple): the contract files them as ``other``.

Their order's numbers, dates, prices and lines are kept all the same, so that nothing a supplier
promised is lost; ``doctally.rules`` notes them as values of another type.
"""

from __future__ import annotations

from doctally.pages import Record
from extractors.forms import kept
from extractors.tree import Node
from extractors.ubl.lines import priced_lines
from extractors.ubl.priced import priced_values


def read_confirmation(root: Node) -> Record:
    """Return the record of an order response; ``order_number`` is the order's it answers."""
    values = priced_values(root) | {"order_number": root.get("OrderReference/ID")}
    return Record(
        document_type="other",
        fields=kept(values, "purchase_order"),
        line_items=priced_lines(root),
        profile=root.get("CustomizationID", "UBLVersionID"),
    )

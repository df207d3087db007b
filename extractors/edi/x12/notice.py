"""856 ship notice: a tree of shipment, orders, packages and items (HL)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from doctally.pages import Record
from extractors.edi import values
from extractors.edi.body import before, each, first, groups
from extractors.edi.envelope import Message
from extractors.edi.syntax import Segment, broken
from extractors.edi.x12.common import date_of, item_code, reference, roles
from extractors.forms import kept, kept_cells


@dataclass(frozen=True, slots=True)
class Level:
    """A node of the tree: HL-01, HL-02, HL-03 (S, O, T, P, I) and its segments."""

    number: str
    parent: str
    kind: str
    segments: tuple[Segment, ...]


def read_notice(message: Message) -> Record:
    """Return the record of an 856.

    Raises RefusedRecord without BSN or with a tree that does not hold together.
    """
    body = message.body
    start = next(each(body, "BSN"), None)
    if start is None:
        raise broken("The 856 has no BSN, so no shipment number.")
    tree = _tree(body)
    shipment = [s for level in tree.values() if level.kind == "S" for s in level.segments]
    orders = {number: _order(level) for number, level in tree.items() if level.kind == "O"}
    numbers = {number for number in orders.values() if number}
    marks = {mark for level in tree.values() for mark in _sscc(level)}
    carrier = next(each(shipment, "TD5"), None)
    head = [*before(body, "HL"), *shipment]
    fields = {
        "document_number": start.get(2),
        "issue_date": values.day(start.get(3)),
        "order_number": numbers.pop() if len(numbers) == 1 else "",
        **roles(shipment),
        "carrier": (carrier.get(5) or carrier.get(3)) if carrier else "",
        "tracking_number": reference(shipment, "CN", "2I", "08")
        or (marks.pop() if len(marks) == 1 else ""),
        "bill_of_lading_number": reference(shipment, "BM", "MB"),
        "delivery_note_number": reference(shipment, "PK", "SI"),
        "ship_date": date_of(head, "011"),
        "expected_delivery_date": date_of(head, "017", "002", "067"),
        "delivery_date": date_of(head, "035"),
        "package_count": values.quantity(first(shipment, "TD1", element=2)),
        "gross_weight": values.quantity(first(shipment, "TD1", element=7)),
    }
    return Record(
        document_type="shipment_notice",
        fields=kept(fields, "shipment_notice"),
        line_items=tuple(
            kept_cells({**_line(level), "order_number": _order_of(level, tree, orders)})
            for level in tree.values()
            if level.kind == "I"
        ),
        source="edi",
        profile=f"X12 856 {message.release}",
    )


def _tree(body: Sequence[Segment]) -> Mapping[str, Level]:
    """Return the levels by number; each parent must come before its children."""
    tree: dict[str, Level] = {}
    for loop in groups(body, "HL", "CTT"):
        level = Level(loop[0].get(1), loop[0].get(2), loop[0].get(3), tuple(loop[1:]))
        if not level.number or level.number in tree:
            raise broken(f"The 856 has two levels {level.number or 'without a number'}.")
        if level.parent and level.parent not in tree:
            raise broken(f"Level {level.number} of the 856 hangs on {level.parent}, which is none.")
        tree[level.number] = level
    if not any(level.kind == "S" for level in tree.values()):
        raise broken("The 856 has no level of the shipment.")
    return tree


def _order(level: Level) -> str:
    return first(level.segments, "PRF")


def _order_of(level: Level, tree: Mapping[str, Level], orders: Mapping[str, str]) -> str:
    """Return the order number of the nearest order above an item."""
    while level.parent:
        level = tree[level.parent]
        if level.number in orders:
            return orders[level.number]
    return ""


def _sscc(level: Level) -> Iterator[str]:
    for mark in each(level.segments, "MAN", "GM", "AA", "SM"):
        if mark.get(2):
            yield mark.get(2)


def _line(level: Level) -> dict[str, str]:
    item = next(each(level.segments, "LIN"), None)
    shipped = next(each(level.segments, "SN1"), None)
    return {
        "position": (item.get(1) if item else "") or (shipped.get(1) if shipped else ""),
        "code": item_code(item, 2) if item else "",
        "description": first(level.segments, "PID", element=5),
        "quantity": values.quantity(shipped.get(5)) if shipped else "",
        "shipped_quantity": values.quantity(shipped.get(2)) if shipped else "",
        "unit": shipped.get(3) if shipped else "",
    }

"""The registry of tasks: a task is a declaration, never new model code.

A ``tag`` task reads the header fields of its document types, and the cells of their lines; its
labels derive from the schemas. A ``classify`` task chooses one of its labels for a window, a
``pair`` task for two records that stand in one window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from doctally.schemas import (
    DocumentType,
    Kind,
    ShipmentState,
    has_line_items,
    header_fields,
    item_fields,
)

OUTSIDE = "outside"
ROUTE = "route"
ITEM = "item."
PARTIES = ("supplier", "customer", "ship_to", "ship_from")
PARTY_FIELDS = frozenset(f"{p}_{part}" for p in PARTIES for part in ("name", "address"))


@dataclass(frozen=True, slots=True)
class Label:
    """A label's name, the text its vector starts from, and the kind of its values."""

    name: str
    description: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Task:
    """What a prompt steers the backbone to do."""

    name: str
    head: Literal["tag", "classify", "pair"]
    labels: tuple[Label, ...]
    document_types: tuple[str, ...] = ()
    line_break: str = ", "

    @property
    def names(self) -> tuple[str, ...]:
        """Return the label names in their order."""
        return tuple(label.name for label in self.labels)


_ROUTE = {
    DocumentType.INVOICE: "invoice, tax invoice, request for payment",
    DocumentType.CREDIT_NOTE: "credit note, corrected invoice, refund",
    DocumentType.RECEIPT: "till receipt, cash sale, paid, thank you",
    DocumentType.PURCHASE_ORDER: "purchase order, contract order, please supply",
    DocumentType.SHIPMENT_NOTICE: "delivery note, packing slip, despatch advice, bill of lading",
    DocumentType.SHIPMENT_STATUS: "shipment status, tracking update, out for delivery",
    DocumentType.OTHER: "letter, contract, statement, reminder, brochure",
}


_STATES = {
    ShipmentState.PENDING: "order received, label not made yet, waiting for the parcel",
    ShipmentState.INFO_RECEIVED: "shipment data sent, label created, electronically announced",
    ShipmentState.IN_TRANSIT: "in transit, picked up, departed, arrived at a depot, customs",
    ShipmentState.OUT_FOR_DELIVERY: "out for delivery today, in the delivery vehicle",
    ShipmentState.ATTEMPT_FAILED: "delivery attempted, nobody home, notice left",
    ShipmentState.AVAILABLE_FOR_PICKUP: "ready for pick-up at a shop or post office",
    ShipmentState.DELIVERED: "delivered, signed for, handed over",
    ShipmentState.EXCEPTION: "exception, delay, damaged, lost, returned, held, refused",
    ShipmentState.EXPIRED: "no longer available, expired, not collected in time",
}


_MATCH = {
    "different": "another item, another size or model",
    "same": "the same item in other words",
}


def _tag_task(name: str, *types: DocumentType, line_break: str = ", ") -> Task:
    labels = [Label(OUTSIDE, "other text")]
    for document_type in types:
        for spec in header_fields(document_type):
            known = {label.name for label in labels}
            # a state is a judgement on the whole message, a task of its own kind
            if spec.kind is not Kind.STATUS and spec.name not in known:
                labels.append(Label(spec.name, spec.description, spec.kind))
    if has_line_items(types[0]):
        labels += [Label(ITEM + s.name, f"table: {s.description}", s.kind) for s in item_fields()]
    return Task(name, "tag", tuple(labels), tuple(str(t) for t in types), line_break)


TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task(
            ROUTE,
            "classify",
            tuple(Label(str(name), text) for name, text in _ROUTE.items()),
        ),
        Task(
            "status",
            "classify",
            tuple(Label(str(name), text) for name, text in _STATES.items()),
        ),
        Task("match", "pair", tuple(Label(name, text) for name, text in _MATCH.items())),
        _tag_task("invoice", DocumentType.INVOICE, DocumentType.CREDIT_NOTE),
        _tag_task("purchase_order", DocumentType.PURCHASE_ORDER),
        _tag_task("receipt", DocumentType.RECEIPT, line_break=" "),
        _tag_task("shipment_notice", DocumentType.SHIPMENT_NOTICE),
        _tag_task("shipment_status", DocumentType.SHIPMENT_STATUS),
    )
}


def task_for(document_type: str) -> Task | None:
    """Return the tag task that reads this document type, None where there is none."""
    return next((t for t in TASKS.values() if document_type in t.document_types), None)

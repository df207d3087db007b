"""Where a shipment is: TransportationStatus and TransportProgressStatus.

The state comes from the code of the latest event (UN/ECE Recommendation 24), or else from what
is written beside it. Texts go first where both are there: editions number the codes differently.
"""

from __future__ import annotations

from doctally.exceptions import reason_of
from doctally.pages import Happened, Record
from extractors.forms import day, kept, moment
from extractors.states import state_of_code, state_of_text
from extractors.tree import Node
from extractors.ubl.parties import address_of, name_of

_UNITS = (
    "Consignment",
    "Consignment/TransportHandlingUnit",
    "ReferencedConsignment",
    "Shipment",
    "TransportSchedule",
    "",
)


def read_status(root: Node) -> Record:
    """Return the record of a transportation status."""
    units = [unit for path in _UNITS for unit in (root.each(path) if path else (root,))]
    events = [(_time(event), event) for unit in units for event in unit.each("TransportEvent")]
    events += [("", status) for unit in units for status in unit.each("Status")]
    when, event = max(events, key=lambda found: found[0], default=("", root))
    values = {
        "document_number": root.get("ID"),
        "issue_date": day(root.get("IssueDate")),
        "tracking_number": root.get(
            "Consignment/CarrierAssignedID",
            "Consignment/ID",
            "ReferencedConsignment/ID",
            "ReferencedShipment/ID",
            "OriginalWaybillDocumentReference/ID",
        ),
        "order_number": root.get("OrderReference/ID"),
        "carrier": next((name_of(party) for party in root.each("SenderParty")), ""),
        "status": _state(event, root.get("TransportExecutionStatusCode")),
        "status_reason": _reason(event),
        "event_time": when or moment(root.get("IssueDate"), root.get("IssueTime")),
        "event_location": _place(event)
        or next(
            (
                place
                for unit in units
                for node in unit.each("StatusLocation")
                if (place := _place(node))
            ),
            "",
        ),
        "expected_delivery_date": day(
            root.get(
                "TransportSchedule/EstimatedArrivalTransportEvent/Period/EndDate",
                "Consignment/EstimatedDeliveryPeriod/EndDate",
                "EstimatedDeliveryTransportEvent/OccurrenceDate",
            )
        ),
    }
    return Record(
        document_type="shipment_status",
        fields=kept(values, "shipment_status"),
        profile=root.get("CustomizationID", "UBLVersionID"),
        events=tuple(
            _happened(time, one)
            for time, one in sorted(events, key=lambda found: found[0])
            if time and one is not event
        ),
    )


def _happened(when: str, event: Node) -> Happened:
    said, state = _reason(event), _state(event)
    why = reason_of(said, state) if said and state else None
    return Happened(when, said, state, str(why or ""), _place(event))


def _reason(event: Node) -> str:
    return event.get("Status/StatusReason", "StatusReason", "Description", "Status/Description")


def _state(event: Node, *others: str) -> str:
    codes = ("TransportEventTypeCode", "Status/ConditionCode", "TransportExecutionStatusCode")
    code = event.get(*codes) or next(iter(others), "")
    return state_of_text(_reason(event)) or state_of_code("un", code)


def _time(event: Node) -> str:
    return moment(event.get("OccurrenceDate"), event.get("OccurrenceTime"))


def _place(node: Node) -> str:
    return node.get("Location/Name", "Name", "Location/Description") or address_of(
        node, "Location/Address", "Address"
    )

"""IFTSTA: the status of one consignment (a message of many is split before, see ``parts``)."""

from __future__ import annotations

from collections.abc import Sequence

from doctally.exceptions import reason_of
from doctally.pages import Happened, Record
from doctally.reason_codes import coded_reason
from extractors.edi.body import before, each, first, groups
from extractors.edi.edifact import common
from extractors.edi.envelope import Message
from extractors.edi.syntax import Segment
from extractors.forms import kept
from extractors.states import state_of_code, state_of_text

_WHEN = ("334", "7", "178", "186", "35", "78", "133", "137")
"""When it happened: status change, effective, arrival, departure, delivery (code list 2005)."""


def read_status(message: Message) -> Record:
    """Return the record of an IFTSTA; the latest event decides."""
    body = message.body
    header = before(body, "CNI")
    events = [(common.time_of(group, *_WHEN), n, group) for n, group in enumerate(_events(body))]
    when, _, latest = max(events, key=lambda event: event[:2], default=("", 0, ()))
    what = latest[0] if latest else None
    reason = _reason(what, latest) if what else ""
    parties = common.roles([*header, *body[len(header) :]])
    transport = next(each(body, "TDT"), None)
    named = (transport.get(5, 4) or transport.get(5)) if transport else ""
    fields = {
        "document_number": common.number_of(body),
        "issue_date": common.date_of(header, "137"),
        "tracking_number": first(body, "CNI", element=2)
        or common.reference(body, "CN", "AAS", "BN", "CU", "BM"),
        "order_number": common.reference(body, "ON", "CO"),
        **parties,
        "carrier": parties["carrier"] or named or parties["supplier_name"],
        "status": _state(what, reason) if what else "",
        "status_reason": reason,
        "event_time": when,
        "event_location": _place(latest),
        "expected_delivery_date": common.date_of(body, "17", "132"),
    }
    return Record(
        document_type="shipment_status",
        fields=kept(fields, "shipment_status"),
        source="edi",
        profile=f"EDIFACT IFTSTA {message.release}",
        events=tuple(
            _happened(time, group)
            for time, n, group in sorted(events, key=lambda event: event[:2])
            if time and group is not latest
        ),
    )


def _happened(when: str, group: Sequence[Segment]) -> Happened:
    reason = _reason(group[0], group)
    state = _state(group[0], reason)
    why = reason_of(reason, state) if state else None
    said = group[0].get(2, 4) or reason or f"EDIFACT 9011 {group[0].get(2)}"
    return Happened(when, said, state, str(why or ""), _place(group))


def _events(body: Sequence[Segment]) -> list[tuple[Segment, ...]]:
    return list(groups(body, "STS", "CNI"))


def _state(what: Segment, reason: str) -> str:
    """Return the state of C555: its code, or else the words beside it or of the reason."""
    return (
        state_of_code("un", what.get(2)) or state_of_text(what.get(2, 4)) or state_of_text(reason)
    )


def _reason(what: Segment, group: Sequence[Segment]) -> str:
    """Return the reason in words, or its code (9013), or a state's (9011) that says why itself."""
    told = what.get(3, 4) or first(group, "FTX", element=4)
    if told or what.get(3):
        return told or f"EDIFACT 9013 {what.get(3)}"
    itself = f"EDIFACT 9011 {what.get(2)}"
    return itself if coded_reason(itself)[0] else ""


def _place(group: Sequence[Segment]) -> str:
    place = next(each(group, "LOC"), None)
    return (place.get(2, 4) or place.get(2)) if place else ""

"""214 carrier shipment status: the latest event decides."""

from __future__ import annotations

from collections.abc import Sequence

from doctally.exceptions import reason_of
from doctally.pages import Happened, Record
from extractors.edi import values
from extractors.edi.body import each, first, groups
from extractors.edi.envelope import Message
from extractors.edi.syntax import Segment, broken
from extractors.edi.x12.common import parties, roles
from extractors.forms import kept
from extractors.states import state_of_code

_NORMAL = ("NS", "NA")
"""Reasons (element 1651) that say nothing: normal status, normal appointment."""


def read_status(message: Message) -> Record:
    """Return the record of a 214; raises RefusedRecord when it has no B10."""
    body = message.body
    start = next(each(body, "B10"), None)
    if start is None:
        raise broken("The 214 has no B10, so no shipment number.")
    events = [(_time(loop[0]), place, loop) for place, loop in enumerate(_events(body))]
    when, _, latest = max(events, key=lambda event: event[:2], default=("", 0, ()))
    what = latest[0] if latest else None
    carriers = [party.name for party in parties(body) if party.role == "CA" and party.name]
    group = values.day(message.group.get(4)) if message.group else ""
    fields = {
        "document_number": start.get(2) or start.get(1),
        "tracking_number": start.get(1) or start.get(6),
        "issue_date": group or when[:10],
        "order_number": _number(body, "PO"),
        **roles(body),
        "carrier": next(iter(carriers), start.get(3)),
        "status": state_of_code("x12", what.get(1)) if what else "",
        "status_reason": _reason(what) if what else "",
        "event_time": when,
        "event_location": _place(latest),
        "expected_delivery_date": _estimate(body),
    }
    return Record(
        document_type="shipment_status",
        fields=kept(fields, "shipment_status"),
        source="edi",
        profile=f"X12 214 {message.release}",
        events=tuple(
            _happened(time, loop)
            for time, place, loop in sorted(events, key=lambda event: event[:2])
            if time and loop is not latest
        ),
    )


def _happened(when: str, loop: Sequence[Segment]) -> Happened:
    what = loop[0]
    state, reason = state_of_code("x12", what.get(1)), _reason(what)
    why = reason_of(reason, state) if reason else None
    return Happened(when, f"X12 1650 {what.get(1)}", state, str(why or ""), _place(loop))


def _reason(what: Segment) -> str:
    reason = what.get(2)
    return f"X12 1651 {reason}" if reason and reason not in _NORMAL else ""


def _place(loop: Sequence[Segment]) -> str:
    where = next(each(loop, "MS1"), None)
    return values.joined(*(where.get(at) for at in (1, 2, 3))) if where else ""


def _events(body: Sequence[Segment]) -> list[tuple[Segment, ...]]:
    """Return the loops of AT7 that tell what has happened, not what is planned."""
    loops = list(groups(body, "AT7", "LX"))
    return [loop for loop in loops if loop[0].get(1) not in ("", *_ESTIMATES)] or loops


_ESTIMATES = ("AG", "X2", "B6", "C1", "E1")


def _estimate(body: Sequence[Segment]) -> str:
    found = [event for event in each(body, "AT7", "AG", "X2") if event.get(5)]
    return values.day(found[-1].get(5)) if found else values.day(first(body, "G62", element=2))


def _time(event: Segment) -> str:
    zone = "Z" if event.get(7) in ("UT", "GM") else ""
    time = values.moment(event.get(5), event.get(6))
    return time + zone if "T" in time else time


def _number(body: Sequence[Segment], qualifier: str) -> str:
    return next((s.get(1) for s in each(body, "L11") if s.get(2) == qualifier), "")

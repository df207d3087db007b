"""A shipment's history: events in any order, from several messages, to where it stands now.

A pure function of the events. The latest event decides; of those of one time the further one.
A parcel that was delivered stays delivered, unless it was returned, lost or damaged afterwards.
NOT handled: several parcels under one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from doctally.schemas import ShipmentState
from doctally.tracking import compact, recognise

State = ShipmentState
_ORDER = (
    State.PENDING,
    State.INFO_RECEIVED,
    State.IN_TRANSIT,
    State.OUT_FOR_DELIVERY,
    State.ATTEMPT_FAILED,
    State.EXCEPTION,
    State.AVAILABLE_FOR_PICKUP,
    State.EXPIRED,
    State.DELIVERED,
)
_FURTHER = {state: place for place, state in enumerate(_ORDER)}
_EARLY = frozenset({State.PENDING, State.INFO_RECEIVED})
DONE = frozenset({State.DELIVERED, State.EXPIRED})
ALARMING = frozenset({State.EXCEPTION, State.ATTEMPT_FAILED, State.EXPIRED})
_UNDONE = frozenset({"returned", "lost", "damaged", "refused"})
SILENT = timedelta(days=7)
"""A shipment that nobody has heard of for so long needs a look."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a message says happened; ``when`` without a zone is taken as UTC for the order.

    ``heard`` is when the message came in.
    """

    state: ShipmentState | None
    when: datetime | None
    heard: datetime
    reason: str = ""
    place: str = ""
    expected: date | None = None
    document_id: int = 0


@dataclass(frozen=True, slots=True)
class Shipment:
    """Where a shipment stands; ``history`` is in order of time, ``doubts`` are contradictions."""

    number: str
    carrier: str
    state: ShipmentState | None
    reason: str
    since: datetime | None
    place: str
    expected: date | None
    history: tuple[Event, ...]
    doubts: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    invoices: tuple[int, ...] = ()

    def alerts(self, *, today: date) -> tuple[str, ...]:
        """Return what somebody should look at: overdue, exception, silent, contradiction."""
        found = []
        if self.state in ALARMING:
            found.append("exception")
        if self.state not in DONE and self.expected is not None and self.expected < today:
            found.append("overdue")
        last = self.since.date() if self.since is not None else None
        if self.state not in DONE and last is not None and today - last > SILENT:
            found.append("silent")
        return (*found, *(["contradiction"] if self.doubts else []))


def moment(event: Event) -> datetime:
    """Return when an event was, as good as it is known."""
    when = event.when or event.heard
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def ordered(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events by time, the same one told twice only once."""
    once: dict[tuple[object, ...], Event] = {}
    for event in events:
        who = event.document_id if event.when is None else 0
        key = (event.state, event.reason, moment(event), event.place.casefold(), who)
        once.setdefault(key, event)
    return tuple(sorted(once.values(), key=lambda e: (moment(e), _further(e))))


def _further(event: Event) -> int:
    return -1 if event.state is None else _FURTHER[event.state]


def shipment(number: str, carrier: str, events: Iterable[Event]) -> Shipment:
    """Return where a shipment stands after its events, whatever order they came in."""
    history = ordered(events)
    told = [event for event in history if event.state is not None]
    current = told[-1] if told else None
    doubts = []
    delivered = next((event for event in told if event.state is State.DELIVERED), None)
    if delivered is not None and current is not delivered:
        after = [e for e in told if moment(e) > moment(delivered)]
        undone = [e for e in after if e.state is State.EXCEPTION and e.reason in _UNDONE]
        if undone:
            doubts.append(f"{undone[-1].reason} after it was delivered")
            current = undone[-1]
        else:
            current = delivered
        if odd := [e for e in after if e.state not in (State.DELIVERED, State.EXCEPTION)]:
            doubts.append(f"{odd[-1].state} after it was delivered")
    moving = next((e for e in told if e.state not in _EARLY), None)
    if moving is not None:
        late = [e for e in told if e.state in _EARLY and moment(e) > moment(moving)]
        if late and current in late:
            current = [e for e in told if e.state not in _EARLY][-1]
        if late:
            doubts.append(f"{late[-1].state} after it was on its way")
    promised = [e for e in sorted(history, key=moment) if e.expected is not None]
    where = current or (history[-1] if history else None)
    known = recognise(number)
    return Shipment(
        number=compact(number),
        carrier=carrier or (known.carrier if known is not None and known.carrier != "SSCC" else ""),
        state=current.state if current else None,
        reason=current.reason if current else "",
        since=moment(where) if where else None,
        place=where.place if where else "",
        expected=promised[-1].expected if promised else None,
        history=history,
        doubts=tuple(doubts),
    )


def alarming(found: Sequence[Shipment], *, today: date) -> list[tuple[Shipment, tuple[str, ...]]]:
    """Return the shipments with alerts, the longest overdue first."""
    told = [(one, alerts) for one in found if (alerts := one.alerts(today=today))]
    return sorted(told, key=lambda pair: (pair[0].expected or date.max, pair[0].number))

"""Events of a parcel on its way, the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from synth.deal import Deal
from synth.dice import Dice
from synth.wording import variants

STATES = {
    "pending": 6,
    "info_received": 12,
    "in_transit": 26,
    "out_for_delivery": 13,
    "attempt_failed": 9,
    "available_for_pickup": 9,
    "delivered": 15,
    "exception": 8,
    "expired": 3,
}


_BEFORE = {
    "delivered": ("out_for_delivery", "in_transit", "in_transit", "info_received"),
    "out_for_delivery": ("in_transit", "in_transit", "info_received"),
    "attempt_failed": ("out_for_delivery", "in_transit", "info_received"),
    "available_for_pickup": ("attempt_failed", "in_transit", "info_received"),
    "in_transit": ("in_transit", "info_received"),
    "exception": ("in_transit", "in_transit", "info_received"),
    "expired": ("in_transit", "info_received"),
    "info_received": ("pending",),
    "pending": (),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A scan of a parcel."""

    state: str
    text: str
    when: datetime
    place: str


def history(dice: Dice, deal: Deal) -> list[Event]:
    """Return events, the latest first."""
    state = dice.weighted(STATES)
    before = list(_BEFORE[state])[: dice.randint(0, 6)]
    states = [state, *before]
    when = datetime(
        deal.day.year, deal.day.month, deal.day.day, dice.randint(5, 21), dice.randint(0, 59)
    )
    events = []
    town = deal.customer.lines[-1]
    for k, name in enumerate(states):
        place = (
            town.split(",")[0].strip("0123456789 -")
            if k == 0 and dice.chance(0.5)
            else dice.pick((deal.supplier, deal.customer)).lines[-1].strip("0123456789 -")
        )
        place = place or "Hub"
        events.append(Event(name, dice.pick(variants(deal.language, f"st.{name}")), when, place))
        when -= timedelta(minutes=dice.randint(45, 2200))
    return events

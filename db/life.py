"""The life of a document: which state may follow which; nothing else decides it.

``claimed -> read -> routed -> extracted -> validated [-> matched] -> accepted | review``, then
``confirmed`` by a person; ``failed`` from any step of the work. A file that only holds other
documents ends as ``unpacked`` once it is read. A document that is taken up again starts over at
``claimed``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from doctally.errors import DoctallyError
from doctally.results import State

WORKING = (
    State.CLAIMED,
    State.READ,
    State.ROUTED,
    State.EXTRACTED,
    State.VALIDATED,
    State.MATCHED,
)
STORED = (State.ACCEPTED, State.REVIEW, State.CONFIRMED)
"""The ended states in which a document has its values."""

_AGAIN = frozenset({State.CLAIMED, State.FAILED})
NEXT: Mapping[State, frozenset[State]] = {
    State.CLAIMED: frozenset({State.READ}) | _AGAIN,
    State.READ: frozenset({State.ROUTED, State.UNPACKED}) | _AGAIN,
    State.ROUTED: frozenset({State.EXTRACTED}) | _AGAIN,
    State.EXTRACTED: frozenset({State.VALIDATED}) | _AGAIN,
    State.VALIDATED: frozenset({State.MATCHED, State.ACCEPTED, State.REVIEW}) | _AGAIN,
    State.MATCHED: frozenset({State.ACCEPTED, State.REVIEW}) | _AGAIN,
    State.ACCEPTED: frozenset({State.REVIEW, State.CONFIRMED}),
    State.REVIEW: frozenset({State.ACCEPTED, State.CONFIRMED, State.FAILED, State.CLAIMED}),
    State.CONFIRMED: frozenset({State.REVIEW}),
    State.FAILED: frozenset({State.CLAIMED}),
    State.UNPACKED: frozenset(),
}


class IllegalTransition(DoctallyError):
    """A document was to go to a state that cannot follow its own."""

    code = "illegal_transition"

    def __init__(self, before: State, after: State) -> None:
        super().__init__(f"a document cannot go from {before} to {after}")


def step(before: State, after: State) -> None:
    """Raise IllegalTransition unless ``after`` may follow ``before`` directly."""
    if after not in NEXT[before]:
        raise IllegalTransition(before, after)


def path(before: State, after: State) -> tuple[State, ...]:
    """Return the states to walk through, the last being ``after``; () if it is reached already.

    States in between are steps of the work only. Raises IllegalTransition if there is no way.
    """
    if before is after:
        return ()
    ways: deque[tuple[State, ...]] = deque([(before,)])
    while ways:
        way = ways.popleft()
        if after in NEXT[way[-1]]:
            return (*way[1:], after)
        between = (s for s in WORKING if s in NEXT[way[-1]] and s not in (State.CLAIMED, *way))
        ways.extend((*way, state) for state in between)
    raise IllegalTransition(before, after)

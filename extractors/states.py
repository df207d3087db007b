"""Which of the nine states a carrier's event means: by the standards' codes, or by its words.

Codes: X12 element 1650 (AT7-01), UN/EDIFACT data element 9011 (also UN/ECE Recommendation 24).
A code or text that says nothing of the nine gives nothing; nobody guesses here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_X12: Mapping[str, str] = {
    "info_received": "XB X3 X8 L1 E1",
    "in_transit": "AF CP AM AG X2 X4 X6 P1 I1 OA AR RL BA BC C1 B6 J1 K1 AI AN CL R1 PR RR",
    "out_for_delivery": "X1 X5 AJ S1",
    "attempt_failed": "AH AP",
    "available_for_pickup": "AV AW",
    "delivered": "D1 CD",
    "exception": "A3 A7 A9 SD CA BO",
}
_UN: Mapping[str, str] = {
    "info_received": "6 68 71 84",
    "in_transit": "1 8 9 10 11 12 13 15 16 24 26 27 28 29 31 35 37 40 41 42 43 44 46 47 48 50 59 "
    "67 70 74 75 76 78 79 88 91 92 93 94 98 99 100",
    "attempt_failed": "23 56",
    "available_for_pickup": "45 64",
    "delivered": "21 22 72",
    "exception": "3 7 17 18 20 25 36 49 51 52 53 54 55 57 62 63 66 69 73 77 80 81 82 85 86 87 90 "
    "97 101 102",
}
_CODES = {
    system: {code: state for state, codes in table.items() for code in codes.split()}
    for system, table in (("x12", _X12), ("un", _UN))
}

# In order: the first that fits decides, so that "not delivered" is no delivery.
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (state, re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for state, words in (
        (
            "attempt_failed",
            r"attempt(?!.*success)|not (?:been )?delivered|could not be delivered|"
            r"unable to deliver|recipient (?:was )?(?:absent|not)|not (?:at )?home|card left|"
            r"notice left|avis laiss",
        ),
        ("available_for_pickup", r"(?:ready|available|awaiting|held) .{0,25}(?:pick|collect)"),
        ("out_for_delivery", r"(?:out|vehicle|board) for delivery|(?:with|onto the|in) (?:the )?"
         r"(?:courier|driver|delivery (?:to|courier|vehicle))|(?:en cours de|sorti pour) livraison|"
         r"expected to be delivered during the day"),
        (
            "exception",
            r"exception|damag|destroyed|lost\b|delay|refus|return(?:ed|ing)? to|undeliver|"
            r"deviation|failure|incorrect address|cancel|hold\b|missing",
        ),
        (
            "delivered",
            r"deliver(?:ed|y completed)|livr[ée]+\b|proof of delivery|signed (?:for )?by",
        ),
        ("expired", r"expired"),
        (
            "info_received",
            r"label|(?:order|shipment|shipping|electronic).{0,20}(?:information|created|data)|"
            r"booked|manifest|pre-?advice",
        ),
        (
            "in_transit",
            r"transit|depart|arriv|pick(?:ed)?[ -]?up|collected|accepted|processed|customs|"
            r"clearance|received (?:at|by)|en route|transferr?ed|sort|scan|shipped|despatched|"
            r"dispatche?d?|forwarded|left\b|on (?:the|its) way|handed over|possession|facility|"
            r"parcel cent|acheminement",
        ),
    )
)  # fmt: skip


def state_of_code(system: str, code: str) -> str:
    """Return the state of an event's code in ``x12`` or ``un``; empty when it says none."""
    return _CODES[system].get(code.strip().upper().lstrip("0"), "")


def state_of_text(text: str) -> str:
    """Return the state that an event's words tell; empty when they tell none."""
    return next((state for state, words in _WORDS if words.search(text[:500])), "")

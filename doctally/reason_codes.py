"""Reason codes of the EDI standards as our reasons (``doctally.exceptions.Reason``), by table.

X12 element 1651 (AT7-02 of a 214); UN/EDIFACT data element 9013 (C556 of STS in an IFTSTA, D.12B);
data element 9011 / UN/ECE Recommendation 24, whose states themselves say why (``18`` damaged).
NOT handled: codes that carriers agree on among themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TABLES: Mapping[str, Mapping[str, str]] = {
    "X12 1651": {
        "damaged": "AK",
        "address": "A2 A5 A6",
        "refused": "BS",
        "returned": "BT",
        "weather": "AO",
        "customs": "AR AS BD CA F1",
        "nobody_home": "A1 AQ",
        "closed": "AN B1 C4",
        "missed_connection": "AA AW BO",
        "strike": "C5",
        "security": "AE",
        "delayed": "A3 AD AF AG AH AI AJ AL AM AP AT AU AV AX AY B2 B4 B5 B8 B9 BB BC BE BF BH BI "
        "BK BL BM BN BP BQ BR C2 C3 C6 C7 C8 C9 D1 D2 F2 HB P1 P2 P3 P4 T1 T2 T3 T4 T5 T6 T7 T8",
    },
    "EDIFACT 9013": {
        "damaged": "14 60 74 75 76 94",
        "lost": "27 33 40 45 48 56 59 66",
        "refused": "3 47 49 90 92 101 102 103 104 106",
        "weather": "63",
        "customs": "13 24 25 26 28 93",
        "address": "1 9 16 30 39",
        "nobody_home": "6",
        "closed": "7",
        "missed_connection": "2 41 50 53",
        "strike": "20 31",
        "security": "4",
        "not_collected": "64",
        "delayed": "8 10 11 12 15 17 18 21 23 29 32 34 35 36 37 38 43 46 51 54 58 67 69 70 87 88 "
        "100 105",
    },
    "EDIFACT 9011": {
        "damaged": "3 18 81 97",
        "lost": "30 36 49 54 66 85 86",
        "refused": "77",
        "customs": "17",
        "missed_connection": "57 62 87",
        "not_collected": "53 55",
        "cancelled": "7",
        "returned": "80 82",
        "delayed": "20 25 51 52 63 90 101",
    },
}
_REASONS = {
    table: {code: reason for reason, codes in rows.items() for code in codes.split()}
    for table, rows in _TABLES.items()
}
_TOLD = re.compile(r"\b(X12 1651|EDIFACT 90(?:13|11)) ([0-9A-Z]{1,3})\b")


def coded_reason(text: str) -> tuple[str | None, bool]:
    """Return the reason that a code in the text stands for, and whether there is a code at all.

    ``X12 1651 A2`` and ``EDIFACT 9013 14`` are how the readers write them.
    """
    found = _TOLD.search(text)
    if found is None:
        return None, False
    code = found[2] if found[1].startswith("X12") else found[2].lstrip("0")
    return _REASONS[found[1]].get(code), True

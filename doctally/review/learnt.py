"""What a version of the prompt bank learnt from corrections: wrong values before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from doctally.review.charts import card

_BAR = "█"
_WIDE = 20
"""Characters of a bar for an error of 100 %."""
_LABELS = {
    "group": "Supplier, or task and group",
    "documents": "Documents",
    "before": "Wrong before",
    "after": "Wrong after",
    "better": "Better",
    "worse": "Worse",
}


def compared(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the comparisons on a version's card as rows, those with most gained first."""
    learnt = told.get("learnt")
    rows = learnt.get("compared") if isinstance(learnt, Mapping) else None
    found = [row for row in rows or () if isinstance(row, Mapping)]
    found.sort(key=lambda row: row["better"] - row["worse"], reverse=True)
    return [
        {
            "id": f"{row['kind']} {row['group']}",
            "group": row["group"],
            "documents": row["documents"],
            "before": _share(row["old_error"]),
            "after": _share(row["new_error"]),
            "better": row["better"],
            "worse": row["worse"],
        }
        for row in found
    ]


def learnt_card(told: Mapping[str, Any]) -> None:
    """Show what the version learnt, nothing if it did not come from corrections."""
    rows = compared(told)
    if not rows:
        return
    note = (
        "Shares of wrong values on confirmed documents, each read by numbers that were learnt "
        "without it; better and worse count values that only one version reads right."
    )
    with card("What it learnt from corrections", told=note, wide=True):
        columns = [
            {"name": n, "label": t, "field": n, "align": "left" if n == "group" else "right"}
            for n, t in _LABELS.items()
        ]
        table = ui.table(columns=columns, rows=rows, row_key="id")
        table.props("flat dense hide-bottom wrap-cells").classes("dt-table dt-still")


def _share(error: float) -> str:
    return f"{_BAR * round(_WIDE * min(error, 1.0))} {error:.1%}"

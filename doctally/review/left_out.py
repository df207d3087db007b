"""Corrections that learning leaves out as likely mistakes, with the reason in words."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from db.corrections import StoredCorrection
from doctally.mistakes import MEANINGS
from doctally.review.about import called
from doctally.review.charts import card
from doctally.review.draft import cell_path

MOST = 200
_LABELS = {
    "at": "When (UTC)",
    "document": "Document",
    "field": "Value",
    "old": "Old",
    "new": "New",
    "who": "Who",
    "why": "Why it is not learnt",
}
_LINK = """
<q-td :props="props"><a :href="'/history/' + props.value">{{ props.value }}</a></q-td>
"""


def why(one: StoredCorrection) -> str:
    """Return in words why a correction is not learnt from."""
    return MEANINGS.get(one.flag or "", one.flag or "")


def about_what(one: StoredCorrection) -> str:
    """Return the field that a correction is about, as people read it."""
    field, row = one.correction.field, one.correction.row
    return called(field if row is None else cell_path(row - 1, field))


def left_out_card(found: Sequence[StoredCorrection]) -> None:
    """Show corrections that are flagged, the latest first; nothing without one."""
    if not found:
        return
    number = "1 likely mistake" if len(found) == 1 else f"{len(found):,} likely mistakes"
    told = f"{number}, the latest first. The documents keep them: a person has said so."
    rows = [
        {
            "id": one.correction_id,
            "at": f"{one.at:%Y-%m-%d %H:%M}",
            "document": one.document_id,
            "field": about_what(one),
            "old": one.correction.old or "",
            "new": one.correction.new or "",
            "who": one.who,
            "why": why(one),
        }
        for one in reversed(found[-MOST:])
    ]
    columns = [{"name": n, "label": t, "field": n, "align": "left"} for n, t in _LABELS.items()]
    with card("Corrections that are not learnt from", told=told, wide=True):
        table = ui.table(columns=columns, rows=rows, row_key="id", pagination=10)
        table.add_slot("body-cell-document", _LINK)
        table.props("flat dense wrap-cells").classes("dt-table dt-still")

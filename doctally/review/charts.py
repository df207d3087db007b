"""Charts in the colours of the pages, in light and dark, each with its figures in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from doctally.review.widgets import heading

Series = Mapping[str, Sequence[float | None]]
COLOURS = {
    "blue": "var(--human)",
    "green": "var(--sure)",
    "orange": "var(--fair)",
    "red": "var(--doubt)",
    "grey": "var(--soft)",
}


def card(title: str, *, told: str = "", wide: bool = False) -> ui.element:
    """Return a box with a heading and a sentence; what follows is put into it by ``with``."""
    box = ui.element("section").classes("dt-card" + (" dt-card-wide" if wide else ""))
    with box:
        heading(title, 2)
        if told:
            ui.label(told).classes("dt-soft")
    return box


def figure(name: str, value: str, note: str = "") -> None:
    """Show one figure with its name."""
    with ui.element("div").classes("dt-figure"):
        ui.label(name).classes("dt-soft")
        ui.label(value).classes("dt-big")
        if note:
            ui.label(note).classes("dt-soft")


def chart(
    kind: str,
    labels: Sequence[str],
    series: Series,
    *,
    said: str,
    colours: Sequence[str],
    percent: bool = False,
    stacked: bool = False,
    across: bool = False,
) -> ui.echart:
    """Return a chart of the series over the labels; ``across`` lets bars lie.

    ``said`` is what it shows, for those who cannot see it.
    """
    values: dict[str, Any] = {
        "type": "value",
        "axisLabel": {
            "color": "var(--soft)",
            "hideOverlap": True,
            **({"formatter": "{value} %"} if percent else {}),
        },
        "splitLine": {"lineStyle": {"color": "var(--line)"}},
    }
    if percent:
        values |= {"max": 100, "min": 0, "interval": 25}
    names = {
        "type": "category",
        "data": list(labels),
        "axisLabel": {"color": "var(--soft)", "hideOverlap": True},
        "axisLine": {"lineStyle": {"color": "var(--line)"}},
        "axisTick": {"show": False},
        **({"inverse": True} if across else {}),
    }
    drawn = [
        {
            "name": name,
            "type": kind,
            "data": list(data),
            "itemStyle": {"color": COLOURS[colour]},
            "lineStyle": {"color": COLOURS[colour], "width": 2},
            "symbolSize": 5,
            "connectNulls": True,
            "barMaxWidth": 26,
            "emphasis": {"disabled": True},
            **({"stack": "all"} if stacked else {}),
        }
        for (name, data), colour in zip(series.items(), colours, strict=True)
    ]
    options = {
        "animation": False,
        "textStyle": {"fontFamily": "system-ui, sans-serif"},
        "grid": {
            "left": 20,
            "right": 24,
            "top": 30 if len(series) > 1 else 10,
            "bottom": 4,
            "containLabel": True,
        },
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": values if across else names,
        "yAxis": names if across else values,
        "series": drawn,
    }
    if len(series) > 1:
        options["legend"] = {"top": 0, "left": 0, "textStyle": {"color": "var(--ink)"}}
    height = max(170, 24 * len(labels) + 30) if across else 210
    made = ui.echart(options, renderer="svg").style(f"height: {height}px")
    return made.props(f'role=img aria-label="{said.replace(chr(34), "")}"')


def nothing(text: str) -> None:
    """Say that there is nothing to show yet."""
    ui.label(text).classes("dt-soft").style("padding: 12px 0")

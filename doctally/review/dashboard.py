"""The dashboard: how many documents came, how many went straight through, how right values were."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from nicegui import ui

from db import accuracy, daily
from db.accuracy import Accuracy
from db.waiting import waiting
from doctally.results import State
from doctally.review.charts import card, chart, figure, nothing
from doctally.review.frame import PLACES, Place, frame
from doctally.review.look import spoken
from doctally.review.office import Office
from doctally.review.widgets import heading

PATH = "/dashboard"
PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}
FEW = 14
SHOWN = (
    (State.ACCEPTED, "Straight through", "green"),
    (State.CONFIRMED, "Confirmed by people", "blue"),
    (State.REVIEW, "In review", "orange"),
    (State.FAILED, "Failed", "red"),
)


def register(office: Office) -> None:
    """Add the page."""
    PLACES.append(Place("Dashboard", PATH))

    @ui.page(PATH, title="Dashboard · doctally", response_timeout=60)
    async def dashboard(days: int = 30) -> None:
        """Show the last days."""
        period = days if days in PERIODS else 30
        since = office.now() - timedelta(days=period)
        with frame(here=PATH), ui.element("div").classes("dt-main"):
            with ui.row().classes("items-center full-width"):
                heading("Dashboard", 1)
                ui.space()
                for number, name in PERIODS.items():
                    link = ui.link(name, f"{PATH}?days={number}").classes("dt-period")
                    if number == period:
                        link.props("aria-current=true")
            found = await asyncio.to_thread(Figures, office, since)
            found.show()


class Figures:
    """What the dashboard shows of a period, asked of the database once."""

    def __init__(self, office: Office, since: datetime) -> None:
        database, below = office.database, office.settings.accept_confidence
        self.now = office.now()
        self.below = below
        self.days = daily.days(database, since=since)
        self.amounts = daily.amounts(database, since=since)
        self.confidence = daily.confidence(database, since=since, below=below)
        self.waited = daily.waited(database, since=since)
        self.fields = accuracy.by_field(database, since=since)
        self.suppliers = accuracy.by_supplier(database, since=since)
        self.right = accuracy.by_day(database, since=since)
        self.open = accuracy.open_findings(database)
        self.queue = waiting(database)

    def show(self) -> None:
        """Draw all of it."""
        self._figures()
        with ui.element("div").classes("dt-cards"):
            self._documents()
            self._straight()
            self._accuracy()
            self._confidence()
            self._review_time()
            self._ranked("Accuracy by field", self.fields, "field")
            self._ranked("Accuracy by supplier", self.suppliers, "supplier")
            self._findings()
            self._amounts()

    def _figures(self) -> None:
        total = sum(day.total for day in self.days)
        straight = sum(day.states.get(State.ACCEPTED, 0) for day in self.days)
        ended = sum(day.states.get(s, 0) for day in self.days for s, _, _ in SHOWN)
        right, judged = sum(r.right for r in self.right), sum(r.judged for r in self.right)
        age = self.now - self.queue.oldest if self.queue.oldest else None
        with ui.element("div").classes("dt-figures"):
            figure("Documents", f"{total:,}")
            figure("Straight through", _percent(straight, ended))
            figure("Values right", _percent(right, judged), f"of {judged:,} that people judged")
            figure("In review", f"{self.queue.length:,}", f"oldest {_long(age)}" if age else "")

    def _documents(self) -> None:
        with card("Documents by day of arrival", wide=True):
            if not self.days:
                nothing("No documents came in this time.")
                return
            series = {n: [d.states.get(s, 0) for d in self.days] for s, n, _ in SHOWN}
            chart(
                "bar",
                [f"{d.day:%d %b}" for d in self.days],
                series,
                said=f"Documents by day, {sum(d.total for d in self.days)} in all",
                colours=[colour for _, _, colour in SHOWN],
                stacked=True,
            )

    def _straight(self) -> None:
        with card("Straight-through rate", told="Read to the end without a person, by day."):
            if not self.days:
                nothing("No documents came in this time.")
                return
            shares = [None if d.straight is None else round(100 * d.straight, 1) for d in self.days]
            chart(
                "line",
                [f"{d.day:%d %b}" for d in self.days],
                {"Straight through": shares},
                said="Share of documents that no person looked at, by day",
                colours=["green"],
                percent=True,
            )

    def _accuracy(self) -> None:
        told = "Header values that the model had right, as people judged them."
        with card("Accuracy over time", told=told):
            if not self.right:
                nothing("Nobody has confirmed or corrected a document in this time.")
                return
            chart(
                "line",
                [f"{d.day:%d %b}" for d in self.right],
                {"Right": [round(100 * d.right / d.judged, 1) for d in self.right]},
                said="Share of values that were right, by day",
                colours=["blue"],
                percent=True,
            )

    def _confidence(self) -> None:
        told = f"Mean, and the share of values under {self.below:.0%}. A drift means new papers."
        with card("Confidence of the model", told=told):
            if not self.confidence:
                nothing("No values were read in this time.")
                return
            chart(
                "line",
                [f"{d.day:%d %b}" for d in self.confidence],
                {
                    "Mean": [round(100 * d.mean, 1) for d in self.confidence],
                    "Doubtful": [round(100 * d.doubtful, 1) for d in self.confidence],
                },
                said="Mean confidence and share of doubtful values, by day",
                colours=["blue", "orange"],
                percent=True,
            )

    def _ranked(self, title: str, found: Sequence[Accuracy], what: str) -> None:
        with card(title, told="The worst first; how many values people judged in brackets."):
            if not found:
                nothing("Nobody has confirmed or corrected a document in this time.")
                return
            worst = found[:FEW]
            names = [spoken(one.name) if what == "field" else one.name[:24] for one in worst]
            chart(
                "bar",
                [f"{n} ({one.judged})" for n, one in zip(names, worst, strict=True)],
                {"Right": [round(100 * one.share, 1) for one in worst]},
                said=f"Share of right values by {what}, the worst {names[0]}",
                colours=["blue"],
                percent=True,
                across=True,
            )

    def _review_time(self) -> None:
        told = "From the queue to a person's decision, the median of a day, in hours."
        with card("Review time", told=told):
            if not self.waited:
                nothing("Nobody has decided about a document in this time.")
                return
            chart(
                "bar",
                [f"{d.day:%d %b}" for d in self.waited],
                {"Hours": [round(d.median / 3600, 2) for d in self.waited]},
                said="Median hours from the queue to a decision, by day",
                colours=["grey"],
            )

    def _findings(self) -> None:
        with card("Open exceptions", told="Documents in review, by what the rules say of them."):
            if not self.open:
                nothing("Nothing is open.")
                return
            chart(
                "bar",
                [spoken(code) for code in self.open],
                {"Documents": list(self.open.values())},
                said="Documents in review by finding",
                colours=["orange"],
                across=True,
            )

    def _amounts(self) -> None:
        with card("Amounts", told="Documents that came in this time, by type, currency and state."):
            if not self.amounts:
                nothing("No amounts in this time.")
                return
            rows = [
                {
                    "id": number,
                    "type": spoken(str(one.document_type)),
                    "state": spoken(str(one.state)),
                    "number": f"{one.number:,}",
                    "total": f"{one.total:,.2f} {one.currency}",
                }
                for number, one in enumerate(self.amounts[:FEW])
            ]
            right = {"align": "right"}
            columns = [
                {"name": "type", "label": "Type", "field": "type", "align": "left"},
                {"name": "state", "label": "State", "field": "state", "align": "left"},
                {"name": "number", "label": "Documents", "field": "number", **right},
                {"name": "total", "label": "Sum", "field": "total", **right},
            ]
            table = ui.table(columns=columns, rows=rows, row_key="id")
            table.props("flat dense hide-bottom").classes("dt-table dt-still")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _long(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    number, unit = (hours / 24, "day") if hours >= 48 else (hours, "hour")
    return f"{number:.0f} {unit}{'' if f'{number:.0f}' == '1' else 's'}"

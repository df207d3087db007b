"""Dates that must stand in order and be plausible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from pydantic import BaseModel

from doctally.codes import finding
from doctally.results import Finding
from doctally.schemas import PurchaseOrder

TOMORROW = timedelta(days=1)  # the document's time zone may be ahead of ours
LONG_AGO_YEARS = 10
LONG_BEFORE = timedelta(days=31)


def check_dates(record: BaseModel, *, today: date) -> Iterator[Finding]:
    """Yield a finding for each date of the record that is out of order or implausible."""
    for name in ("issue_date", "event_time"):
        day = _day(record, name)
        if day and day > today + TOMORROW:
            yield finding("date_in_future", f"{name} {day} is after {today}", name)
    issued, due = _day(record, "issue_date"), _day(record, "due_date")
    if issued and (issued.year, issued.month, issued.day) < (
        today.year - LONG_AGO_YEARS,
        today.month,
        today.day,
    ):
        yield finding("date_long_ago", f"issue_date {issued}", "issue_date")
    if issued and due and due < issued:
        yield finding("due_before_issue", f"due {due}, issued {issued}", "due_date", "issue_date")
    start, end = _day(record, "service_start"), _day(record, "service_end")
    if start and end and end < start:
        yield finding(
            "service_period_reversed", f"{start} to {end}", "service_start", "service_end"
        )
    if isinstance(record, PurchaseOrder) and issued:
        for name in ("expected_delivery_date", "delivery_date", "service_end"):
            day = _day(record, name)
            if day and day < issued - LONG_BEFORE:
                message = f"{name} {day}, ordered {issued}"
                yield finding("delivery_before_order", message, name, "issue_date")
    shipped = _day(record, "ship_date")
    for name in ("expected_delivery_date", "delivery_date"):
        day = _day(record, name)
        if shipped and day and day < shipped:
            message = f"{name} {day}, shipped {shipped}"
            yield finding("delivery_before_shipment", message, name, "ship_date")


def _day(record: BaseModel, name: str) -> date | None:
    value = getattr(record, name, None)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None

"""``shipments``: where the shipments are, which are overdue or in trouble."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from doctally.cli.exits import ExitCode
from doctally.cli.screen import out

if TYPE_CHECKING:
    from doctally.shipments import Shipment


def shipments(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that are late.")] = False,
    alerts: Annotated[
        bool, typer.Option("--alerts", help="Only those that somebody should look at.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> int:
    """Show the shipments: state, reason, since when, where, expected, orders and invoices.

    Example:

        doctally shipments --overdue --json
    """
    from db import shipments as stored
    from db.database import open_database
    from doctally.settings import load_settings

    today = datetime.now(UTC).date()
    with open_database(load_settings().url) as database:
        found = [(one, one.alerts(today=today)) for one in stored.shipments(database)]
    if overdue:
        found = [pair for pair in found if "overdue" in pair[1]]
    if alerts:
        found = [pair for pair in found if pair[1]]
    if as_json:
        for one, told in found:
            typer.echo(json.dumps(_object(one, told), ensure_ascii=False))
        return ExitCode.DONE
    table = Table(box=None, padding=(0, 2))
    for column in ("number", "carrier", "state", "since", "where", "expected", "orders", "alerts"):
        table.add_column(column)
    for one, told in found:
        state = " · ".join(filter(None, (str(one.state or "unknown"), one.reason)))
        since = one.since.strftime("%Y-%m-%d %H:%M") if one.since else ""
        expected = one.expected.isoformat() if one.expected else ""
        cells = (one.number, one.carrier, state, since, one.place, expected)
        table.add_row(*map(escape, (*cells, ", ".join(one.orders), ", ".join(told))))
    out().print(table)
    return ExitCode.DONE


def _object(one: Shipment, alerts: tuple[str, ...]) -> dict[str, Any]:
    return {
        "tracking_number": one.number,
        "carrier": one.carrier,
        "status": one.state and str(one.state),
        "reason": one.reason or None,
        "since": one.since.isoformat() if one.since else None,
        "place": one.place,
        "expected_delivery_date": one.expected.isoformat() if one.expected else None,
        "alerts": list(alerts),
        "doubts": list(one.doubts),
        "orders": list(one.orders),
        "invoices": list(one.invoices),
        "history": [
            {
                "status": event.state and str(event.state),
                "reason": event.reason or None,
                "time": event.when.isoformat() if event.when else None,
                "place": event.place,
                "document": event.document_id,
            }
            for event in one.history
        ],
    }

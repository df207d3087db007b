"""The flow ``reconcile``: match again what is new, changed or open, and show what is left.

Each batch is matched when it is stored; this flow brings in what people have changed since, tries
again what a fault left unmatched, and draws the table of open exceptions with their amounts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from db import categories as stored
from db.exceptions import OpenException
from db.shipments import shipments
from doctally.shipments import alarming
from flows.alerts import alert_rows, tell_alerts
from flows.ingest import home_of_run
from flows.instance import AlreadyRunning
from flows.matching import exception_rows, open_exceptions, rematch_open
from flows.spending import sort_new, spend_table

EXCEPTIONS = "open-exceptions"
SUMMARY = "open-amounts"
SPEND = "spend-by-category"
SHIPMENTS = "shipments-overdue"


@flow(name="reconcile", flow_run_name="match what is open", persist_result=False)
async def reconcile() -> State[Any]:
    """Match open orders, deliveries and bills again; show what waits for somebody."""
    logger = get_run_logger()
    try:
        with home_of_run() as home:
            if not home.settings.matching:
                return Completed(name="Nothing to do", message="matching is switched off")
            count, moved = await asyncio.to_thread(
                rematch_open,
                home.database,
                home.folders,
                home.settings,
                now=home.now(),
                owner=home.owner,
                engine=home.engine,
            )
            left = await asyncio.to_thread(open_exceptions, home.database)
            new = await asyncio.to_thread(
                sort_new, home.database, home.settings, home.engine(), now=home.now()
            )
            spent = await asyncio.to_thread(stored.spent, home.database)
            spending = spend_table(spent, home.settings)
            moving = await asyncio.to_thread(shipments, home.database)
            page = home.settings.review_address if home.settings.review else ""
            late = alarming(moving, today=home.now().date())
            await asyncio.to_thread(tell_alerts, late, home.database, now=home.now())
    except AlreadyRunning as error:
        return Completed(name="Skipped", message=error.message)
    for move in moved:
        about = move.about
        logger.info("document %d · %s · now %s", about.document_id, about.name, move.state)
    await acreate_table_artifact(
        exception_rows(left, page),
        key=EXCEPTIONS,
        description="What waits for somebody, dearest first.",
    )
    await acreate_markdown_artifact(summary(left), key=SUMMARY)
    await acreate_markdown_artifact(spending, key=SPEND, description="Accepted bills by category.")
    await acreate_table_artifact(
        alert_rows(late, page), key=SHIPMENTS, description="Shipments overdue or in trouble."
    )
    if new:
        logger.info("%d suppliers got a spend category", new)
    papers = len({row.document_id for row in left})
    return Completed(
        message=f"{count} matched again, {len(moved)} changed; {papers} papers with open exceptions"
    )


def summary(found: Sequence[OpenException]) -> str:
    """Return the amounts at stake by reason and currency, as a table in Markdown."""
    totals: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for row in found:
        count, amount = totals.get((row.code, row.currency), (0, Decimal(0)))
        totals[row.code, row.currency] = (count + 1, amount + row.amount)
    lines = ["| reason | open | at stake |", "| --- | ---: | ---: |"]
    ranked = sorted(totals.items(), key=lambda item: (-item[1][1], item[0]))
    for (code, currency), (count, amount) in ranked:
        lines.append(f"| {code.replace('_', ' ')} | {count} | {amount:.2f} {currency} |")
    return "\n".join(lines) if totals else "Nothing is open."

"""The flow ``hand over``: what waits in the outbox is delivered now.

The warm runner delivers by itself, seconds after a batch; this flow is the scheduled safety net,
the button in the UI, and where a run turns red while messages wait for a person.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from db import deliveries
from db.database import open_database
from db.deliveries import DeliveryState
from doctally.settings import load_settings
from flows.deliver import Sent, deliver
from flows.ingest import current_home
from flows.target import target_of

SHOWN = 10


@flow(name="handover", flow_run_name="hand over", persist_result=False)
async def handover() -> State[Any]:
    """Deliver the messages that are due to the webhook of the settings."""
    logger = get_run_logger()
    home = current_home.get()
    settings = home.settings if home is not None else load_settings()
    target = target_of(settings)
    if target is None:
        return Completed(name="Nothing to do", message="no webhook_url is set")
    with open_database(settings.url) as database:
        sent: Sent = await asyncio.to_thread(
            deliver, database, target, now=lambda: datetime.now(UTC)
        )
        counts = deliveries.counts(database)
        dead = deliveries.deliveries(database, state=DeliveryState.DEAD, limit=SHOWN)
    for given_up in dead:
        parts = (given_up.document_id, given_up.file, given_up.delivery_id, given_up.last_error)
        logger.error("document %d · %s · delivery %d given up: %s", *parts)
    told = f"{sent}; {counts.get(DeliveryState.WAITING, 0)} waiting"
    if gone := counts.get(DeliveryState.DEAD, 0):
        message = f"{gone} wait for a person (doctally deliveries list --state dead); {told}"
        return Failed(name="Undelivered", message=message)
    return Completed(message=told)

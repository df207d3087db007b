"""The automations by which Prefect tells people, made from the settings while ``up`` runs.

A block that is not there yet is looked for again: nobody has to start again after making it.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.events.actions import DoNothing, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectNotFound

from doctally.settings import Settings
from flows.mailing import offer
from flows.server import Address

LOOK_AGAIN_S = 10.0

log = logging.getLogger("doctally.up")


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told when an event comes; without ``wanted`` the automation is taken away."""

    name: str
    event: str
    resource: str
    subject: str
    body: str
    wanted: bool = True


async def blocks(client: PrefectClient, names: Sequence[str]) -> dict[str, UUID]:
    """Return those of the blocks that the server has."""
    found = {}
    for given in names:
        kind, _, name = given.partition("/")
        try:
            block = await client.read_block_document_by_name(name, kind)
        except ObjectNotFound:
            continue
        found[given] = block.id
    return found


def missing(settings: Settings, address: Address) -> tuple[str, ...]:
    """Return the blocks of the settings that the server at the address does not have."""

    async def ask() -> dict[str, UUID]:
        secret = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
        async with PrefectClient(address.api, auth_string=secret) as client:
            return await blocks(client, names)

    names = settings.notify_blocks
    found = asyncio.run(ask())
    return tuple(name for name in names if name not in found)


async def ensure_notices(
    client: PrefectClient, settings: Settings, notices: Sequence[Notice]
) -> tuple[str, ...]:
    """Return the blocks that are missing, after making the automations that send through the rest.

    An automation that fits the settings stays as it is, with what people added to it in the UI.
    Without a block it does nothing, and is seen among the server's events only.
    """
    names = settings.notify_blocks
    found = await blocks(client, names)
    for notice in notices:
        await _ensure(client, notice, found)
    return tuple(name for name in names if name not in found)


async def keep_told(
    settings: Settings, notices: Sequence[Notice], *, going: Callable[[], bool]
) -> None:
    """Make the automations; wait for a slow server, and for blocks that are not there yet."""
    before: tuple[str, ...] = ()
    while going():
        try:
            async with get_client() as client:
                await offer(client)
                absent = await ensure_notices(client, settings, notices)
        except Exception as error:  # the server is slow, or starts again
            log.warning("automations: %s: %s; tried again", type(error).__name__, error)
        else:
            if not absent:
                return
            if absent != before:
                text = "nobody is told by %s: Prefect has no such block; used as soon as it is made"
                log.warning(text, ", ".join(absent))
            before = absent
        await asyncio.sleep(LOOK_AGAIN_S)


async def _ensure(client: PrefectClient, notice: Notice, found: dict[str, UUID]) -> None:
    wanted = automation(notice, found)
    kept = False
    for known in await client.read_automations_by_name(notice.name):
        sends = {getattr(action, "block_document_id", None) for action in known.actions}
        fits = known.description == wanted.description and sends.issuperset(found.values())
        if notice.wanted and fits and not kept:
            kept = True
            continue
        await client.delete_automation(known.id)
    if notice.wanted and not kept:
        await client.create_automation(wanted)
        if found:
            log.info("automation “%s” tells %s", notice.name, ", ".join(found))


def automation(notice: Notice, found: dict[str, UUID]) -> AutomationCore:
    """Return the automation that sends the notice through each of the blocks."""
    sends: list[DoNothing | SendNotification] = [
        SendNotification(block_document_id=block, subject=notice.subject, body=notice.body)
        for block in found.values()
    ]
    return AutomationCore(
        name=notice.name,
        description=f"{notice.subject}; told: {', '.join(found) or 'nobody'}",
        trigger=EventTrigger(
            expect={notice.event},
            match={"prefect.resource.id": notice.resource},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=list(sends or [DoNothing()]),
    )

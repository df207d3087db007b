"""The warm runner: one process with the model loaded that works on what comes in, within seconds.

It looks when the inbox changes (native events, or polling), every ``scan_s`` seconds anyway, and
takes the runs that the Prefect server scheduled. One thing at a time: a batch, or a run. Trouble
is logged and tried again later; SQL and the folders are the truth, Prefect shows them. When the
server does not answer, documents are processed all the same, without a run to look at.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from prefect import get_client, tags
from prefect.client.schemas.objects import FlowRun
from watchfiles import awatch

from flows.alerts import NOTICE
from flows.batch import Batch, Item
from flows.claims import Intake
from flows.clients import Clients
from flows.deliver import deliver
from flows.home import Home
from flows.housekeeping import FLOWS
from flows.ingest import current_home
from flows.line import Line
from flows.notices import keep_told
from flows.process import run
from flows.schedule import BESIDE, TAG, due, execute, register
from flows.server import Address, healthy
from flows.steps import transient
from flows.target import Target
from flows.waiting import notice
from flows.watchdog import crash_vanished, ensure_watchdog

LONGEST_PAUSE_S = 60.0
POLL_SCHEDULES_S = 5.0
_BREATH_S = 0.03

log = logging.getLogger("doctally.runner")


class Runner:
    """Works until told to stop; ``told`` hears of every finished batch."""

    def __init__(
        self,
        home: Home,
        server: Address | None,
        *,
        told: Callable[[Batch], None],
        revive: Callable[[], bool] | None = None,
        target: Target | None = None,
    ) -> None:
        self._home = home
        self._server = server
        self._told = told
        self._revive = revive
        self._target = target
        self._outgoing = asyncio.Event()
        self._wake = asyncio.Event()
        self._runs: asyncio.Queue[tuple[Any, FlowRun]] = asyncio.Queue()
        self._queued: set[UUID] = set()
        self._beside: set[asyncio.Task[None]] = set()
        self._line = Line(home)
        self._clients = Clients()
        self._stopping = False
        self._waiting = 0
        # A worker in a seat ends only what it began itself: others run beside it.
        self._tag = f"{TAG} {home.owner}" if home.seat.number else TAG

    async def run(self, *, until_idle: bool = False) -> None:
        """Work for ever, or until nothing is left to do; cancel it to stop."""
        current_home.set(self._home)
        helpers = [asyncio.create_task(self._forever(self._watch))]
        if self._target is not None:
            helpers.append(asyncio.create_task(self._forever(self._hand_over)))
        if await self._reachable():
            await self._clear_vanished()
        if self._server is not None:  # it may only be slow to answer now
            helpers.append(asyncio.create_task(self._forever(self._schedules)))
            told = [notice(self._home.settings), NOTICE]
            work = keep_told(self._home.settings, told, going=lambda: not self._stopping)
            helpers.append(asyncio.create_task(work))
        try:
            with tags(self._tag):
                await self._work(until_idle=until_idle)
        finally:
            await self._clients.close()
            helpers += self._beside
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    def stop(self) -> None:
        """Let the runner end after what it cannot interrupt; cancel it to be quicker.

        Cancelling alone is not enough: Prefect and its client may keep a cancellation to
        themselves and go on.
        """
        self._stopping = True
        self._wake.set()

    async def _work(self, *, until_idle: bool) -> None:
        failures = 0
        while not self._stopping:
            try:
                worked = await self._turn()
                failures = 0
            except (
                Exception
            ) as error:  # nothing may end the runner; the trouble is told and tried again
                if self._stopping:
                    return
                failures += 1
                self._home.meter.trouble(error)
                self._line.start_over(alone=not transient(error))
                log.exception("trouble; trying again in %.0f s", _pause(failures))
                await asyncio.sleep(_pause(failures))
                continue
            if worked:
                continue
            if until_idle and not self._waiting:
                return
            soon = self._home.inbox.soonest_s + _BREATH_S
            await self._rest(soon if self._waiting else self._home.settings.scan_s)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        self._wake.clear()

    async def _turn(self) -> bool:
        """Do one thing; return whether there was something to do."""
        if not self._runs.empty():
            flow, scheduled = self._runs.get_nowait()
            self._queued.discard(scheduled.id)
            if flow in BESIDE:
                self._begin(flow, scheduled)
                return True
            async with get_client() as client:
                await execute(client, flow, scheduled)
            self._line.start_over()  # the run may have taken up what was left
            return True
        intake = await asyncio.to_thread(self._line.next)
        self._waiting = intake.waiting
        if intake.nothing:
            return False
        await self._process(intake)
        return True

    def _begin(self, flow: Any, scheduled: FlowRun) -> None:
        """Start a run that works beside the documents, in a process of its own."""

        async def beside() -> None:
            try:
                async with get_client() as client:
                    await execute(client, flow, scheduled)
            except Exception as error:  # documents go on whatever happens to it
                log.warning("%s: %s: %s", flow.name, type(error).__name__, error)

        task = asyncio.create_task(beside())
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _process(self, intake: Intake) -> None:
        if await self._reachable():
            await self._clients.open()
            batch = await run(self._home, intake)
        else:
            log.warning("the Prefect server does not answer; working without it")
            batch = Batch(intake)
            await asyncio.to_thread(self._home.work, batch, told=_silent)
        self._outgoing.set()
        self._told(batch)

    async def _reachable(self) -> bool:
        if self._server is None:
            return False
        # Not only healthy: after ours ended, a stranger's server may answer at the same port.
        if self._revive is not None and not await asyncio.to_thread(self._revive):
            return False
        return await asyncio.to_thread(healthy, self._server)

    async def _forever(self, work: Callable[[], Any]) -> None:
        while not self._stopping:
            try:
                await work()
            except Exception as error:  # the inbox was renamed, the server restarts, ...
                log.warning("%s: %s", type(error).__name__, error)
            await asyncio.sleep(self._home.settings.scan_s)

    async def _watch(self) -> None:
        changes = awatch(
            self._home.folders.inbox,
            watch_filter=None,
            debounce=400,
            step=50,
            force_polling=self._home.settings.poll or None,
            ignore_permission_denied=True,
        )
        async for _ in changes:
            self._wake.set()

    async def _hand_over(self) -> None:
        """Deliver what is due after each batch, and every ``scan_s`` seconds."""
        while not self._stopping and self._target is not None:
            await asyncio.to_thread(
                deliver,
                self._home.database,
                self._target,
                now=self._home.now,
                going=lambda: not self._stopping,
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._outgoing.wait(), self._home.settings.scan_s)
            self._outgoing.clear()

    async def _clear_vanished(self) -> None:
        async with get_client() as client:
            gone = await crash_vanished(client, flows=list(FLOWS), tag=self._tag)
            await ensure_watchdog(client)
        if gone:
            log.warning("%d runs of an earlier process are marked as crashed", gone)

    async def _schedules(self) -> None:
        if self._server is None or not await asyncio.to_thread(healthy, self._server):
            return
        settings = self._home.settings
        deployments = await register(
            hand_over=self._target is not None,
            mailbox_s=settings.mailbox_s if settings.imap_host else None,
            store_s=settings.store_s if settings.store_url else None,
        )
        async with get_client() as client:
            while not self._stopping:
                for scheduled in await due(client, deployments):
                    if scheduled.deployment_id is not None and scheduled.id not in self._queued:
                        self._queued.add(scheduled.id)
                        self._runs.put_nowait((deployments[scheduled.deployment_id], scheduled))
                        self._wake.set()
                await asyncio.sleep(POLL_SCHEDULES_S)


def _pause(failures: int) -> float:
    return float(min(2.0**failures, LONGEST_PAUSE_S))


def _silent(item: Item) -> None:
    if item.fault is not None:
        log.error("document %d · %s · %s", item.job.document_id, item.job.name, item.fault.message)

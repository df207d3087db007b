"""The flow ``housekeeping``: what would grow without bound, and what was left half done.

A Prefect server that ``doctally up`` starts cleans itself as well (``flows.server``); this flow
does the same on a server of the team's, where only events are removed by default.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow, get_client, get_run_logger
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed

from db.upkeep import tidy
from flows.folders import Folders
from flows.ingest import home_of_run
from flows.instance import AlreadyRunning
from flows.line import resumed
from flows.names import REASON_SUFFIX
from flows.process import run
from flows.purge import purge, purge_expired
from flows.server import KEEP_DAYS
from flows.watchdog import ensure_watchdog

FLOWS = (
    "process",
    "ingest",
    "housekeeping",
    "handover",
    "mailbox",
    "collect",
    "reconcile",
    "learn",
    "retrain",
)
KEEP_RUNS = 20_000
"""A run of ``process`` is one row of runs, four of tasks, about nine of logs and 18 events."""
_AT_ONCE = 100


@flow(name="housekeeping", flow_run_name="clean up", persist_result=False)
async def housekeeping(keep_days: int = KEEP_DAYS, keep_runs: int = KEEP_RUNS) -> State[Any]:
    """Resume what was left unfinished; remove old runs of ours and reasons without a file.

    Of the runs the newest are kept, at most so many days and so many runs.
    """
    logger = get_run_logger()
    resumed_documents = reasons = 0
    try:
        with home_of_run() as home:
            before = home.now() - timedelta(days=keep_days)
            left = resumed(home, alone=home.after_crash)
            while (intake := await asyncio.to_thread(next, left, None)) is not None:
                resumed_documents += len((await run(home, intake)).items)
            home.apart.close()
            await asyncio.to_thread(tidy, home.database)
            if days := home.settings.keep_failed_days:
                gone = await asyncio.to_thread(
                    purge,
                    home.database,
                    home.folders,
                    before=home.now() - timedelta(days=days),
                    really=True,
                )
                logger.info("%d old failures removed", len(gone.old.failures))
            if policy := home.settings.keep_days:
                over, _ = await asyncio.to_thread(
                    purge_expired,
                    home.database,
                    home.folders,
                    policy,
                    now=home.now(),
                    really=True,
                )
                logger.info("%d documents removed whose time is over", len(over))
            reasons = await asyncio.to_thread(forget_reasons, home.folders, before=before)
    except AlreadyRunning as error:
        logger.info("the home is left alone: %s", error.message)
        before = datetime.now().astimezone() - timedelta(days=keep_days)
    async with get_client() as client:
        await ensure_watchdog(client)
        runs = await forget_runs(client, before=before, most=keep_runs)
    message = f"{resumed_documents} resumed, {reasons} old reasons and {runs} old runs removed"
    logger.info(message)
    return Completed(message=message)


def forget_reasons(folders: Folders, *, before: datetime) -> int:
    """Remove reasons that are old and whose file a person took away; return how many."""
    gone = 0
    for reason in folders.failed.glob(f"*{REASON_SUFFIX}"):
        file = Path(str(reason).removesuffix(REASON_SUFFIX))
        if not file.exists() and reason.stat().st_mtime < before.timestamp():
            reason.unlink()
            gone += 1
    return gone


async def forget_runs(client: PrefectClient, *, before: datetime, most: int = KEEP_RUNS) -> int:
    """Delete our runs that ended before then, and the oldest beyond so many; return how many.

    Their tasks, logs and artifacts go with them.
    """
    ours = FlowFilter(name=FlowFilterName(any_=list(FLOWS)))
    old = FlowRunFilter(end_time=FlowRunFilterEndTime.model_validate({"before_": before}))
    count = 0
    while runs := await client.read_flow_runs(
        flow_filter=ours, flow_run_filter=old, limit=_AT_ONCE
    ):
        count += await _forget(client, runs)
    ended = FlowRunFilter(end_time=FlowRunFilterEndTime.model_validate({"is_null_": False}))
    while (
        over := await client.count_flow_runs(flow_filter=ours, flow_run_filter=ended) - most
    ) > 0:
        runs = await client.read_flow_runs(
            flow_filter=ours,
            flow_run_filter=ended,
            sort=FlowRunSort.START_TIME_ASC,
            limit=min(over, _AT_ONCE),
        )
        count += await _forget(client, runs)
    return count


async def _forget(client: PrefectClient, runs: Sequence[FlowRun]) -> int:
    count = 0
    for old in runs:
        shown = await client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[old.id]))
        )
        with suppress(ObjectNotFound):  # the server's own vacuum was quicker
            for artifact in shown:
                await client.delete_artifact(artifact.id)
            await client.delete_flow_run(old.id)
            count += 1
    return count

"""Deployments without workers: the warm runner takes scheduled runs itself, in its own process.

A run that a worker starts is a new process: five seconds, and the model is loaded again. Here
the server schedules, the button "Run" of its UI works, and the run costs what its work costs.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Abort, ObjectNotFound
from prefect.flow_engine import run_flow
from prefect.states import Pending
from prefect.types.entrypoint import EntrypointType
from prefect.utilities.engine import propose_state

from flows.collect import collect
from flows.handover import handover
from flows.housekeeping import housekeeping
from flows.ingest import ingest
from flows.learn import learn, retrain
from flows.mailbox import mailbox
from flows.reconcile import reconcile

TAG = "warm"
EVERY = timedelta(minutes=15)
HOURLY = timedelta(hours=1)
NIGHTLY = "17 3 * * *"
LEARN = "7 1 * * *"
RETRAIN = "23 22 * * 6#1"
"""The first Saturday evening of a month."""

BESIDE = (learn, retrain)
"""Flows that work in a process of their own: documents are processed meanwhile."""


async def register(
    *, hand_over: bool = False, mailbox_s: float | None = None, store_s: float | None = None
) -> dict[UUID, Any]:
    """Make or renew the warm deployments; return the flow of each by its deployment's id.

    ``hand_over`` adds the one that delivers to the webhook, where there is one; ``mailbox_s`` the
    one that looks into the mailbox every so many seconds, ``store_s`` the one for the store.
    """
    shared: dict[str, Any] = {
        "tags": ["doctally", TAG],
        "entrypoint_type": EntrypointType.MODULE_PATH,
    }
    looks = await ingest.ato_deployment(
        name=f"inbox-{TAG}",
        interval=EVERY,
        description="Looks into the inbox. The runner does so every few seconds by itself; "
        "a late run here says that the runner is not there.",
        **shared,
    )
    cleans = await housekeeping.ato_deployment(
        name=f"nightly-{TAG}",
        cron=NIGHTLY,
        description="Removes old runs, resumes what was left.",
        **shared,
    )
    matches = await reconcile.ato_deployment(
        name=f"reconcile-{TAG}",
        interval=HOURLY,
        description="Matches open orders, deliveries and bills again; shows what is left.",
        **shared,
    )
    made: dict[UUID, Any] = {
        await looks.aapply(): ingest,
        await cleans.aapply(): housekeeping,
        await matches.aapply(): reconcile,
    }
    for flow, cron, said in (
        (learn, LEARN, "Learns from the new corrections; uses what is better."),
        (retrain, RETRAIN, "Trains the shared prompt on all confirmed documents."),
    ):
        studies = await flow.ato_deployment(
            name=f"{flow.name}-{TAG}", cron=cron, description=said, **shared
        )
        made[await studies.aapply()] = flow
    if hand_over:
        sends = await handover.ato_deployment(
            name=f"webhook-{TAG}",
            interval=HOURLY,
            description="Delivers accepted documents to the webhook. The runner does so after "
            "each batch; a failed run here says that messages wait for a person.",
            **shared,
        )
        made[await sends.aapply()] = handover
    if mailbox_s is not None:
        fetches = await mailbox.ato_deployment(
            name=f"mailbox-{TAG}",
            interval=timedelta(seconds=mailbox_s),
            description="Puts every new message of the mailbox into the inbox.",
            **shared,
        )
        made[await fetches.aapply()] = mailbox
    if store_s is not None:
        collects = await collect.ato_deployment(
            name=f"store-{TAG}",
            interval=timedelta(seconds=store_s),
            description="Puts every new file of the store into the inbox.",
            **shared,
        )
        made[await collects.aapply()] = collect
    return made


async def due(client: PrefectClient, deployments: dict[UUID, Any]) -> list[FlowRun]:
    """Return the runs to start now, at most one a deployment.

    Those that were missed, because nobody was there, are removed: a later one does their work.
    """
    now = datetime.now(UTC)
    waiting = await client.get_scheduled_flow_runs_for_deployments(
        list(deployments), scheduled_before=now, limit=200
    )
    last: dict[UUID | None, FlowRun] = {}
    for run in sorted(waiting, key=lambda run: run.next_scheduled_start_time or now):
        missed = last.get(run.deployment_id)
        last[run.deployment_id] = run
        if missed is not None and missed.auto_scheduled:
            with suppress(ObjectNotFound):
                await client.delete_flow_run(missed.id)
    return list(last.values())


async def execute(client: PrefectClient, flow: Any, run: FlowRun) -> State[Any] | None:
    """Run it here; return its final state, None when the server says that it may not start."""
    try:
        state = await propose_state(client, Pending(), flow_run_id=run.id)
    except Abort:
        return None
    if not state.is_pending():
        return None
    ended: Any = run_flow(flow, flow_run=run, return_type="state")
    state = await ended
    return state if isinstance(state, State) else None

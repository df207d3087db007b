"""The automation that marks runs whose process vanished as crashed.

Prefect leaves a run whose process was killed Running for ever. Runs send a heartbeat every three
minutes; one that sent none for ten is dead. Any event of the run counts as a sign of life: our
final states have names of their own (Accepted, Review, ...), and events are named after them.
"""

from __future__ import annotations

from datetime import timedelta

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.states import Crashed

NAME = "doctally: mark vanished runs as crashed"
SILENCE = timedelta(minutes=10)
GONE = "the process ended before the run did; its documents are taken up again"


async def ensure_watchdog(client: PrefectClient) -> None:
    """Make the automation unless the server has it."""
    if await client.read_automations_by_name(NAME):
        return
    every_event = {"prefect.flow-run.*"}
    trigger = EventTrigger(
        after={"prefect.flow-run.heartbeat"},
        expect=every_event,
        match={"prefect.resource.id": ["prefect.flow-run.*"]},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=SILENCE,
    )
    crash = ChangeFlowRunState(name="Crashed", state=StateType.CRASHED, message=GONE, force=False)
    await client.create_automation(
        AutomationCore(name=NAME, description=GONE, trigger=trigger, actions=[crash])
    )


async def crash_vanished(client: PrefectClient, *, flows: list[str], tag: str) -> int:
    """Mark runs with the tag that an earlier process left unfinished; return how many.

    Right only while this process is the one that runs such flows, before it starts any.
    """
    states = FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])
    runs = await client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=flows)),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=states), tags=FlowRunFilterTags(all_=[tag])
        ),
    )
    for run in runs:
        await client.set_flow_run_state(run.id, Crashed(message=GONE), force=True)
    return len(runs)

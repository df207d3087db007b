"""The flow ``ingest``: look into the inbox now, work on all that is complete.

The warm runner looks every few seconds by itself; this flow is the scheduled safety net, the
button in the UI, and the whole job where a team runs workers instead of ``doctally up``.
Why a kill at any point is harmless: ``flows.claims``. Double runs are impossible: the
deployment's concurrency limit is 1 (``prefect.yaml``) and a home has one worker
(``flows.instance``); a run that finds the home taken ends as Skipped.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from doctally.settings import load_settings
from flows.home import Home, open_home
from flows.instance import AlreadyRunning
from flows.line import intakes
from flows.process import run

current_home: ContextVar[Home | None] = ContextVar("doctally_home", default=None)
"""The runner's home where a flow runs inside the runner."""


@contextmanager
def home_of_run() -> Iterator[Home]:
    """Give the runner's home, or open it as the settings say; raises AlreadyRunning."""
    home = current_home.get()
    if home is not None:
        yield home
        return
    with open_home(load_settings()) as opened:
        yield opened


@flow(name="ingest", flow_run_name="look into the inbox", persist_result=False)
async def ingest() -> State[Any]:
    """Claim and process every complete document of the inbox."""
    try:
        with home_of_run() as home:
            counts: Counter[str] = Counter()
            waiting = intakes(home)
            while (intake := await asyncio.to_thread(next, waiting, None)) is not None:
                counts.update((await run(home, intake)).counts())
    except AlreadyRunning as error:
        return Completed(name="Skipped", message=error.message)
    if not counts:
        get_run_logger().info("nothing new in %s", home.folders.inbox)
        return Completed(name="Nothing new", message="no complete document in the inbox")
    return Completed(message=", ".join(f"{n} {state}" for state, n in counts.items()))

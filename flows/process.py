"""The flow ``process``: one run a batch, four tasks, one row a document in its table.

The tasks carry no documents: a batch can be large and Prefect would walk through it. The flow
is asynchronous because that costs 0.2 s a run where a synchronous one costs 1 s; the work
itself runs in threads, so that the runner goes on listening.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect import flow, get_run_logger, tags, task
from prefect.artifacts import (
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, StateType
from prefect.context import TagsContext
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from doctally.logs import about
from flows.artifacts import KEY, summary, table
from flows.batch import Batch, Item, title
from flows.claims import Intake
from flows.home import Home
from flows.steps import transient
from flows.waiting import links, tell_if_long

Log = logging.Logger | logging.LoggerAdapter[Any]

PROGRESS_FROM = 4
"""Batches of fewer documents are over before a progress bar would be seen."""


@dataclass
class _Work:
    """What the tasks find in their context; emptied after the run, for contexts outlive it."""

    home: Home
    batch: Batch


_work: ContextVar[_Work] = ContextVar("doctally_work")


async def _worth_retrying(task: Any, run: Any, state: State[Any]) -> bool:
    """Tell whether a task failed for a reason that may go away; bad documents never do."""
    error = await state.aresult(raise_on_failure=False)
    return isinstance(error, BaseException) and transient(error)


_PATIENT: dict[str, Any] = {
    "retries": 4,
    "retry_delay_seconds": [1, 5, 20, 60],
    "retry_condition_fn": _worth_retrying,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}


class _Progress:
    """Shows how many documents are read, at most one update a second."""

    def __init__(self, artifact: UUID, total: int) -> None:
        self._artifact = artifact
        self._total = total
        self._loop = asyncio.get_running_loop()
        self._done = 0
        self._last = time.monotonic()

    def step(self) -> None:
        """Note one more document read; called from the reading thread."""
        self._done += 1
        if self._done == self._total or time.monotonic() - self._last > 1:
            self._last = time.monotonic()
            asyncio.run_coroutine_threadsafe(
                aupdate_progress_artifact(self._artifact, 100.0 * self._done / self._total),
                self._loop,
            ).result()


def _told(logger: Log, step: Callable[[], None]) -> Callable[[Item], None]:
    def tell(item: Item) -> None:
        job = item.job
        if item.fault is not None:
            logger.error("document %d · %s · %s", job.document_id, job.name, item.fault.message)
        elif item.reading is not None:
            pages = len(item.reading.pages)
            kind = "record" if item.reading.record else f"{pages} page{'s' * (pages != 1)}"
            kind += f", {len(item.inside)} inside" if item.inside else ""
            logger.info("document %d · %s · read: %s", job.document_id, job.name, kind)
        step()

    return tell


@task(name="read", task_run_name="read", **_PATIENT)
async def read() -> None:
    """Read the files: words with boxes, or a finished record."""
    work = _work.get()
    logger = get_run_logger()
    step: Callable[[], None] = _nothing
    total = len(work.batch.alive)
    if total >= PROGRESS_FROM:
        artifact = await acreate_progress_artifact(0.0, description=f"reading {total} documents")
        step = _Progress(artifact, total).step
    await asyncio.to_thread(work.home.read_step, work.batch, told=_told(logger, step))


def _nothing() -> None:
    return None


@task(name="extract", task_run_name="extract", **_PATIENT)
async def extract() -> None:
    """Let the model find type and values; check them by the rules; decide."""
    work = _work.get()
    await asyncio.to_thread(work.home.infer_step, work.batch)
    get_run_logger().info("model %s", work.home.engine().version)


@task(name="store", task_run_name="store", **_PATIENT)
async def store() -> None:
    """Keep the results in SQL, all in one transaction."""
    work = _work.get()
    await asyncio.to_thread(work.home.store_step, work.batch)


@task(name="file", task_run_name="file", **_PATIENT)
async def file() -> None:
    """Move the files to processed/, review/ or failed/."""
    work = _work.get()
    await asyncio.to_thread(work.home.finish_step, work.batch)


def _run_name() -> str:
    return title([str(name) for name in flow_run.parameters.get("files", [])])


@flow(name="process", flow_run_name=_run_name, validate_parameters=False, persist_result=False)
async def process(documents: list[int], files: list[str]) -> State[Any]:
    """Read, extract, check, store and file a batch of claimed documents."""
    work = _work.get()
    batch = work.batch
    logger = get_run_logger()
    if batch.items:
        # Tags make a task ask for a slot of each, whether there are limits or not. On SQLite the
        # server answers that with "try again" beside its other writing, and a task waits 2 s.
        with about(run=flow_run.id), TagsContext(current_tags=set()):
            await read()
            await extract()
            await store()
            await file()
    rows = batch.rows()
    for row in rows:
        level = logging.ERROR if row.state == "failed" else logging.INFO
        found = " ".join(filter(None, (row.document_type, row.number, row.supplier, row.total)))
        parts = (row.state, found, row.reason or row.findings)
        logger.log(level, "document %d · %s · %s", row.document_id, row.file, _joined(parts))
    settings = work.home.settings
    page = settings.review_address if settings.review else ""
    description = _description(batch) + links(rows, page)
    await acreate_table_artifact(table(rows), key=KEY, description=description)
    added = batch.counts().get("review", 0)
    await asyncio.to_thread(tell_if_long, work.home.database, settings, added=added)
    return final_state(batch)


def _joined(parts: tuple[str, ...]) -> str:
    return " · ".join(part for part in parts if part)


def _description(batch: Batch) -> str:
    return f"**{summary(batch)}**. Every value is in SQL: views `invoices`, `review_queue`, ..."


def final_state(batch: Batch) -> State[Any]:
    """Return the state a person sees: red if a document failed, else by the most urgent one."""
    counts, message = batch.counts(), summary(batch)
    if counts.get("failed"):
        name = "Failed document" if counts["failed"] == 1 else "Failed documents"
        return Failed(name=name, message=message)
    for state in ("review", "accepted", "unpacked", "duplicate"):
        if counts.get(state):
            return Completed(name=state.capitalize(), message=message)
    return Completed(name="Taken over", message="another process has these documents now")


async def run(home: Home, intake: Intake) -> Batch:
    """Return the batch after its flow run; raises what is not a document's fault."""
    batch = Batch(intake)
    work = _Work(home, batch)
    _work.set(work)
    try:
        with home.guarded(batch), tags("doctally", *batch.tags):
            state = await process(
                [job.document_id for job in intake.jobs], batch.files, return_state=True
            )
    finally:  # Prefect keeps copies of contexts: every batch's pages would stay with them
        work.batch = Batch(Intake())
    if state.type is not StateType.COMPLETED and not (state.name or "").startswith(
        "Failed document"
    ):
        await state.aresult(raise_on_failure=True)
    return batch

"""The flows ``learn`` and ``retrain``: corrections become a better bank, or the old one stays.

The work is done by ``flows.learning`` in a process of its own at low priority, so that documents
are processed meanwhile; the next batch is read with the new version (``flows.engine``). ``learn``
trains suppliers' and tasks' own numbers, every night; ``retrain``, far rarer, the shared prompt.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from doctally.settings import Settings
from flows.ingest import current_home
from flows.report import as_markdown

KEY = "learning"
_PASSED = ("home", "database_url", "backbone", "bank", "threads")
_GRACE_S = 10.0


@flow(name="learn", flow_run_name="learn from corrections", persist_result=False)
async def learn(minutes: float = 20.0) -> State[Any]:
    """Train what the new corrections concern; use it from now on if nothing got worse."""
    return await _learnt(["--minutes", str(minutes)])


@flow(name="retrain", flow_run_name="retrain the shared prompt", persist_result=False)
async def retrain(minutes: float = 120.0) -> State[Any]:
    """Train the shared prompt too, on all confirmed documents; use it if nothing got worse."""
    return await _learnt(["--full", "--minutes", str(minutes)])


async def _learnt(arguments: Sequence[str]) -> State[Any]:
    logger = get_run_logger()
    home = current_home.get()
    said = await _child(arguments, home.settings if home is not None else None, logger.info)
    if "error" in said:
        name = "Skipped" if said["code"] == "already_running" else "Failed"
        made = Completed if name == "Skipped" else Failed
        return made(name=name, message=said["error"])
    logger.info(said["why"])
    if said["suppliers"] or said["tasks"] or said["flagged"]:
        page = home.settings.review_address if home is not None and home.settings.review else ""
        await acreate_markdown_artifact(as_markdown(said, page), key=KEY, description=said["why"])
    return Completed(name="Promoted" if said["promoted"] else "Kept", message=said["why"])


async def _child(arguments: Sequence[str], settings: Settings | None, told: Any) -> dict[str, Any]:
    """Return what the learning process reports; its steps are told on the way."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "flows.learning",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **_environment(settings)},
    )
    try:
        last: list[str] = []
        if process.stderr is not None:
            async for line in process.stderr:
                last = [*last[-4:], line.decode(errors="replace").strip()]
                told(last[-1])
        output = await process.stdout.read() if process.stdout is not None else b""
        code = await process.wait()
    except asyncio.CancelledError:
        await _ended(process)
        raise
    try:
        said: dict[str, Any] = json.loads(output)
    except ValueError:
        return {"error": f"learning ended with code {code}: {' / '.join(last)}", "code": "ended"}
    return said


async def _ended(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _GRACE_S)
        except TimeoutError:
            process.kill()


def _environment(settings: Settings | None) -> Mapping[str, str]:
    """Return the settings of the runner that concern learning, as the child reads them."""
    if settings is None:
        return {}
    given = {name: getattr(settings, name) for name in _PASSED}
    return {f"DOCTALLY_{n.upper()}": str(v) for n, v in given.items() if v not in (None, "")}

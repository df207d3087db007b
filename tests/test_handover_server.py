"""The flow ``handover`` on a real Prefect server: from the button to a state that tells."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import drop, invoice_pdf
from test_flows_server import ROOT, Api, Running, wait_for
from test_handover import SECRET, Receiver, receiving

from db import deliveries
from db.database import open_database
from db.deliveries import DeliveryState
from flows.server import client_environment


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as told:
        yield told


@pytest.fixture(scope="module")
def webhook(receiver: Receiver) -> dict[str, str]:
    return {
        "DOCTALLY_WEBHOOK_URL": receiver.url,
        "DOCTALLY_WEBHOOK_SECRET": SECRET,
        "DOCTALLY_WEBHOOK_PRIVATE": "true",
    }


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, webhook: dict[str, str]) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("hand-over") / "home"
    log = home.parent / "log.txt"
    started = Running(home, log, **webhook)
    try:
        started.wait_until_ready()
        yield started
    finally:
        if started.process.poll() is None:
            started.stop(signal.SIGKILL)
        sys.stderr.write(log.read_text()[-3000:])


def outbox(running: Running) -> list[str]:
    with open_database(f"sqlite:///{running.home / 'doctally.db'}") as database:
        return [str(d.state) for d in deliveries.deliveries(database)]


def pressed(api: Api) -> dict[str, Any]:
    """Return the ended run of the flow after a press of its button."""
    found = wait_for(
        "the deployment",
        lambda: [d for d in api.find("deployments") if d["name"] == "webhook-warm"],
    )
    path = f"/deployments/{found[0]['id']}/create_flow_run"
    run = api._call(path, {"state": {"type": "SCHEDULED"}})

    def ended() -> Any:
        now = next(r for r in api.runs("handover") if r["id"] == run["id"])
        return now if now["state_type"] in {"COMPLETED", "FAILED", "CRASHED"} else None

    return wait_for("the run", ended)  # type: ignore[no-any-return]


def test_the_button_says_what_was_delivered_and_turns_red_when_a_message_waits_for_a_person(
    running: Running, receiver: Receiver
) -> None:
    api = Api(running.address)
    drop(running.home, "good.pdf", invoice_pdf("R-1")).rename(running.home / "inbox" / "good.pdf")
    wait_for("the delivery", lambda: outbox(running) == [str(DeliveryState.DELIVERED)])
    run = pressed(api)
    assert (run["state_type"], run["name"]) == ("COMPLETED", "hand over")
    assert run["state"]["message"] == "0 delivered, 0 put off, 0 given up; 0 waiting"

    receiver.statuses.append(410)
    drop(running.home, "gone.pdf", invoice_pdf("R-2")).rename(running.home / "inbox" / "gone.pdf")
    wait_for("the refusal", lambda: str(DeliveryState.DEAD) in outbox(running))
    run = pressed(api)
    assert (run["state_type"], run["state_name"]) == ("FAILED", "Undelivered")
    assert run["state"]["message"].startswith("1 wait for a person")
    told = ("gone.pdf", "given up")
    wait_for("its log", lambda: any(all(t in x["message"] for t in told) for x in api.find("logs")))
    assert len(receiver.posts) == 2


def test_a_worker_runs_the_flow_in_a_process_of_its_own(
    running: Running, webhook: dict[str, str], tmp_path: Path
) -> None:
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    environment = {
        **plain,
        **client_environment(tmp_path, running.address),
        **webhook,
        "DOCTALLY_HOME": str(running.home),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    program = (
        "import asyncio; from flows.handover import handover\n"
        "state = asyncio.run(handover(return_state=True)); print(state.name, state.message)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("Undelivered 1 wait for a person"), told.stdout + told.stderr
    runs = Api(running.address).runs("handover")
    assert len([run for run in runs if run["state_name"] == "Undelivered"]) == 2

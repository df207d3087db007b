"""One run of the whole thing: a real Prefect server, a watched inbox, real readers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import drop, invoice_pdf
from ports import free_port

from db import documents
from db.database import open_database
from doctally.settings import Settings
from flows import alerts, waiting
from flows.server import Address, client_environment, healthy

ROOT = Path(__file__).resolve().parent.parent


class Api:
    """Asks a Prefect server as its UI does."""

    def __init__(self, address: Address) -> None:
        self._base = address.api
        token = self._call("/csrf-token?client=test", None)
        self._headers = {"Prefect-Csrf-Token": token["token"], "Prefect-Csrf-Client": "test"}

    def _call(self, path: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **getattr(self, "_headers", {})}
        request = urllib.request.Request(self._base + path, data=data, headers=headers)
        for patience in reversed(range(30)):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 503 or not patience:  # its database is busy: ask again
                    raise
                time.sleep(1)
        raise AssertionError("never reached")

    def runs(self, flow: str) -> list[dict[str, Any]]:
        body = {"flows": {"name": {"any_": [flow]}}, "sort": "START_TIME_DESC"}
        return self._call("/flow_runs/filter", body)

    def find(self, kind: str) -> list[dict[str, Any]]:
        return self._call(f"/{kind}/filter", {})


def wait_for(what: str, look: Any, *, seconds: float = 240) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError(f"waited in vain for {what}")


class Running:
    """``doctally up`` with the fake engine, in a process of its own that begins with a program."""

    def __init__(self, home: Path, log: Path, before: str = "", **more: str) -> None:
        self.home = home
        self.log = log
        self.address = Address("127.0.0.1", free_port())
        program = (
            f"{before}\n"
            "import sys; from fakes import FakeEngine; import flows.engine as e, flows.home as h\n"
            "h.open_home.__wrapped__.__kwdefaults__['load_engine'] = lambda _: FakeEngine()\n"
            "from doctally.cli.app import run\n"
            f"sys.exit(run(['up', '--port', '{self.address.port}']))"
        )
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
        environment |= {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "DOCTALLY_HOME": str(home),
            "DOCTALLY_READERS": "1",
            "DOCTALLY_SETTLE_S": "0.2",
            "DOCTALLY_REVIEW": "false",
            **more,
        }
        with log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program],
                env=environment,
                stdout=sink,
                stderr=sink,
                cwd=home.parent,
            )

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            return healthy(self.address) and (self.home / "inbox").is_dir()

        wait_for("the server", ready)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def states(home: Path) -> dict[str, str]:
    with open_database(f"sqlite:///{home / 'doctally.db'}") as database:
        return {d.name: str(d.state) for d in documents.recent(database)}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("up") / "home"
    started = Running(home, home.parent / "log.txt")
    try:
        started.wait_until_ready()
        yield started
    finally:
        if started.process.poll() is None:
            started.stop(signal.SIGKILL)
        sys.stderr.write((home.parent / "log.txt").read_text()[-3000:])


def test_dropped_files_become_rows_and_prefect_shows_each_with_its_outcome(
    running: Running,
) -> None:
    inbox = running.home / "inbox"
    drop(inbox, "acme/a.pdf", invoice_pdf("R-1"))
    wait_for("the first invoice", lambda: states(running.home).get("a.pdf") == "accepted")
    parts = {"b.pdf": invoice_pdf("R-2", words="UNSURE"), "c.pdf": b"%PDF-1.4 cut"}
    for name, content in parts.items():
        drop(running.home, name, content).rename(inbox / name)
    wait_for("the others", lambda: set(states(running.home).values()) >= {"review", "failed"})
    api = Api(running.address)
    ended = ("COMPLETED", "FAILED")
    done = wait_for(
        "the runs' states",
        lambda: (r := api.runs("process")) and all(x["state_type"] in ended for x in r) and r,
    )
    first = next(run for run in done if run["name"] == "a.pdf")
    assert (first["state_name"], first["state_type"]) == ("Accepted", "COMPLETED")
    assert first["state"]["message"] == "1 accepted"
    assert {"doctally", "acme"} <= set(first["tags"])
    steps = wait_for("the tasks", lambda: api.find("task_runs"))
    assert not any(step["tags"] for step in steps)  # each would ask for a slot of every tag
    others = [run for run in done if run["name"] != "a.pdf"]
    assert {run["state_name"] for run in others} & {"Failed document"}
    tables = [a for a in api.find("artifacts") if a["type"] == "table"]
    rows = [row for table in tables for row in json.loads(table["data"])]
    assert {(row["file"], row["state"]) for row in rows} == {
        ("acme/a.pdf", "accepted"),
        ("b.pdf", "review"),
        ("c.pdf", "failed"),
    }
    assert all(table["flow_run_id"] for table in tables)
    logs = wait_for("the logs", lambda: [x for x in api.find("logs") if "c.pdf" in x["message"]])
    assert all(log["message"].startswith("document ") or "c.pdf" in log["message"] for log in logs)


def test_the_button_run_of_the_ui_works_in_the_warm_process(running: Running) -> None:
    api = Api(running.address)
    warm = {"inbox-warm", "learn-warm", "nightly-warm", "reconcile-warm", "retrain-warm"}

    def registered() -> Any:
        found = api.find("deployments")
        return found if warm <= {d["name"] for d in found} else None

    deployments = wait_for("deployments", registered)
    cleaning = next(d for d in deployments if d["name"] == "nightly-warm")
    run = api._call(
        f"/deployments/{cleaning['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}}
    )

    def ended() -> Any:
        found = next(r for r in api.runs("housekeeping") if r["id"] == run["id"])
        return found if found["state_type"] in {"COMPLETED", "FAILED", "CRASHED"} else None

    done = wait_for("housekeeping", ended)
    assert (done["state_type"], done["name"]) == ("COMPLETED", "clean up")
    assert "0 old runs removed" in done["state"]["message"]
    made = {"doctally: mark vanished runs as crashed", waiting.NAME, alerts.NAME}
    found = lambda: {a["name"] for a in api._call("/automations/filter", {})}  # noqa: E731
    wait_for("the automations", lambda: found() == made)


def test_the_deployments_file_is_accepted_by_a_server(running: Running, tmp_path: Path) -> None:
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")},
        **client_environment(tmp_path, running.address),
    }
    for arguments in (
        ["work-pool", "create", "doctally", "--type", "process"],
        ["deploy", "--all"],
    ):
        told = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert told.returncode == 0, told.stdout + told.stderr
    made = {d["name"]: d for d in Api(running.address).find("deployments")}
    assert {"inbox", "nightly"} <= made.keys()
    assert made["inbox"]["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert made["inbox"]["global_concurrency_limit"]["limit"] == 1
    assert made["inbox"]["schedules"][0]["schedule"]["interval"] == 60.0


HANGING = """
import threading, time, flows.up
flows.up.STOP_S = 3
threading.Thread(target=time.sleep, args=(600,)).start()
"""


def test_a_kill_leaves_no_server_behind_and_a_second_start_goes_on_and_ends_in_time(
    running: Running, settings: Settings
) -> None:
    running.stop(signal.SIGKILL)
    wait_for("the end of the server", lambda: not healthy(running.address))
    drop(running.home, "late.pdf", invoice_pdf("R-9")).rename(running.home / "inbox" / "late.pdf")
    again = Running(running.home, running.home.parent / "log.txt", HANGING)
    try:
        again.wait_until_ready()
        wait_for("the late one", lambda: states(running.home).get("late.pdf") == "accepted")
        assert again.stop(signal.SIGINT) == 0
        assert "it hangs here" in " ".join(again.log.read_text().split())
    finally:
        if again.process.poll() is None:
            again.stop(signal.SIGKILL)
    assert not healthy(again.address)

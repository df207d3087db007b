"""``doctally up`` serves the review page beside Prefect, and takes it along when it ends."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

from fakes import drop, invoice_pdf
from test_flows_server import Api, Running, states, wait_for

from flows import waiting
from flows.server import free_address


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_up_serves_the_page_tells_of_a_long_queue_and_stops_it(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log.txt"
    port = free_address("127.0.0.1", 48_300, search=200).port
    page = f"http://127.0.0.1:{port}"
    given = {"REVIEW": "true", "REVIEW_PORT": str(port), "REVIEW_LIMIT": "1"}
    up = Running(home, log, **{f"DOCTALLY_{name}": value for name, value in given.items()})
    try:
        up.wait_until_ready()
        wait_for("the page", lambda: page in log.read_text())
        with urllib.request.urlopen(f"{page}/", timeout=30) as answer:
            told = answer.read().decode()
        assert up.address.ui in told and "Runs" in told  # the way back to Prefect
        api = Api(up.address)

        def made() -> bool:
            found = api._call("/automations/filter", {})
            return waiting.NAME in {automation["name"] for automation in found}

        wait_for("the automation", made)
        for number in ("R-1", "R-2"):
            content = invoice_pdf(number, words="UNSURE")
            drop(home, f"{number}.pdf", content).rename(home / "inbox" / f"{number}.pdf")
        wait_for("the queue", lambda: [*states(home).values()] == ["review", "review"])

        def fired() -> bool:
            wanted = {"filter": {"event": {"name": ["prefect.automation.triggered"]}}}
            found = api._call("/events/filter", wanted)["events"]
            return any(e["resource"]["prefect.resource.name"] == waiting.NAME for e in found)

        wait_for("the notice", fired)
        told = " ".join(str(a["description"]) for a in api.find("artifacts"))
        assert f"({page}/documents/1)" in told and f"({page}/documents/2)" in told
        assert up.stop() == 0
        assert not answers(port)
    finally:
        if up.process.poll() is None:
            up.process.kill()

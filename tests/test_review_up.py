"""``doctally up`` with the review page beside Prefect: links, artifacts, mails and webhooks."""

from __future__ import annotations

import json
import socket
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from fakes import drop, invoice_pdf
from letters import by_mail
from ports import free_port
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings
from test_db_matching import BOLTS, NOTE, ORDER, bring, extraction
from test_flows_server import Api, Running, states, wait_for

from db import categories
from db.database import open_database
from doctally.cli.checks import checks
from doctally.settings import Settings
from flows import alerts, waiting

BLOCKS = "smtp-email/office, custom-webhook/chat"


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Up:
    """What runs, its review page, and what the webhook was sent."""

    running: Running
    port: int
    hooked: list[dict[str, str]]

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def chat() -> Iterator[tuple[int, list[dict[str, str]]]]:
    """A web server that keeps what is posted to it."""
    got: list[dict[str, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return None

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        yield receiver.server_port, got
        receiver.shutdown()


@pytest.fixture(scope="module")
def up(
    tmp_path_factory: pytest.TempPathFactory,
    post: Controller,
    chat: tuple[int, list[dict[str, str]]],
) -> Iterator[Up]:
    """``doctally up`` that tells people by mail and webhook, the blocks made after its start."""
    folder = tmp_path_factory.mktemp("up")
    port = free_port()
    given = {
        "REVIEW": "true",
        "REVIEW_PORT": str(port),
        "REVIEW_LIMIT": "1",
        "NOTIFY_BLOCK": BLOCKS,
    }
    log = folder / "log.txt"
    named = {f"DOCTALLY_{name}": value for name, value in given.items()}
    running = Running(folder / "home", log, **named)
    hook, got = chat
    try:
        running.wait_until_ready()
        found = Up(running, port, got)
        wait_for("the page", lambda: found.page in log.read_text())
        settings = Settings(home=running.home, port=running.address.port, notify_block=BLOCKS)
        [absent] = checks(settings, only=["notices"])
        assert absent.warning and BLOCKS in absent.detail
        outside = {PREFECT_API_URL: running.address.api, PREFECT_HOME: folder / "prefect"}
        with temporary_settings(outside):
            by_mail(post).save("office")
            CustomWebhookNotificationBlock(
                name="chat",
                url=f"http://127.0.0.1:{hook}/",
                json_data={"title": "{{subject}}", "text": "{{body}}"},
            ).save("chat")
        [there] = checks(settings, only=["notices"])
        assert not there.warning and there.detail == f"{BLOCKS}: there"
        yield found
    finally:
        if running.process.poll() is None:
            running.process.kill()
        sys.stderr.write(log.read_text()[-3000:])


def test_the_page_leads_to_prefect_and_the_automations_take_blocks_made_later(up: Up) -> None:
    with urllib.request.urlopen(f"{up.page}/", timeout=30) as answer:
        told = answer.read().decode()
    assert up.running.address.ui in told and "Runs" in told
    api = Api(up.running.address)

    def sending() -> bool:
        found = {a["name"]: a["actions"] for a in api._call("/automations/filter", {})}
        kinds = [[a["type"] for a in found.get(n, ())] for n in (waiting.NAME, alerts.NAME)]
        return kinds == [["send-notification"] * 2] * 2

    wait_for("the automations", sending)


def test_a_long_queue_is_told_by_mail_and_webhook_and_linked_from_the_run(
    up: Up, post: Controller
) -> None:
    home = up.running.home
    for number in ("R-1", "R-2"):
        content = invoice_pdf(number, words="UNSURE")
        drop(home, f"{number}.pdf", content).rename(home / "inbox" / f"{number}.pdf")
    wait_for("the queue", lambda: [*states(home).values()] == ["review", "review"])
    wait_for("mail and webhook", lambda: post.handler.got and up.hooked)
    ((receivers, letter),) = post.handler.got
    assert receivers == ["a@example.com", "b@example.com"]
    assert letter["Subject"] == "More than 1 documents wait for a person"
    assert letter.get_content().strip() == f"2 documents wait: {up.page}"
    assert up.hooked == [{"title": letter["Subject"], "text": letter.get_content().strip()}]
    told = " ".join(str(a["description"]) for a in Api(up.running.address).find("artifacts"))
    assert f"({up.page}/documents/1)" in told and f"({up.page}/documents/2)" in told


def test_reconcile_draws_its_four_artifacts_and_tells_what_is_late_by_mail_and_webhook(
    up: Up, post: Controller
) -> None:
    post.handler.got.clear()
    up.hooked.clear()
    money = {"issue_date": "2024-03-20", "currency": "EUR"}
    dearer = {**BOLTS, "unit_price": "0.30", "amount_net": "30.00"}
    late = {"event_time": "2024-04-04T10:00:00Z", "expected_delivery_date": "2024-04-03"}
    number = "1Z999AA10123456784"
    mop = extraction(
        "invoice", "C9", supplier_name="Clean Sweep Ltd", total_gross="238.00", **money
    )
    with open_database(f"sqlite:///{up.running.home / 'doctally.db'}") as database:
        bring(database, ORDER)
        bring(database, NOTE)
        dear = bring(
            database,
            extraction("invoice", "R1", dearer, order_number="4711", total_gross="35.70", **money),
        )
        bring(database, mop)
        bring(
            database,
            extraction(
                "shipment_status",
                "M2",
                tracking_number=number,
                status="exception",
                status_reason="delay by a storm",
                order_number="PO-4711",
                **late,
            ),
        )
        now = datetime.now(UTC)
        categories.take_in(database, now=now)
        asked = {one.name: one.supplier_id for one in categories.to_sort(database, limit=9)}
        chosen = {asked["Clean Sweep Ltd"]: ("cleaning_waste_services", 1.0)}
        assert categories.keep(database, chosen, source=categories.HUMAN, now=now) == 1
    api = Api(up.running.address)

    def registered() -> Any:
        return [d for d in api.find("deployments") if d["name"] == "reconcile-warm"]

    (warm,) = wait_for("the deployment", registered)
    api._call(f"/deployments/{warm['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})

    def drawn() -> Any:
        found = {a["key"]: a["data"] for a in api.find("artifacts") if a["key"]}
        return found if number in str(found.get("shipments-overdue")) else None

    found = wait_for("the artifacts", drawn)
    (exception,) = json.loads(found["open-exceptions"])
    assert (exception["reason"], exception["at stake"]) == ("price above order", "5.00 EUR")
    assert exception["document"] == f"[{dear}]({up.page}/documents/{dear})"
    assert "| price above order | 1 | 5.00 EUR |" in found["open-amounts"]
    assert "Cleaning and waste services | 1 | 238.00 EUR |" in found["spend-by-category"]
    (shipment,) = json.loads(found["shipments-overdue"])
    assert (shipment["carrier"], shipment["why"]) == ("UPS", "exception, overdue, silent")
    assert (shipment["state"], shipment["expected"]) == ("exception weather", "2024-04-03")
    assert shipment["invoices"] == f"[{dear}]({up.page}/documents/{dear})"
    wait_for("mail and webhook", lambda: post.handler.got and up.hooked)
    ((_, letter),) = post.handler.got
    assert letter["Subject"] == alerts.NAME
    said = f"3 new: {number}: exception; {number}: overdue; {number}: silent"
    assert " ".join(letter.get_content().split()) == said
    assert up.hooked == [{"title": alerts.NAME, "text": said}]


def test_all_ends_at_once_and_rightly_also_while_a_run_is_in_work(up: Up) -> None:
    api = Api(up.running.address)
    (warm,) = [d for d in api.find("deployments") if d["name"] == "reconcile-warm"]
    run = api._call(f"/deployments/{warm['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})

    def begun() -> bool:
        found = next(r for r in api.runs("reconcile") if r["id"] == run["id"])
        return found["state_type"] in {"RUNNING", "COMPLETED"}

    wait_for("the run", begun)
    assert up.running.stop() == 0
    assert not answers(up.port)

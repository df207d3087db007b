"""What watches: log lines, figures, dashboard, alerts, traces, from real runs of the flows."""

from __future__ import annotations

import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from fakes import FakeEngine, drop, invoice_pdf
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from db import documents, gauges
from db.claims import Incoming
from db.database import Database
from db.store import Stored
from doctally.errors import AccessDenied
from doctally.logs import about, json_lines
from doctally.pages import Page, Reading
from doctally.results import Extraction, FieldValue, State
from doctally.review.api import metrics
from doctally.review.office import open_office
from doctally.settings import Settings
from flows.home import open_home
from flows.measure import FILE, Meter
from flows.once import process_all

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def worked(settings: Settings) -> Settings:
    """Return a home in which an invoice was accepted and a broken file failed."""
    drop(settings.home / "inbox", "good.pdf", invoice_pdf("R-1"))
    drop(settings.home / "inbox", "broken.pdf", b"%PDF-1.7 and nothing more")
    process(settings)
    return settings


def process(settings: Settings) -> None:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        home.meter.trouble(AccessDenied("locked", code="database_locked"))
        for _ in process_all(home, told=lambda _: None):
            pass


def families(settings: Settings) -> dict[str, Any]:
    with open_office(settings) as office:
        app = FastAPI()
        metrics.register(app, office)
        text = TestClient(app).get("/metrics").text
    return {family.name: family for family in text_string_to_metric_families(text)}


def samples(family: Any) -> dict[tuple[str, ...], float]:
    return {(s.name, *s.labels.values()): s.value for s in family.samples}


def test_the_figures_tell_of_outcomes_steps_pages_and_troubles(worked: Settings) -> None:
    drop(worked.home / "inbox", "late.pdf", invoice_pdf("R-9"))
    found = families(worked)
    ended = samples(found["doctally_ended"])
    assert ended == {
        ("doctally_ended_total", "accepted"): 1,
        ("doctally_ended_total", "failed"): 1,
    }
    steps = samples(found["doctally_step_seconds"])
    for step in ("read", "extract", "store", "file"):
        assert steps["doctally_step_seconds_count", step] == 1
        assert steps["doctally_step_seconds_sum", step] > 0
    assert samples(found["doctally_pages"]) == {("doctally_pages_total", "text"): 1}
    assert samples(found["doctally_troubles"]) == {
        ("doctally_troubles_total", "database_locked"): 1
    }
    assert samples(found["doctally_inbox_length"]) == {("doctally_inbox_length",): 1}
    assert 0 <= samples(found["doctally_inbox_age_seconds"])["doctally_inbox_age_seconds",] < 600
    assert samples(found["doctally_ocr_share"]) == {("doctally_ocr_share",): 0}
    assert "doctally_confidence_drift" not in found  # of two documents nothing can be said
    seen = samples(found["doctally_runner_seen_timestamp_seconds"])
    assert abs(seen["doctally_runner_seen_timestamp_seconds",] - datetime.now().timestamp()) < 600


def test_figures_of_another_version_or_none_stop_nothing(worked: Settings) -> None:
    (worked.home / FILE).write_text("doctally_ended_total{outcome= what is this")
    assert "doctally_documents" in families(worked)
    (worked.home / FILE).unlink()
    assert "doctally_documents" in families(worked)


def test_every_figure_of_dashboard_and_alerts_is_exported(worked: Settings) -> None:
    exported = {s.name for family in families(worked).values() for s in family.samples}
    exported.add("doctally_confidence_drift")
    board = json.loads((ROOT / "deploy/grafana/doctally.json").read_text())
    asked = [t["expr"] for panel in board["panels"] for t in panel["targets"]]
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text()
    named = set(re.findall(r"doctally_\w+", " ".join(asked) + rules))
    assert len(named) > 12
    assert named - exported == set()


def test_every_alert_is_explained(worked: Settings) -> None:
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text()
    manual = (ROOT / "docs/watching.md").read_text()
    assert [name for name in re.findall(r"alert: (\w+)", rules) if name not in manual] == []


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    sink = io.StringIO()
    logger = logging.getLogger("doctally")
    before, level = list(logger.handlers), logger.level
    own = logging.getLogger("doctally.document")
    quiet = own.level  # what is written for people leaves these lines out
    own.setLevel(logging.NOTSET)
    handler = json_lines(sink=sink)
    yield sink
    own.setLevel(quiet)
    logger.removeHandler(handler)
    logger.handlers[:] = before
    logger.setLevel(level)
    logger.propagate = True


def test_every_document_has_a_log_line_that_names_it_and_why(
    settings: Settings, lines: io.StringIO
) -> None:
    drop(settings.home / "inbox", 'od"d\nname.pdf', b"%PDF-1.7 and nothing more")
    with about(run="run-7"):
        process(settings)
    [told] = [one for one in map(json.loads, lines.getvalue().splitlines()) if "document" in one]
    assert (told["document"], told["state"], told["level"]) == (1, "failed", "info")
    assert "(damaged)" in told["reason"] or "damaged" in told["reason"]
    assert told["run"] == "run-7"
    assert told["time"].endswith("Z") and told["logger"] == "doctally.document"


def test_an_error_of_many_lines_is_one_line(lines: io.StringIO) -> None:
    try:
        raise ValueError("one\ntwo")
    except ValueError:
        logging.getLogger("doctally.runner").exception("trouble;\ntrying again")
    [line] = lines.getvalue().splitlines()
    assert json.loads(line)["message"] == "trouble;\ntrying again"
    assert "ValueError: one\ntwo" in json.loads(line)["error"]


class Collector(BaseHTTPRequestHandler):
    """Takes traces."""

    taken: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.taken.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return None


def test_a_batch_and_its_steps_are_traced_to_a_collector(settings: Settings) -> None:
    from opentelemetry.sdk.trace import TracerProvider

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1/traces"
    traced = settings.model_copy(update={"traces_url": url})
    drop(settings.home / "inbox", "good.pdf", invoice_pdf("R-1"))
    made: list[TracerProvider] = []
    real = TracerProvider.get_tracer
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            TracerProvider, "get_tracer", lambda self, *a: made.append(self) or real(self, *a)
        )
        process(traced)
    made[0].shutdown()
    server.shutdown()
    sent = b"".join(Collector.taken)
    for name in (b"batch", b"read", b"extract", b"store", b"file", b"doctally.documents"):
        assert name in sent


def store(database: Database, first: int, count: int, confidence: float) -> None:
    numbers = range(first, first + count)
    files = [Incoming(f"{n:064x}", f"{n}.pdf", (), 9, file_id=str(n)) for n in numbers]
    claims = documents.claim(database, files, owner="a", now=NOW, lease_s=60)
    page = Reading("application/pdf", (Page(1, 1, 1, (), "ocr" if first > 1 else "text"),))
    fields = {f"field_{i}": FieldValue("x", confidence + i / 1000) for i in range(3)}
    found = Extraction("invoice", 0.9, fields, (), "v1")
    batch = [Stored(c.document_id, page, found, (), State.ACCEPTED) for c in claims]
    documents.store(database, batch, owner="a", now=NOW)


def test_confidences_that_change_are_drift(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauges, "LATEST", 40)
    store(database, 1, 80, 0.97)
    assert gauges.drift(database) is None
    store(database, 100, 40, 0.97)
    same = gauges.drift(database)
    assert same is not None and same < 0.1
    store(database, 200, 40, 0.6)
    other = gauges.drift(database)
    assert other is not None and other > 0.25
    assert gauges.ocr_share(database, now=NOW) == 0.5


def test_what_is_longest_in_work_is_known(database: Database) -> None:
    assert gauges.in_work(database).oldest is None
    documents.claim(database, [Incoming("a" * 64, "a.pdf", (), 9)], owner="a", now=NOW, lease_s=9)
    assert gauges.in_work(database) == gauges.InWork(1, NOW)


def test_a_full_disk_does_not_stop_the_meter(tmp_path: Path) -> None:
    meter = Meter()
    meter.leave(tmp_path / "nowhere")
    meter.leave(tmp_path)
    assert "doctally_runner_seen" in (tmp_path / FILE).read_text()

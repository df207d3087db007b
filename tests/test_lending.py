"""One process holds the model, others ask it: same answers, nobody else's, nothing lost."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from fakes import drop, invoice_pdf
from ports import free_port
from tiny import page_of

import flows.distant
import flows.lending
import flows.replies
from db import documents
from db.database import open_database
from doctally.categories import load_categories
from doctally.cli import checks
from doctally.errors import AccessDenied, BadDocument, ConfigurationError, DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction
from doctally.settings import Settings
from extractors.read import ReadLimits, read
from flows.apart import Apart
from flows.distant import Distant
from flows.engine import Named, extract_each, shared_engine
from flows.home import open_home
from flows.joint import Joint, Pass
from flows.lending import application, check_token
from flows.once import process_all
from flows.steps import transient

TOKEN = "a token of the tests"
PAPERS = Path(__file__).parent / "documents"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def asked(settings: Settings, port: int, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a worker and of a server that both have the fake engine's version."""
    for module in (flows.distant, flows.lending):
        monkeypatch.setattr(module, "active", lambda _: SimpleNamespace(name="fake-1"))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    url = f"http://127.0.0.1:{port}"
    given = {"model_url": url, "model_token": TOKEN, "model_port": port, "read_timeout_s": 20.0}
    return Settings.model_validate(settings.model_dump() | given)


@contextmanager
def serving(settings: Settings, *, loader: str = "kill_child:load") -> Iterator[Apart]:
    model = Apart(settings.model_copy(update={"model_url": ""}), loader=loader)
    chosen = uvicorn.Config(
        application(settings, model),
        host=settings.model_host,
        port=settings.model_port,
        log_level="error",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(chosen)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield model
    finally:
        server.should_exit = True
        thread.join()
        model.close()


def reading(*lines: str) -> Reading:
    return Reading("application/pdf", (page_of(*lines),))


def told(number: str) -> Reading:
    return reading(f"Invoice number {number}", "Gross 119.00", "Currency EUR")


def test_a_document_comes_back_as_the_engine_gave_it(asked: Settings) -> None:
    with serving(asked):
        client = Distant(asked)
        assert client.version == "fake-1"
        [found] = client.extract([told("A-1")])
    assert found.fields["document_number"].value == "A-1"
    assert found.fields["document_number"].confidence == 0.99


def test_what_ends_the_model_costs_that_document_alone(asked: Settings) -> None:
    with serving(asked) as model:
        given = [told("A-1"), reading("POISON"), told("A-2"), reading("EXIT")]
        found = extract_each(Distant(asked), given)
        starts = model.starts
    kinds = [f.code if isinstance(f, BadDocument) else "" for f in found]
    assert kinds == ["", "engine_error", "", "crashed_repeatedly"]
    assert starts == 3  # for all together, for each alone, and once more for the last


def test_nobody_without_the_token_gets_an_answer(asked: Settings) -> None:
    with serving(asked):
        stranger = asked.model_copy(update={"model_token": type(asked.model_token)("x" * 20)})
        with pytest.raises(AccessDenied, match="token") as caught:
            Distant(stranger).extract([told("A-1")])
        assert transient(caught.value)
        for path in ("model", "metrics"):
            assert httpx.get(f"{asked.model_url}/{path}").status_code == 401
        assert httpx.post(f"{asked.model_url}/extract", json=[]).status_code == 401
        assert httpx.get(f"{asked.model_url}/health").json() == {"status": "ok"}
        assert httpx.get(f"{asked.model_url}/docs").status_code == 404


def test_what_is_no_reading_is_refused_before_the_model_sees_it(
    asked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows.replies, "LARGEST", 1000)
    with serving(asked) as model, httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as ask:
        url = f"{asked.model_url}/extract"
        assert (
            ask.post(url, content=b"[]", headers={"Content-Type": "text/plain"}).status_code == 415
        )
        assert ask.post(url, json=[{"media_type": 7}]).status_code == 422
        assert ask.post(url, json=[{"media_type": "x"}] * 33).status_code == 422
        assert ask.post(url, json=["x" * 1000]).status_code == 413
        assert model.starts == 0
        text = ask.get(f"{asked.model_url}/metrics").text
        for reason, count in {"type": 1, "form": 2, "size": 1, "busy": 0}.items():
            assert f'doctally_model_refused_total{{reason="{reason}"}} {count}.0' in text


def test_it_is_not_opened_to_others_without_a_token(settings: Settings) -> None:
    check_token(settings)
    open_to_all = settings.model_copy(update={"model_host": "0.0.0.0"})
    with pytest.raises(ConfigurationError, match="DOCTALLY_MODEL_TOKEN"):
        check_token(open_to_all)
    secret = type(settings.model_token)
    check_token(open_to_all.model_copy(update={"model_token": secret(TOKEN)}))
    with pytest.raises(ConfigurationError, match="16"):
        check_token(open_to_all.model_copy(update={"model_token": secret("short")}))


def test_documents_wait_while_the_server_is_away_and_none_is_failed(asked: Settings) -> None:
    chosen = asked.model_copy(update={"model_url": f"http://127.0.0.1:{asked.model_port}"})
    with open_home(chosen, load_engine=Distant) as home:
        for number in range(3):
            drop(home.folders.inbox, f"{number}.pdf", invoice_pdf(f"A-{number}"))
        with pytest.raises(AccessDenied, match="serve-model") as caught:
            list(process_all(home, told=lambda _: None))
        assert transient(caught.value)
        assert not any(documents.counts(home.database).get(s, 0) for s in ("failed", "accepted"))
        with serving(chosen):
            list(process_all(home, told=lambda _: None))
    with open_database(chosen.url) as database:
        counts = documents.counts(database)
    assert sum(counts.values()) == 3 and not counts.get("failed")
    assert len(list((chosen.home / "processing").iterdir())) == 0


def test_a_server_with_another_bank_is_not_used(
    asked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(asked):
        monkeypatch.setattr(flows.distant, "active", lambda _: SimpleNamespace(name="other"))
        with pytest.raises(ConfigurationError, match="fake-1") as caught:
            Distant(asked).extract([told("A-1")])
    assert transient(caught.value)  # the documents wait until somebody mends it


def test_whoever_looks_is_told_what_is_wrong_with_the_server(asked: Settings) -> None:
    look = checks._CHECKS["model"]
    assert "serve-model" in Distant(asked).trouble()
    with pytest.raises(AccessDenied, match="serve-model"):
        look(asked)
    with serving(asked):
        assert Distant(asked).trouble() == ""
        assert "reads with bank version fake-1" in look(asked)
    with pytest.raises(ConfigurationError, match="http"):
        look(asked.model_copy(update={"model_url": "file:///etc"}))


def test_a_server_that_falls_silent_is_given_up(
    asked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows.distant, "SILENCE_S", 0.3)
    mute = socket.create_server(("127.0.0.1", asked.model_port))  # takes calls, never answers
    with mute, pytest.raises(AccessDenied, match="ReadTimeout") as caught:
        Distant(asked).extract([told("A-1")])
    assert transient(caught.value)


class Slow:
    """A model whose first pass waits until the test lets it go."""

    def __init__(self) -> None:
        self.passes: list[list[str]] = []
        self.go = threading.Event()

    def extract_each(self, readings: Sequence[Reading]) -> list[Extraction | BadDocument]:
        self.passes.append([r.media_type for r in readings])
        assert self.go.wait(30)
        return [Extraction("invoice", 1.0, {}, (), r.media_type) for r in readings]

    def ask(self, verb: str, *given: Any) -> Any:
        raise DoctallyError("it fails", code="engine_ended")


def test_calls_that_wait_are_read_in_one_pass_and_each_gets_its_own() -> None:
    model, seen = Slow(), []

    async def all_of_it() -> list[list[str]]:
        joint = Joint(model, at_most=5, told=seen.append)
        work = asyncio.create_task(joint.run())
        calls = [
            asyncio.create_task(joint.extract([Reading(f"{caller}{n}") for n in range(2)]))
            for caller in "abcd"
        ]
        await asyncio.sleep(0)
        gone = asyncio.create_task(joint.extract([Reading("gone")]))
        fails = asyncio.create_task(joint.ask("same", []))
        await asyncio.sleep(0)
        gone.cancel()
        assert joint.waiting in {8, 6, 4, 9}
        model.go.set()
        found = [[one.model_version for one in await call] for call in calls]
        with pytest.raises(DoctallyError, match="it fails"):
            await fails
        work.cancel()
        return found

    found = asyncio.run(all_of_it())
    assert found == [[f"{caller}0", f"{caller}1"] for caller in "abcd"]
    assert [one for done in model.passes for one in done] == [n for pair in found for n in pair]
    assert max(map(len, model.passes)) == 4  # two callers fit into one pass, three do not
    assert Pass in {type(done) for done in seen}


CALLER = """
import json, sys
from pathlib import Path
from doctally.settings import load_settings
from extractors.read import ReadLimits, read
from flows.engine import shared_engine
engine = shared_engine(load_settings())
papers = [read(Path(name), ReadLimits()) for name in sys.argv[1:]]
found = [one for paper in papers for one in engine.extract([paper])]
cells = [{n: [v.value, v.confidence] for n, v in one.fields.items()} for one in found]
print(json.dumps([
    "torch" in sys.modules, engine.version, [one.document_type for one in found], cells,
    engine.categorise([__import__("flows.engine").engine.Named("Stadtwerke", "Strom")],
        __import__("doctally.categories").categories.load_categories(None)),
]))
"""


def test_two_workers_read_with_one_bank_what_each_would_read_alone(
    settings: Settings, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCTALLY_MODEL_TOKEN", TOKEN)
    monkeypatch.setenv("DOCTALLY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCTALLY_THREADS", "1")
    papers = [tmp_path / f"{n}.pdf" for n in range(2)]
    for number, paper in enumerate(papers):
        paper.write_bytes(invoice_pdf(f"A-{number}"))
    command = [sys.executable, "-m", "doctally.cli", "serve-model", "--port", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        while "Ctrl-C" not in (line := server.stderr.readline()):
            assert line, "the model server did not start"
        monkeypatch.setenv("DOCTALLY_MODEL_URL", f"http://127.0.0.1:{port}")
        callers = [
            subprocess.Popen(
                [sys.executable, "-c", CALLER, *map(str, part)], stdout=subprocess.PIPE
            )
            for part in (papers[:1], papers[1:])
        ]
        here = shared_engine(settings)
        alone = [here.extract([read(paper, ReadLimits())])[0] for paper in papers]
        said = [json.loads(caller.communicate(timeout=120)[0]) for caller in callers]
    finally:
        server.terminate()
        server.wait(30)
    sorted_here = here.categorise([Named("Stadtwerke", "Strom")], load_categories(None))  # type: ignore[attr-defined]
    read_there = []
    for has_torch, version, kinds, cells, categories in said:
        assert not has_torch and version == here.version
        assert [[name, pytest.approx(sure)] for name, sure in sorted_here] == categories
        read_there += list(zip(kinds, cells, strict=True))
    for one, (kind, cells) in zip(alone, read_there, strict=True):
        assert kind == one.document_type
        wanted = {
            n: [v.value, pytest.approx(v.confidence, abs=1e-4)] for n, v in one.fields.items()
        }
        assert cells == wanted and wanted

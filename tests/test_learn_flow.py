"""The flow ``learn``: a process of its own does the work, documents are taken meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from db.database import open_database
from doctally.settings import Settings
from flows import learn as flow_module
from flows import runner as runner_module
from flows.home import open_home
from flows.learn import learn, retrain
from flows.report import as_markdown
from flows.runner import Runner
from flows.schedule import BESIDE

REPORT: dict[str, Any] = {
    "before": "v1",
    "version": "v2",
    "promoted": True,
    "why": "learnt: <Muster> | GmbH",
    "new_documents": 3,
    "seconds": 4.2,
    "suppliers": [
        {
            "supplier": "<Muster> | GmbH",
            "kept": True,
            "why": "its papers are read better",
            "documents": 3,
            "old_error": 0.5,
            "new_error": 0.125,
            "better": 4,
            "worse": 1,
            "p_worse": 0.9,
        }
    ],
    "tasks": [
        {
            "task": "invoice",
            "kept": False,
            "why": "worse: total_gross",
            "trained_on": 9,
            "groups": [],
            "fields": [],
        }
    ],
    "flagged": [{"document": 7, "field": "total_net", "line": None, "who": "ann", "why": "x"}],
}


def test_the_report_has_bars_and_no_markup_from_outside() -> None:
    text = as_markdown(REPORT)
    assert "████████████············" in text and "50.0%" in text and "12.5%" in text
    assert "<Muster>" not in text
    assert "Task invoice: left, worse: total_gross" in text
    assert "| 7 | total_net | ann | x |" in text
    there = as_markdown(REPORT, "http://127.0.0.1:4300")
    assert "| [7](http://127.0.0.1:4300/documents/7) | total_net | ann | x |" in there
    assert "(http://127.0.0.1:4300/bank)" in there


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give what the child says and what the flow shows."""
    kept: dict[str, Any] = {"report": REPORT, "artifacts": [], "arguments": []}

    async def child(arguments: Sequence[str], settings: Any, told: Any) -> Any:
        kept["arguments"].append(list(arguments))
        return kept["report"]

    async def artifact(text: str, **named: Any) -> None:
        kept["artifacts"].append(text)

    monkeypatch.setattr(flow_module, "_child", child)
    monkeypatch.setattr(flow_module, "acreate_markdown_artifact", artifact)
    monkeypatch.setattr(flow_module, "get_run_logger", lambda: logging.getLogger("test"))
    return kept


def test_a_run_says_what_became_of_it(said: dict[str, Any]) -> None:
    state = asyncio.run(learn.fn())
    assert (state.name, state.message) == ("Promoted", REPORT["why"])
    assert len(said["artifacts"]) == 1
    said["report"] = {**REPORT, "promoted": False, "suppliers": [], "tasks": [], "flagged": []}
    assert asyncio.run(retrain.fn()).name == "Kept"
    assert said["arguments"][1][0] == "--full" and len(said["artifacts"]) == 1
    said["report"] = {"error": "another process is learning now", "code": "already_running"}
    state = asyncio.run(learn.fn())
    assert (state.name, state.is_completed()) == ("Skipped", True)
    said["report"] = {"error": "no bank", "code": "configuration"}
    assert asyncio.run(learn.fn()).is_failed()


def test_the_child_learns_with_the_settings_of_the_runner(settings: Settings) -> None:
    settings.home.mkdir(parents=True)
    open_database(settings.url).close()
    told: list[str] = []
    report = asyncio.run(flow_module._child(["--minutes", "1"], settings, told.append))
    assert report["why"] == "no new corrections"
    assert report["bank"] == str(settings.home / "bank")
    assert told == []


def test_documents_are_taken_while_a_run_of_learning_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        going, ended = asyncio.Event(), asyncio.Event()

        async def execute(client: Any, flow: Any, scheduled: Any) -> None:
            going.set()
            await asyncio.Event().wait()

        class Client:
            async def __aenter__(self) -> Client:
                return self

            async def __aexit__(self, *given: object) -> None:
                ended.set()

        monkeypatch.setattr(runner_module, "execute", execute)
        monkeypatch.setattr(runner_module, "get_client", Client)
        with open_home(settings) as home:
            runner = Runner(home, None, told=lambda batch: None)
            runner._runs.put_nowait((BESIDE[0], SimpleNamespace(id="1")))
            assert await runner._turn()
            await going.wait()
            assert not await runner._turn()  # it looked into the inbox, which is empty
            assert len(runner._beside) == 1
            runner.stop()
            await runner.run(until_idle=True)
            assert ended.is_set() and not runner._beside

    asyncio.run(asyncio.wait_for(main(), 60))

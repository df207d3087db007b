"""The review queue towards Prefect: links from a run, a notice when the queue passes its limit."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from prefect.exceptions import ObjectNotFound

from db import documents
from db.claims import Incoming
from db.database import Database
from db.store import Stored
from doctally.pages import Reading
from doctally.results import Extraction, State
from doctally.settings import Settings
from flows import waiting
from flows.batch import Row
from flows.notices import ensure_notices

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def test_a_run_leads_to_its_documents_and_outsiders_names_stay_harmless() -> None:
    rows = [Row(1, "a.pdf", state="accepted"), Row(2, "b](http://evil)[.pdf", state="review")]
    told = waiting.links(rows, "http://127.0.0.1:4300")
    assert told.endswith("- [b)(http://evil)(.pdf](http://127.0.0.1:4300/documents/2)")
    assert "a.pdf" not in told
    assert waiting.links(rows[:1], "http://x") == ""
    assert waiting.links(rows, "") == ""
    many = waiting.links([Row(n, f"{n}.pdf", state="review") for n in range(50)], "http://x")
    assert many.count("/documents/") == 20 and many.endswith("- [30 more](http://x/)")


def put(database: Database, *numbers: int) -> None:
    for number in numbers:
        file = Incoming(f"{number:064x}", f"{number}.pdf", (), 9)
        (claim,) = documents.claim(database, [file], owner="a", now=NOW, lease_s=60)
        found = Extraction("invoice", 0.9, {}, (), "b")
        row = Stored(claim.document_id, Reading("application/pdf"), found, (), State.REVIEW)
        documents.store(database, [row], owner="a", now=NOW)


def test_only_the_passing_of_the_limit_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(waiting, "emit_event", lambda **event: events.append(event))
    settings = Settings(review_limit=2)
    put(database, 1, 2)
    assert not waiting.tell_if_long(database, settings, added=2)
    put(database, 3, 4)
    assert not waiting.tell_if_long(database, Settings(review_limit=0), added=2)
    assert not waiting.tell_if_long(database, settings, added=0)
    assert waiting.tell_if_long(database, settings, added=2)
    put(database, 5)
    assert not waiting.tell_if_long(database, settings, added=1)
    (event,) = events
    assert event["event"] == waiting.EVENT
    assert event["payload"] == {"waiting": 4, "limit": 2, "page": "http://127.0.0.1:4300"}


class Server:
    """The part of Prefect's client that automations need."""

    def __init__(self) -> None:
        self.automations: dict[Any, Any] = {}
        self.blocks: dict[tuple[str, str], Any] = {}

    async def read_automations_by_name(self, name: str) -> list[Any]:
        return [
            SimpleNamespace(id=number, description=made.description, actions=made.actions)
            for number, made in self.automations.items()
            if made.name == name
        ]

    async def create_automation(self, automation: Any) -> None:
        self.automations[uuid4()] = automation

    async def delete_automation(self, number: Any) -> None:
        del self.automations[number]

    async def read_block_document_by_name(self, name: str, kind: str) -> Any:
        if (kind, name) not in self.blocks:
            raise ObjectNotFound(Exception(name))
        return SimpleNamespace(id=self.blocks[kind, name])


def test_the_automation_is_made_once_and_anew_for_other_settings_and_blocks() -> None:
    server: Any = Server()

    def ensure(**given: Any) -> list[Any]:
        settings = Settings(**given)
        absent.append(asyncio.run(ensure_notices(server, settings, [waiting.notice(settings)])))
        return list(server.automations.values())

    absent: list[tuple[str, ...]] = []
    (quiet,) = ensure()
    assert quiet.actions[0].type == "do-nothing"
    assert quiet.trigger.expect == {waiting.EVENT}
    assert ensure() == [quiet]
    both = "slack-webhook/office, smtp-email/office"
    assert ensure(notify_block=both) == [quiet]
    assert absent == [(), (), ("slack-webhook/office", "smtp-email/office")]
    slack, mail, later = uuid4(), uuid4(), uuid4()
    server.blocks = {("slack-webhook", "office"): slack}
    (loud,) = ensure(notify_block=both)
    assert [action.block_document_id for action in loud.actions] == [slack]
    assert "50 documents" in loud.actions[0].subject
    assert absent[-1] == ("smtp-email/office",)
    server.blocks["smtp-email", "office"] = mail
    (louder,) = ensure(notify_block=both)
    assert [action.block_document_id for action in louder.actions] == [slack, mail]
    assert ensure(notify_block=both) == [louder] and absent[-1] == ()
    server.blocks["smtp-email", "office"] = later  # taken away and made anew
    (anew,) = ensure(notify_block=both)
    assert [action.block_document_id for action in anew.actions] == [slack, later]
    assert ensure(review_limit=0) == []

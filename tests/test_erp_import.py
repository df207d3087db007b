"""The ERP example as a receiver: signed messages are booked once, others refused."""

from __future__ import annotations

import importlib.util
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from fakes import FakeEngine, drop, invoice_pdf
from pydantic import SecretStr

from doctally.settings import Settings
from doctally.signature import signature
from flows.deliver import Sent, deliver
from flows.home import open_home
from flows.once import process_all
from flows.target import target_of

ROOT = Path(__file__).resolve().parent.parent
SECRET = "the-secret-of-the-example"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("erp", ROOT / "examples" / "erp_import.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def erp(example: ModuleType, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    books = tmp_path / "erp.db"
    server = example.serve(0, str(books), SECRET)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", books
    server.shutdown()
    thread.join()
    server.server_close()


def bills(books: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(books) as erp:
        return erp.execute("SELECT vendor, number, currency, gross FROM bills").fetchall()


def test_accepted_invoices_become_bills_each_once(
    settings: Settings, erp: tuple[str, Path]
) -> None:
    url, books = erp
    given = {"webhook_url": url, "webhook_secret": SecretStr(SECRET), "webhook_private": True}
    chosen = settings.model_copy(update=given)
    with open_home(chosen, load_engine=lambda _: FakeEngine()) as home:
        for number in ("R-1", "R-2"):
            drop(home.folders.inbox, f"{number}.pdf", invoice_pdf(number))
        list(process_all(home, told=lambda _: None))
        target = target_of(home.settings)
        assert target is not None
        assert deliver(home.database, target, now=home.now) == Sent(delivered=2)
    assert sorted(bills(books)) == [
        ("ACME", "R-1", "EUR", "119.00"),
        ("ACME", "R-2", "EUR", "119.00"),
    ]


def test_a_message_that_comes_twice_is_booked_once_and_a_forged_or_old_one_never(
    erp: tuple[str, Path],
) -> None:
    url, books = erp
    body = (
        b'{"type":"document.accepted","data":{"document_id":1,"document_type":"invoice",'
        b'"fields":{"document_number":{"value":"R-7"}},"line_items":[]}}'
    )

    def post(secret: str, stamp: int) -> int:
        signed = signature([secret.encode()], message_id="m-1", timestamp=stamp, body=body)
        headers = {"webhook-id": "m-1", "webhook-timestamp": str(stamp)}
        return httpx.post(
            url, content=body, headers={**headers, "webhook-signature": signed}
        ).status_code

    now = int(time.time())
    assert post("another-secret-altogether", now) == 401
    assert post(SECRET, now - 3600) == 401
    assert [post(SECRET, now), post(SECRET, now)] == [200, 200]
    assert [number for _, number, _, _ in bills(books)] == ["R-7"]

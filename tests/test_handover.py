"""Handing over by webhook: a real receiver, real SQL, every kind of answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEngine, drop, invoice_pdf
from pydantic import SecretStr

from db import deliveries, documents
from db.deliveries import DeliveryState
from doctally.cli.app import run
from doctally.cli.checks import checks
from doctally.errors import ConfigurationError
from doctally.results import State
from doctally.settings import Settings
from doctally.signature import keys_of, signature
from flows.deliver import PAUSES_S, Sent, deliver
from flows.home import Home, open_home
from flows.once import process_all
from flows.target import Target, check_address, target_of

SECRET = "a-secret-of-more-than-16-bytes"
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@dataclass
class Receiver:
    """An HTTP server that answers as told and keeps what it was sent."""

    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture(name="receiver")
def receiver_of_a_test() -> Iterator[Receiver]:
    with receiving() as told:
        yield told


@contextmanager
def receiving() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.posts.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(told.statuses.pop(0) if told.statuses else 204)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/doctally"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(settings: Settings, receiver: Receiver) -> Iterator[Home]:
    given = {
        "webhook_url": receiver.url,
        "webhook_secret": SecretStr(SECRET),
        "webhook_private": True,
    }
    with open_home(settings.model_copy(update=given), load_engine=lambda _: FakeEngine()) as found:
        yield found


def work(opened: Home, **named: str) -> None:
    for name, words in named.items():
        drop(opened.folders.inbox, f"{name}.pdf", invoice_pdf(name, words=words))
    list(process_all(opened, told=lambda _: None))


def send(opened: Home, at: datetime = NOW) -> Sent:
    target = target_of(opened.settings)
    assert target is not None
    return deliver(opened.database, target, now=lambda: max(at, NOW))


def only(opened: Home) -> deliveries.Delivery:
    (found,) = deliveries.deliveries(opened.database)
    return found


def later(opened: Home) -> datetime:
    return opened.now() + timedelta(days=3)


def test_accepted_documents_are_told_once_signed_and_with_all_values(
    opened: Home, receiver: Receiver
) -> None:
    work(opened, good="", unsure="UNSURE", bad="POISON")
    assert send(opened, opened.now()) == Sent(delivered=1)
    assert send(opened, later(opened)) == Sent()
    ((headers, body),) = receiver.posts
    message = json.loads(body)
    assert message["type"] == "document.accepted"
    assert message["data"]["file"] == "good.pdf"
    assert message["data"]["fields"]["total_gross"]["value"] == "119.00"
    (row,) = documents.recent(opened.database, state=State.ACCEPTED)
    assert message["data"]["document_id"] == row.document_id
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    ours = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest())
    assert headers["webhook-signature"] == f"v1,{ours.decode()}"
    assert headers["content-type"] == "application/json"


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of the Standard Webhooks specification and its libraries.
    keys = keys_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = signature(
        keys,
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_side_by_side_while_one_replaces_the_other() -> None:
    both = signature(keys_of(f"{'a' * 20} {'b' * 20}"), message_id="m", timestamp=1, body=b"")
    old = signature(keys_of("a" * 20), message_id="m", timestamp=1, body=b"")
    assert both.split()[0] == old and len(both.split()) == 2


@pytest.mark.parametrize("secret", ["", "short", "whsec_no base64!"])
def test_a_secret_that_protects_nothing_is_refused(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="webhook_secret"):
        keys_of(secret)


def test_trouble_that_may_pass_is_tried_again_with_the_same_id_and_ever_later(
    opened: Home, receiver: Receiver
) -> None:
    work(opened, good="")
    receiver.statuses += [503, 429, 500]
    at = later(opened)
    for attempt, pause in enumerate(PAUSES_S[:3], start=1):
        assert send(opened, at) == Sent(postponed=1)
        waiting = only(opened)
        assert (waiting.attempts, waiting.state) == (attempt, DeliveryState.WAITING)
        assert waiting.next_at == at + timedelta(seconds=pause)
        assert send(opened, waiting.next_at - timedelta(seconds=1)) == Sent()
        at = waiting.next_at
    assert send(opened, at) == Sent(delivered=1)
    assert len({headers["webhook-id"] for headers, _ in receiver.posts}) == 1
    assert len({body for _, body in receiver.posts}) == 1
    assert len(receiver.posts) == 4


def test_a_receiver_that_asks_for_more_time_gets_it(opened: Home, receiver: Receiver) -> None:
    work(opened, good="")
    receiver.statuses, receiver.headers = [429], {"retry-after": "900"}
    at = later(opened)
    send(opened, at)
    assert only(opened).next_at == at + timedelta(seconds=900)


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422, 302])
def test_a_refusal_is_not_tried_again_but_waits_for_a_person(
    opened: Home, receiver: Receiver, status: int
) -> None:
    work(opened, good="")
    receiver.statuses, receiver.headers = [status], {"location": "http://127.0.0.1:9/"}
    assert send(opened, later(opened)) == Sent(dead=1)
    assert send(opened, later(opened) + timedelta(days=9)) == Sent()
    dead = only(opened)
    assert (dead.state, dead.last_status) == (DeliveryState.DEAD, status)
    assert dead.last_error.startswith(str(status))
    assert len(receiver.posts) == 1


def test_after_the_last_pause_a_message_is_given_up_and_can_be_sent_again(
    opened: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(opened, good="")
    receiver.statuses += [500] * (len(PAUSES_S) + 1)
    at = later(opened)
    for _ in PAUSES_S:
        assert send(opened, at) == Sent(postponed=1)
        at += timedelta(days=2)
    assert send(opened, at) == Sent(dead=1)
    assert "given up after 10 attempts" in only(opened).last_error
    monkeypatch.setenv("DOCTALLY_HOME", str(opened.folders.home))
    assert run(["deliveries", "retry", str(only(opened).delivery_id)]) == 0
    assert run(["deliveries", "retry", "--all"]) == 0
    assert send(opened, later(opened)) == Sent(delivered=1)
    assert run(["deliveries", "retry", "999"]) == 2


def test_the_command_lists_what_waits_for_a_person(
    opened: Home,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    work(opened, good="")
    receiver.statuses += [404]
    send(opened, later(opened))
    monkeypatch.setenv("DOCTALLY_HOME", str(opened.folders.home))
    assert run(["deliveries", "list", "--state", "dead", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["file"], told["state"], told["status"]) == ("good.pdf", "dead", 404)
    assert run(["deliveries", "list", "--state", "lost"]) == 1
    found = {check.name: check for check in checks(opened.settings)}["webhook"]
    assert found.warning and "1 messages given up" in found.detail


def test_when_nobody_answers_the_round_ends_and_nothing_is_lost(
    opened: Home, receiver: Receiver
) -> None:
    work(opened, one="", two="", three="")
    target = target_of(opened.settings.model_copy(update={"webhook_url": "http://127.0.0.1:9/"}))
    assert target is not None
    at = later(opened)
    assert deliver(opened.database, target, now=lambda: at) == Sent(postponed=1)
    assert deliveries.counts(opened.database) == {DeliveryState.WAITING: 3}
    assert send(opened, at + timedelta(days=1)) == Sent(delivered=3)


def test_a_sender_killed_after_the_post_sends_the_same_id_again(
    opened: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(opened, good="")
    at = later(opened)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(deliveries, "settle", _killed)
        send(opened, at)
    assert send(opened, at) == Sent()  # still kept by the one that was killed
    assert send(opened, at + timedelta(hours=1)) == Sent(delivered=1)
    first, second = (headers["webhook-id"] for headers, _ in receiver.posts)
    assert first == second


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_without_a_webhook_nothing_is_put_by(settings: Settings) -> None:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as opened:
        work(opened, good="")
        assert deliveries.deliveries(opened.database) == []
        assert target_of(opened.settings) is None


def target(url: str, *, private: bool = False) -> Target:
    made = target_of(
        Settings(webhook_url=url, webhook_secret=SecretStr(SECRET), webhook_private=private)
    )
    assert made is not None
    return made


def at(*addresses: str) -> Callable[..., list[tuple[Any, ...]]]:
    return lambda *_, **__: [(2, 1, 6, "", (address, 443)) for address in addresses]


@pytest.mark.parametrize(
    ("url", "addresses", "private", "sentence"),
    [
        ("https://erp.example/", ["10.1.2.3"], False, "WEBHOOK_PRIVATE"),
        ("https://erp.example/", ["93.184.216.34", "127.0.0.1"], False, "WEBHOOK_PRIVATE"),
        ("https://erp.example/", ["169.254.169.254"], False, "WEBHOOK_PRIVATE"),
        ("https://erp.example/", ["fe80::1%eth0"], False, "WEBHOOK_PRIVATE"),
        ("http://erp.example/", ["93.184.216.34"], False, "https"),
        ("http://erp.example/", ["10.1.2.3", "93.184.216.34"], True, "https"),
        ("http://erp.example/", ["10.1.2.3"], True, None),
        ("https://erp.example/", ["93.184.216.34"], False, None),
    ],
)
def test_documents_go_over_the_internet_with_tls_and_inside_only_when_allowed(
    url: str, addresses: list[str], private: bool, sentence: str | None
) -> None:
    if sentence is None:
        check_address(target(url, private=private), resolve=at(*addresses))
        return
    with pytest.raises(ConfigurationError, match=sentence):
        check_address(target(url, private=private), resolve=at(*addresses))


@pytest.mark.parametrize("url", ["ftp://x/", "file:///etc/passwd", "erp.example", "https://h:x/"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="webhook_url"):
        target(url)


def test_the_secret_is_read_from_a_file_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    monkeypatch.setenv("DOCTALLY_WEBHOOK_SECRET_FILE", str(tmp_path / "secret"))
    assert run(["settings", "--json"]) == 0
    shown = capsys.readouterr().out
    assert SECRET not in shown and "webhook_secret" in shown


def test_up_says_what_is_wrong_with_the_webhook_before_it_starts_anything(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCTALLY_HOME", str(settings.home))
    monkeypatch.setenv("DOCTALLY_WEBHOOK_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("DOCTALLY_WEBHOOK_SECRET", SECRET)
    assert run(["up"]) == 1
    assert "DOCTALLY_WEBHOOK_PRIVATE" in capsys.readouterr().err
    assert not settings.home.exists()

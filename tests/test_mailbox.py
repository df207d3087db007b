"""A mailbox on a real IMAP server: each message lands in the inbox once, whatever happens."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from containers import mail_of
from fakes import FakeEngine, invoice_pdf
from mailserver import PASSWORD, MailServer, mail_server

from db import documents
from doctally.errors import AccessDenied
from doctally.settings import Settings
from flows import mailbox
from flows.home import Home, open_home
from flows.mailbox import Fetched, fetch
from flows.once import process_all


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@contextmanager
def at_home(settings: Settings, server: MailServer, user: str, **more: object) -> Iterator[Home]:
    given = Settings(**{**settings.model_dump(), **server.settings(user), **more})
    with open_home(given, load_engine=lambda _: FakeEngine()) as home:
        yield home


@contextmanager
def client(server: MailServer, user: str) -> Iterator[imaplib.IMAP4]:
    connection = imaplib.IMAP4("127.0.0.1", server.port)
    connection.login(user, PASSWORD)
    yield connection
    connection.logout()


def send(server: MailServer, user: str, *contents: bytes) -> None:
    with client(server, user) as connection:
        for content in contents:
            assert connection.append("INBOX", None, None, content)[0] == "OK"


def message(number: str) -> bytes:
    return mail_of("See the file.", {f"{number}.pdf": invoice_pdf(number)}).as_bytes()


def inbox(home: Home) -> list[str]:
    return sorted(path.name for path in home.folders.inbox.rglob("*") if path.is_file())


def stop_once(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *, after: bool) -> None:
    """Play a kill before or after an effect, the first time it happens."""
    real = getattr(owner, name)
    played: list[str] = []

    def effect(*given: object, **named: object) -> object:
        if not played:
            played.append(name)
            if after:
                real(*given, **named)
            raise KeyboardInterrupt
        return real(*given, **named)

    monkeypatch.setattr(owner, name, effect)


def test_each_message_is_taken_once_and_stays_unread_where_it_was(
    settings: Settings, server: MailServer
) -> None:
    send(server, "once", message("R-1"), message("R-2"))
    with at_home(settings, server, "once") as home:
        assert fetch(home) == Fetched(new=2)
        assert len(inbox(home)) == 2
        assert fetch(home) == Fetched()
        list(process_all(home, told=lambda _: None))
        assert fetch(home) == Fetched()
        states = {row.name: str(row.state) for row in documents.recent(home.database)}
        assert states["R-1.pdf"] == states["R-2.pdf"] == "accepted"
        assert {row.tags for row in documents.recent(home.database)} == {("mail",)}
    with client(server, "once") as connection:
        connection.select("INBOX")
        assert connection.search(None, "UNSEEN", "KEYWORD", "$Doctally")[1] == [b"1 2"]
    send(server, "once", message("R-3"))
    with at_home(settings, server, "once") as home:
        assert fetch(home) == Fetched(new=1)


def test_messages_are_moved_where_the_settings_say(settings: Settings, server: MailServer) -> None:
    send(server, "moved", message("R-1"))
    with at_home(settings, server, "moved", imap_done_folder='Taken "here"') as home:
        assert fetch(home) == Fetched(new=1)
        assert fetch(home) == Fetched()
    with client(server, "moved") as connection:
        assert connection.select('"Taken \\"here\\""')[1] == [b"1"]
        assert connection.select("INBOX")[1] == [b"0"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("effect", ["deliver", "done"])
@pytest.mark.parametrize("processed", [False, True])
def test_a_kill_between_file_and_mark_repeats_harmlessly(
    settings: Settings,
    server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    effect: str,
    after: bool,
    processed: bool,
) -> None:
    user = f"killed-{effect}-{after}-{processed}".lower()
    send(server, user, message("R-1"), message("R-2"))
    owner = mailbox if effect == "deliver" else mailbox.Mailbox
    stop_once(monkeypatch, owner, effect, after=after)
    with at_home(settings, server, user) as home:
        with pytest.raises(KeyboardInterrupt):
            fetch(home)
        if processed:
            list(process_all(home, told=lambda _: None))
        fetch(home)
        list(process_all(home, told=lambda _: None))
        assert fetch(home) == Fetched()
        rows = documents.recent(home.database)
        assert sorted(row.name for row in rows if row.parent_id) == ["R-1.pdf", "R-2.pdf"]
        assert len(rows) == 4
        assert not any(documents.document(home.database, r.document_id).arrivals for r in rows)


def test_a_message_that_is_too_large_is_told_of_and_left(
    settings: Settings, server: MailServer
) -> None:
    large = mail_of("See the file.", {"large.bin": bytes(range(256)) * 8000}).as_bytes()
    send(server, "large", large, message("R-1"))
    with at_home(settings, server, "large", max_file_mb=1) as home:
        assert fetch(home) == Fetched(new=1, refused=1)
        assert fetch(home) == Fetched()
        (row,) = documents.recent(home.database)
        assert (str(row.state), row.reason_code) == ("failed", "too_large")


def test_what_is_no_message_is_taken_like_one(settings: Settings, server: MailServer) -> None:
    send(server, "odd", b"\r\nno header at all\r\n", b"Subject: \xff\xfe\r\n\r\n\x80\x81\r\n")
    with at_home(settings, server, "odd") as home:
        assert fetch(home) == Fetched(new=2)


def test_a_wrong_password_and_a_missing_folder_are_told(
    settings: Settings, server: MailServer
) -> None:
    with (
        at_home(settings, server, "who", imap_password="wrong") as home,
        pytest.raises(AccessDenied) as told,
    ):
        fetch(home)
    assert told.value.code == "mailbox_denied"
    with (
        at_home(settings, server, "who", imap_folder="Nowhere") as home,
        pytest.raises(AccessDenied) as told,
    ):
        fetch(home)
    assert told.value.code == "mailbox_denied"


def test_a_server_that_does_not_answer_is_told(settings: Settings, tmp_path: Path) -> None:
    nobody = MailServer(1, tmp_path / "log")
    with at_home(settings, nobody, "who") as home, pytest.raises(AccessDenied) as told:
        fetch(home)
    assert told.value.code == "mailbox_unreachable"

"""A mail server with log-in that keeps what it is given, and the block that sends through it."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from ports import free_port

from flows.mailing import SmtpEmail

PASSWORD = "a-secret"


class Letters(Sink):
    """What a mail server was given, and for whom."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], EmailMessage]] = []

    async def handle_DATA(  # noqa: N802  so aiosmtpd calls it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        letter = email.message_from_bytes(cast("bytes", envelope.content), policy=default)
        self.got.append((envelope.rcpt_tos, letter))
        return "250 taken"


@pytest.fixture(scope="module")
def post() -> Iterator[Controller]:
    """A mail server that takes nothing from people it does not know."""

    def known(*given: Any) -> AuthResult:
        said = given[-1]
        right = isinstance(said, LoginPassword) and said.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)  # else it answers nothing

    server = Controller(
        Letters(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=known,
        auth_required=True,
        auth_require_tls=False,
    )
    server.start()
    yield server
    server.stop()


def by_mail(post: Controller, **more: Any) -> SmtpEmail:
    given = {
        "host": post.hostname,
        "port": post.port,
        "encryption": "none",
        "user": "doctally",
        "password": PASSWORD,
        "sender": "doctally@example.com",
        "receivers": ["a@example.com", "b@example.com"],
    }
    return SmtpEmail(**{**given, **more})

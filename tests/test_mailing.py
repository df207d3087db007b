"""Notifications by e-mail: a real mail server with log-in takes them, or says why not."""

from __future__ import annotations

import asyncio

import pytest
from aiosmtpd.controller import Controller
from letters import by_mail
from prefect.blocks.abstract import NotificationError


def test_a_mail_that_the_server_does_not_take_is_an_error(post: Controller) -> None:
    for wrong in ({"password": "guessed"}, {"encryption": "starttls"}, {"port": 1}):
        block = by_mail(post, **wrong)
        with block.raise_on_failure(), pytest.raises(NotificationError):
            asyncio.run(block.notify("text", "subject"))
    assert post.handler.got == []


def test_a_mail_reaches_all_receivers_as_plain_text_under_one_line(post: Controller) -> None:
    post.handler.got.clear()
    asyncio.run(by_mail(post).notify("Größe: <b>1</b>", "late\nBcc: x@example.com"))
    ((receivers, letter),) = post.handler.got
    assert receivers == ["a@example.com", "b@example.com"]
    assert (letter["Subject"], letter["Bcc"]) == ("late Bcc: x@example.com", None)
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().strip() == "Größe: <b>1</b>"

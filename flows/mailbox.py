"""The flow ``mailbox``: every new message of a mailbox goes into the inbox, once and only once.

A message is known by its content (SHA-256) in SQL, and its file has the same name every time it
is fetched (the folder's UIDVALIDITY and the message's UID). Order: the file, complete and on disk,
by one rename; then the mark on the server. Killed in between, the next look fetches the message
again and finds it in the inbox or in SQL: it is only marked. Nothing is deleted on the server.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from db import documents
from flows.folders import denied
from flows.home import Home
from flows.imap import Letterhead, Mailbox, open_mailbox
from flows.ingest import home_of_run
from flows.instance import AlreadyRunning

TAG = "mail"


@dataclass(frozen=True, slots=True)
class Fetched:
    """How many messages were put into the inbox, were there already, were refused."""

    new: int = 0
    known: int = 0
    refused: int = 0


@flow(name="mailbox", flow_run_name="look into the mailbox", persist_result=False)
async def mailbox() -> State[Any]:
    """Put every new message of the mailbox into the inbox."""
    try:
        with home_of_run() as home:
            if not home.settings.imap_host:
                return Completed(name="Skipped", message="no mailbox: DOCTALLY_IMAP_HOST is empty")
            found = await asyncio.to_thread(fetch, home)
    except AlreadyRunning as error:
        return Completed(name="Skipped", message=error.message)
    message = f"{found.new} new messages, {found.known} known, {found.refused} refused"
    get_run_logger().info(message)
    return Completed(name=None if found.new or found.refused else "Nothing new", message=message)


def fetch(home: Home) -> Fetched:
    """Take every new message; raises AccessDenied when the server or the disk says no."""
    new = known = refused = 0
    with open_mailbox(home.settings) as box:
        for letter in box.new():
            if letter.size > home.settings.max_file_mb * 1_000_000:
                _refuse(home, box, letter)
                refused += 1
                continue
            content = box.content(letter)
            if content is None:
                continue
            if deliver(home, letter.name, content):
                new += 1
            else:
                known += 1
            box.done(letter)
    return Fetched(new, known, refused)


def deliver(home: Home, name: str, content: bytes) -> bool:
    """Put a message into the inbox, on disk for good; False when its content is known already."""
    digest = hashlib.sha256(content).hexdigest()
    target = home.folders.inbox / TAG / name
    if documents.with_content(home.database, digest) is not None or _is_there(target, content):
        return False
    part = target.with_name(f".{name}.part")
    try:
        target.parent.mkdir(exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise denied(target, error) from error
    return True


def _is_there(target: Path, content: bytes) -> bool:
    return target.is_file() and target.read_bytes() == content


def _refuse(home: Home, box: Mailbox, letter: Letterhead) -> None:
    """Tell in SQL of a message that is too large; it stays where it is, flagged."""
    limit = home.settings.max_file_mb
    documents.refuse(
        home.database,
        name=letter.name,
        tags=(TAG,),
        size=letter.size,
        code="too_large",
        message=f"The message has {letter.size / 1e6:.0f} MB; the limit is {limit} MB. "
        "It was left in the mailbox, flagged.",
        owner=home.owner,
        now=home.now(),
    )
    box.flag(letter)

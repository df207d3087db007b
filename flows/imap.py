"""A mailbox over IMAP: which messages are new, their bytes, and marking them as done."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from doctally.errors import AccessDenied
from doctally.settings import Settings

KEYWORD = "$Doctally"
"""The flag of a message that was taken; it stays in its folder if no other is given."""
_TIMEOUT_S = 60.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """A message on the server: its number in this folder's numbering, and its size in bytes."""

    uid: int
    uid_validity: int
    size: int

    @property
    def name(self) -> str:
        """Return the file name of the message: the same every time it is fetched."""
        return f"mail-{self.uid_validity}-{self.uid}.eml"


class Mailbox:
    """An opened folder of a mailbox; made by ``open_mailbox``."""

    def __init__(self, server: imaplib.IMAP4, settings: Settings) -> None:
        self._server = server
        self._done = settings.imap_done_folder
        self._validity = self._select(settings.imap_folder)
        flags = b" ".join(v for v in server.response("PERMANENTFLAGS")[1] or [] if v)
        self._flag = KEYWORD if rb"\*" in flags or KEYWORD.encode() in flags else r"\Flagged"
        able = server.capability()[1][0] or b""  # asked again: more is told after the login
        self._moves = bool(self._done) and b"MOVE" in able.upper().split()
        if self._moves:
            server.create(_quoted(self._done))  # an answer of NO: it is there already

    def new(self) -> Iterator[Letterhead]:
        """Yield the messages that were not taken yet, the oldest first."""
        search = f"UNKEYWORD {KEYWORD}" if self._flag == KEYWORD else "UNFLAGGED"
        found = self._ask("SEARCH", "UNDELETED", *search.split())
        listed = b" ".join(line for line in found if isinstance(line, bytes))
        for uid in sorted(int(number) for number in listed.split()):
            answer = b" ".join(
                _whole(line) for line in self._ask("FETCH", str(uid), "(RFC822.SIZE)") if line
            )
            size = _SIZE.search(answer)
            if size:  # none: it was removed meanwhile
                yield Letterhead(uid, self._validity, int(size.group(1)))

    def content(self, letter: Letterhead) -> bytes | None:
        """Return the message as it came, not marked as read; None if it was removed meanwhile."""
        for line in self._ask("FETCH", str(letter.uid), "(BODY.PEEK[])"):
            if isinstance(line, tuple):
                return bytes(line[1])
        return None

    def done(self, letter: Letterhead) -> None:
        """Mark a message as taken: move it in one step where the server can, else flag it."""
        if self._moves:
            self._ask("MOVE", str(letter.uid), _quoted(self._done))
        else:
            self._ask("STORE", str(letter.uid), "+FLAGS.SILENT", f"({self._flag})")

    def flag(self, letter: Letterhead) -> None:
        """Leave a message where it is and do not offer it again."""
        self._ask("STORE", str(letter.uid), "+FLAGS.SILENT", f"({self._flag})")

    def _select(self, folder: str) -> int:
        status, _ = self._server.select(_quoted(folder))
        if status != "OK":
            raise AccessDenied(f"the mailbox has no folder {folder!r}", code="mailbox_denied")
        told = self._server.response("UIDVALIDITY")[1]
        return int(told[0]) if told and told[0] else 0

    def _ask(self, command: str, *given: str) -> list[bytes | tuple[bytes, bytes] | None]:
        status, answer = self._server.uid(command, *given)
        if status != "OK":
            raise AccessDenied(f"the mail server refused {command}", code="mailbox_denied")
        return list(answer)


@contextmanager
def open_mailbox(settings: Settings) -> Iterator[Mailbox]:
    """Give the mailbox that the settings name; raises AccessDenied with what went wrong."""
    where = f"{settings.imap_host}:{settings.imap_port}"
    try:
        server = _connected(settings)
        try:
            server.login(settings.imap_user, settings.imap_password.get_secret_value())
            yield Mailbox(server, settings)
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()
    except imaplib.IMAP4.error as error:
        raise AccessDenied(f"mail server {where}: {error}", code="mailbox_denied") from error
    except (OSError, EOFError) as error:
        raise AccessDenied(f"mail server {where}: {error}", code="mailbox_unreachable") from error


def _connected(settings: Settings) -> imaplib.IMAP4:
    host, port = settings.imap_host, settings.imap_port
    if settings.imap_tls == "tls":
        safe = ssl.create_default_context()
        return imaplib.IMAP4_SSL(host, port, ssl_context=safe, timeout=_TIMEOUT_S)
    server = imaplib.IMAP4(host, port, timeout=_TIMEOUT_S)
    if settings.imap_tls == "starttls":
        server.starttls(ssl.create_default_context())
    return server


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _whole(line: bytes | tuple[bytes, bytes]) -> bytes:
    return b" ".join(line) if isinstance(line, tuple) else line

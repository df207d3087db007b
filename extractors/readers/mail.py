"""E-mails (.eml, RFC 5322 with MIME), however malformed: body as pages, attachments as parts.

A message inside the message (forwarded) is a part with the type of a message, which is opened in
its turn. Encrypted messages cannot be opened.
"""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import Message
from typing import Any

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from extractors.letter import Enclosure, Letter, reading_of
from extractors.mime import charset_text, headers_of, name_of
from extractors.source import Source

_DEEPEST = 40


def read(source: Source) -> Reading:
    """Return body and parts; raises UnreadableDocument: ``encrypted``, ``too_deep``, ..."""
    data = source.path.read_bytes()
    try:
        message = message_from_bytes(data, policy=policy.compat32)
        letter = letter_of(message)
    except RecursionError as error:
        raise _too_deep() from error
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        raise UnreadableDocument(
            f"The message is damaged ({type(error).__name__}); ask for it again.", code="damaged"
        ) from error
    return reading_of(letter, source.media, source.limits)


def letter_of(message: Any) -> Letter:
    """Return the message's headers, bodies and enclosures, as far as they can be made out."""
    found = _Found()
    found.take(message, 0)
    return Letter(
        headers_of(message), "\n".join(found.plain), "\n".join(found.html), tuple(found.enclosures)
    )


class _Found:
    """What was met on the way through a message."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.html: list[str] = []
        self.enclosures: list[Enclosure] = []

    def take(self, part: Message[Any, Any], depth: int) -> None:
        """Take one part of the message and all that is in it."""
        if depth > _DEEPEST:
            raise _too_deep()
        kind = part.get_content_type()
        if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"):
            raise UnreadableDocument(
                "The message is encrypted or sealed; forward it in the clear.", code="encrypted"
            )
        payload = part.get_payload()
        if kind == "message/rfc822":
            self._inner(part, payload)
        elif isinstance(payload, list):
            for inner in payload:
                if isinstance(inner, Message):
                    self.take(inner, depth + 1)
        else:
            self._leaf(part, kind)

    def _inner(self, part: Message[Any, Any], payload: Any) -> None:
        inner = payload[0] if isinstance(payload, list) and payload else None
        if not isinstance(inner, Message):
            content = part.get_payload(decode=True)
            data = content if isinstance(content, bytes) else b""
            self.enclosures.append(Enclosure(name_of(part) or "message.eml", data))
            return
        subject = headers_of(inner).get("subject") or "message"
        self.enclosures.append(Enclosure(f"{subject[:80]}.eml", _bytes_of(inner)))

    def _leaf(self, part: Message[Any, Any], kind: str) -> None:
        name = name_of(part)
        content = part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else b""
        disposition = str(part.get("Content-Disposition") or "").strip().lower()
        attached = disposition.startswith("attachment") or bool(name)
        if kind.startswith("multipart/"):
            kind = "text/plain"  # it names no boundary, so it is one piece of text
        if kind in ("text/plain", "text/html") and not attached:
            text = charset_text(data, part.get_content_charset())
            (self.html if kind == "text/html" else self.plain).append(text)
            return
        cid = str(part.get("Content-ID") or "").strip("<> ")
        inline = not disposition.startswith("attachment")
        self.enclosures.append(Enclosure(name or kind.replace("/", "."), data, kind, cid, inline))


def _bytes_of(message: Message[Any, Any]) -> bytes:
    """Return the inner message as it stood; where it cannot be written, what is readable of it."""
    try:
        return message.as_bytes(policy=policy.compat32)
    except (LookupError, ValueError, TypeError, AttributeError):
        return str(message.get_payload()).encode("utf-8", "replace")


def _too_deep() -> UnreadableDocument:
    return UnreadableDocument(
        f"The message has parts more than {_DEEPEST} deep, as no mail program writes.",
        code="too_deep",
    )

"""Outlook messages (.msg): body as pages, attachments as parts.

A message attached to the message is written out as an e-mail and opened in its turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.parser import HeaderParser

from olefile import OleFileIO
from oxmsg.domain import constants as known
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from extractors.letter import Enclosure, Letter, reading_of
from extractors.mime import charset_text, headers_of
from extractors.post import as_eml
from extractors.richtext import text_of_packed_rtf
from extractors.source import Source

_DEEPEST = 10
_OUTER, _INNER, _ATTACHMENT = 32, 24, 8
"""Bytes before the properties of the message itself, one inside another, an attachment."""
_INNER_MESSAGE = "__substg1.0_3701000D"
_PACKED_RTF = 0x1009


def read(source: Source) -> Reading:
    """Return body and parts; raises UnreadableDocument (``damaged``, ``too_deep``)."""
    try:
        with OleFileIO(source.path) as file:
            _check_sizes(file, source.path.stat().st_size)
            letter = _letter(Storage.from_ole(file), 0)
    except UnreadableDocument:
        raise
    except Exception as error:  # the libraries raise whatever a damaged file makes happen
        raise UnreadableDocument(
            f"The message is damaged ({type(error).__name__}); save it again.", code="damaged"
        ) from error
    return reading_of(letter, source.media, source.limits)


def _check_sizes(file: OleFileIO, size: int) -> None:
    """Refuse a directory that claims more than the file has: the library would try to read it."""
    claimed = sum(entry.size for entry in file.direntries if entry is not None)
    if claimed > 2 * size:
        message = f"The message claims {claimed:,} bytes in a file of {size:,}; save it again."
        raise UnreadableDocument(message, code="damaged")


def _letter(storage: Storage, depth: int) -> Letter:
    if depth > _DEEPEST:
        raise UnreadableDocument("Messages lie too deep inside each other.", code="too_deep")
    properties = Properties(storage, _INNER if depth else _OUTER)
    plain = properties.str_prop_value(known.PID_BODY) or ""
    html = properties.binary_prop_value(known.PID_HTML)
    html_text = charset_text(html, _encoding(properties)) if html else ""
    html_text = html_text or properties.str_prop_value(known.PID_BODY_HTML) or ""
    packed = properties.binary_prop_value(_PACKED_RTF)
    if packed and not plain.strip() and not html_text:
        plain = text_of_packed_rtf(packed)
    return Letter(
        headers=_headers(properties),
        plain=plain,
        html=html_text,
        enclosures=[_enclosure(inner, depth) for inner in storage.iter_attachment_storages()],
    )


def _encoding(properties: Properties) -> str | None:
    try:
        return properties.body_encoding
    except Exception:  # a code page that nobody knows
        return None


def _headers(properties: Properties) -> Mapping[str, str]:
    """Return the header as it was sent, and where it lacks a field what Outlook says of it."""
    raw = properties.str_prop_value(known.PID_TRANSPORT_MESSAGE_HEADERS) or ""
    sent = properties.date_prop_value(known.PID_CLIENT_SUBMIT_TIME)
    name = properties.str_prop_value(known.PID_SENDER_NAME) or ""
    address = (
        properties.str_prop_value(known.PID_SENDER_SMTP_ADDRESS)
        or properties.str_prop_value(known.PID_SENDER_EMAIL_ADDRESS)
        or ""
    )
    told = {
        "from": f"{name} <{address}>" if name and address else name or address,
        "to": properties.str_prop_value(known.PID_DISPLAY_TO) or "",
        "cc": properties.str_prop_value(known.PID_DISPLAY_CC) or "",
        "subject": properties.str_prop_value(known.PID_SUBJECT) or "",
        "date": sent.isoformat(timespec="seconds") if sent else "",
    }
    found = headers_of(HeaderParser().parsestr(raw))
    return {name: value or told.get(name, "") for name, value in found.items()}


def _enclosure(storage: Storage, depth: int) -> Enclosure:
    properties = Properties(storage, _ATTACHMENT)

    def text(number: int) -> str:
        return properties.str_prop_value(number) or ""

    name = text(known.PID_ATTACH_LONG_FILENAME) or text(known.PID_ATTACH_FILENAME)
    name = name or text(known.PID_DISPLAY_NAME)
    inner = next((s for s in storage.storages if s.name == _INNER_MESSAGE), None)
    if inner is not None and any(s.name == "__properties_version1.0" for s in inner.streams):
        return Enclosure(f"{name or 'message'}.eml", as_eml(_letter(inner, depth + 1)))
    content_id = text(known.PID_ATTACH_CONTENT_ID)
    return Enclosure(
        name=name,
        content=properties.binary_prop_value(known.PID_ATTACH_DATA_BINARY) or b"",
        media_type=text(known.PID_ATTACH_MIME_TAG),
        content_id=content_id,
        inline=bool(content_id),
    )

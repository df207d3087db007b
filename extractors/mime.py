"""The header of a message, however malformed: names, subjects and dates as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.header import decode_header
from email.utils import parsedate_to_datetime
from typing import Any

_LONGEST = 1000
_WANTED = ("from", "to", "cc", "subject", "message_id", "in_reply_to")


def headers_of(message: Any) -> Mapping[str, str]:
    """Return the wanted fields and the date (ISO, UTC); empty where absent."""
    found = {name: _field(message, name.replace("_", "-")) for name in _WANTED}
    return {**found, "date": date_of(_field(message, "date"))}


def date_of(text: str) -> str:
    """Return the moment in ISO form, UTC, or the text as it stands where it is none."""
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, TypeError, OverflowError, IndexError):
        return text


def name_of(part: Any) -> str:
    """Return the file name a part was sent with, decoded; empty when it has none."""
    try:
        return plain_text(str(part.get_filename() or ""))
    except (LookupError, ValueError, TypeError, AttributeError, UnicodeError):
        return ""


def plain_text(raw: str) -> str:
    """Return a header value with its encoded words decoded and its folds undone."""
    try:
        pieces = [
            piece.decode(code or "utf-8", "replace") if isinstance(piece, bytes) else str(piece)
            for piece, code in decode_header(raw)
        ]
    except (LookupError, ValueError, TypeError):
        pieces = [raw]
    text = "".join(pieces).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(text.split())[:_LONGEST]


def charset_text(data: bytes, charset: str | None) -> str:
    """Return the text in the charset it claims; where that fails as UTF-8, or Windows-1252."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name) if name else data.decode()
        except (LookupError, ValueError, TypeError):
            continue
    return data.decode("cp1252", "replace")


def _field(message: Any, name: str) -> str:
    try:
        return plain_text(str(message.get(name) or ""))
    except (LookupError, ValueError, TypeError, AttributeError):
        return ""

"""winmail.dat (TNEF), in which Outlook hides attachments from other mail programs."""

from __future__ import annotations

from typing import Any

from tnefparse import TNEF

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from extractors.letter import Enclosure, Letter, reading_of
from extractors.mime import charset_text
from extractors.post import as_eml
from extractors.richtext import text_of_packed_rtf
from extractors.source import Source

_DEEPEST = 10


def read(source: Source) -> Reading:
    """Return body and parts; raises UnreadableDocument (``damaged``, ``too_deep``)."""
    data = source.path.read_bytes()
    try:
        letter = _letter(TNEF(data, do_checksum=False), 0)
    except UnreadableDocument:
        raise
    except Exception as error:  # the library raises whatever a damaged file makes happen
        raise UnreadableDocument(
            f"The winmail.dat is damaged ({type(error).__name__}); have it sent again as plain "
            "text or HTML.",
            code="damaged",
        ) from error
    return reading_of(letter, source.media, source.limits)


def _letter(found: Any, depth: int) -> Letter:
    if depth > _DEEPEST:
        raise UnreadableDocument("Messages lie too deep inside each other.", code="too_deep")
    plain, html = _text(found.body), _text(found.htmlbody)
    if not plain.strip() and not html and found._rtfbody:
        plain = text_of_packed_rtf(found._rtfbody)
    return Letter(
        plain=plain,
        html=html,
        enclosures=[_enclosure(attachment, depth) for attachment in found.attachments],
    )


def _enclosure(attachment: Any, depth: int) -> Enclosure:
    name = _text(attachment.long_filename()).strip("\0 ")
    inner = getattr(attachment, "embed", None)
    if inner is not None:
        return Enclosure(f"{name or 'message'}.eml", as_eml(_letter(inner, depth + 1)))
    data = attachment.data
    return Enclosure(name, data if isinstance(data, bytes) else b"")


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else b""
    if isinstance(value, bytes):
        return charset_text(value.rstrip(b"\0"), None)
    return str(value or "")

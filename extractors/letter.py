"""A message, whatever it was packed in: its body becomes pages, its attachments become parts.

What is there for looks only is left aside: logos and signatures in the body, the sender's
cryptographic signature, invitations and visiting cards.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image, UnidentifiedImageError

from doctally.errors import UnreadableDocument
from doctally.pages import Notice, Part, Reading
from extractors import notices
from extractors.limits import ReadLimits
from extractors.markup import text_of_html
from extractors.plain import pages_of_text, wrapped

SHOWN = ("from", "to", "cc", "date", "subject")
_FEW_WORDS = 4
"""A body of fewer words is no document."""
_DECORATION_BYTES = 5_000
_PICTURE_BYTES = 100_000
"""A picture in the body of a kind that is not looked into is decoration below this size."""
_PAGE_PIXELS = 600_000
"""A picture in the body is a page from this size, unless it is as wide as a banner."""
_BANNER = 1.8
_ASIDE = {
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-keys",
    "application/pgp-encrypted",
    "text/calendar",
    "text/vcard",
    "text/x-vcard",
    "text/directory",
    "text/x-amp-html",
    "text/rfc822-headers",
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
}
_CID = re.compile(r"""cid:([^"'\s>)]+)""", re.I)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Something in a message: its name as sent, content, type; where it is used in the body."""

    name: str
    content: bytes
    media_type: str = ""
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A message: header fields of ``SHOWN`` and ``message_id``, bodies, enclosures."""

    headers: Mapping[str, str] = field(default_factory=dict)
    plain: str = ""
    html: str = ""
    enclosures: Sequence[Enclosure] = ()


def reading_of(letter: Letter, media_type: str, limits: ReadLimits) -> Reading:
    """Return the message's pages and parts; raises UnreadableDocument (``too_many_parts``).

    A message without a body to speak of has no pages.
    """
    shown = text_of_html(letter.html) if letter.html else None
    body = _fuller(letter.plain, shown.text if shown else "")
    told = [notices.scripts_ignored()] if shown and shown.scripts else []
    used = {found.lower() for found in _CID.findall(letter.html)}
    taken = [e for e in letter.enclosures if not _aside(e, used)]
    left = [e.name or e.media_type for e in letter.enclosures if _aside(e, used)]
    if left:
        told.append(notices.parts_ignored(left, "logos, signatures, invitations"))
    if len(taken) > limits.max_parts:
        raise UnreadableDocument(
            f"The message holds {len(taken)} files; the limit is {limits.max_parts}.",
            code="too_many_parts",
        )
    head = [f"{n.capitalize()}: {letter.headers[n]}" for n in SHOWN if letter.headers.get(n)]
    worth = len(body.split()) >= _FEW_WORDS or (body.strip() and not taken)
    text = "\n".join([*head, "", body]) if worth else ""
    pages, total = pages_of_text(text, max_pages=limits.max_pages)
    if total > len(pages):
        told.append(notices.pages_cut(len(pages), total))
    return Reading(
        media_type=media_type,
        pages=tuple(pages),
        parts=tuple(Part(e.name, e.content) for e in taken),
        notices=tuple[Notice, ...](told),
        metadata={name: value for name, value in letter.headers.items() if value},
    )


def _fuller(plain: str, html: str) -> str:
    """Return the body that says more; of equals the one meant for plain text."""
    letters = [sum(letter.isalnum() for letter in text) for text in (plain, html)]
    text = html if letters[1] > 1.1 * letters[0] else plain
    return "\n".join(line for part in text.splitlines() for line in _lines(part))


def _lines(line: str) -> list[str]:
    running = "  " not in line.strip() and "\t" not in line
    return wrapped(line) or [""] if running else [line]


def _aside(enclosure: Enclosure, used: set[str]) -> bool:
    """Tell whether an enclosure is no document: decoration, or for machines only."""
    kind = enclosure.media_type.lower()
    if kind in _ASIDE or not enclosure.content:
        return True
    if not kind.startswith("image/"):
        return False
    if len(enclosure.content) < _DECORATION_BYTES:
        return True
    if not enclosure.inline and enclosure.content_id.strip("<> ").lower() not in used:
        return False
    width, height = _size(enclosure.content)
    if not width:
        return len(enclosure.content) < _PICTURE_BYTES
    return width * height < _PAGE_PIXELS or width > _BANNER * height


def _size(content: bytes) -> tuple[int, int]:
    """Return width and height of a picture, (0, 0) where that cannot be told."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            formats = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
            with Image.open(io.BytesIO(content), formats=formats) as image:
                return image.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return 0, 0

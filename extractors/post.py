"""A letter as the bytes of an e-mail, the same bytes for the same letter."""

from __future__ import annotations

import hashlib
from email import policy
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from extractors.letter import Enclosure, Letter

_FIELDS = ("from", "to", "cc", "subject", "date", "message_id")


def as_eml(letter: Letter) -> bytes:
    """Return the letter as an e-mail."""
    message = MIMEMultipart("mixed", boundary=_boundary(letter), policy=policy.compat32)
    for name in _FIELDS:
        value = " ".join(letter.headers.get(name, "").split())
        if value:
            message[name.replace("_", "-").title()] = Header(value, "utf-8").encode()
    for text, kind in ((letter.plain, "plain"), (letter.html, "html")):
        if text:
            message.attach(MIMEText(text.encode("utf-8", "replace").decode(), kind, "utf-8"))
    for enclosure in letter.enclosures:
        message.attach(_attached(enclosure))
    return message.as_bytes()


def _attached(enclosure: Enclosure) -> MIMEBase:
    if enclosure.name.endswith(".eml"):
        kind = ("application", "octet-stream")
    else:
        main, _, sub = enclosure.media_type.partition("/")
        plain = main.isalnum() and sub.replace("-", "").replace(".", "").replace("+", "").isalnum()
        kind = (main, sub) if plain else ("application", "octet-stream")
    if kind[0] in ("multipart", "message"):
        kind = ("application", "octet-stream")
    part = MIMEBase(*kind)
    part.set_payload(enclosure.content)
    encode_base64(part)
    place = "inline" if enclosure.inline else "attachment"
    part.add_header("Content-Disposition", place, filename=("utf-8", "", enclosure.name or "file"))
    if enclosure.content_id.isprintable() and enclosure.content_id:
        part.add_header("Content-ID", f"<{enclosure.content_id.strip('<>')}>")
    return part


def _boundary(letter: Letter) -> str:
    digest = hashlib.sha256(f"{letter.plain}\0{letter.html}".encode("utf-8", "replace"))
    for enclosure in letter.enclosures:
        digest.update(hashlib.sha256(enclosure.content).digest())
    return f"part-{digest.hexdigest()[:32]}"

"""How the pages look: colours that mean the same everywhere, in light and dark, and the layout."""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse

SURE = 0.9

CSS = Path(__file__).with_suffix(".css")
STYLES = "/look.css"
_FOR_GOOD = "private, max-age=31536000, immutable"


def shade(confidence: float, source: str, accept_confidence: float) -> str:
    """Return how sure a value is, as its colour is called: human, sure, fair or doubt."""
    if source == "human":
        return "human"
    if confidence < accept_confidence:
        return "doubt"
    return "sure" if confidence >= SURE else "fair"


def spoken(name: str) -> str:
    """Return a name of ours as people read it: ``total_gross`` is Total gross."""
    words = name.replace("_", " ")
    for short in ("iban", "bic", "id", "edi"):
        words = " ".join(short.upper() if word == short else word for word in words.split())
    return words[:1].upper() + words[1:]


@cache
def styles_address() -> str:
    """Return where the style sheet of this release is; browsers need not ask for it again."""
    return f"{STYLES}?v={zlib.crc32(CSS.read_bytes()):08x}"


def register(app: FastAPI) -> None:
    """Add the route of the style sheet."""

    def styles() -> FileResponse:
        return FileResponse(CSS, media_type="text/css", headers={"cache-control": _FOR_GOOD})

    app.add_api_route(STYLES, styles, include_in_schema=False)

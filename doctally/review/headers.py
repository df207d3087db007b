"""The headers that every answer carries, and NiceGUI's scripts with the nonce they need.

NiceGUI compiles its components in the browser and styles elements one by one, so its pages need
'unsafe-eval' and inline styles; inline scripts run only where the template itself has them: they
get a nonce, what a document's text may smuggle into the page gets none.
"""

from __future__ import annotations

import re
import secrets

from starlette.datastructures import MutableHeaders

NONCE = "doctally.nonce"
_SCRIPT = re.compile(r"<script\b(?![^>]*\bnonce=)")
_COMMON = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; style-src 'self' 'unsafe-inline'; "
)
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Nonce:
    """A random word for the scripts of one answer; ``used`` once a page has asked for it."""

    def __init__(self) -> None:
        self.used = False
        self._value = secrets.token_urlsafe(16)

    def __str__(self) -> str:
        self.used = True
        return self._value


def policy(nonce: Nonce) -> str:
    """Return the Content-Security-Policy: strict, or with what NiceGUI's pages need."""
    if not nonce.used:
        return f"{_COMMON}script-src 'self'"
    return f"{_COMMON}script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; worker-src 'self' blob:"


def secure(headers: MutableHeaders, *, nonce: Nonce, https: bool) -> None:
    """Add to an answer's headers what browsers need to be told."""
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    headers.setdefault("content-security-policy", policy(nonce))
    headers.setdefault("cache-control", "no-store")
    if https:
        headers.setdefault("strict-transport-security", "max-age=31536000")


def with_nonce(source: str) -> str:
    """Return a template whose own scripts, and only those, get the nonce."""
    return _SCRIPT.sub("<script nonce=\"{{ request.scope.get('" + NONCE + "', '') }}\"", source)
